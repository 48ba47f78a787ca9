"""Runs a program of the operator's: no shell, a deadline, and no more of what it says than a few lines."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wa_tui.system.descriptors import give_back

DEADLINE = 30.0
"""Seconds that a run may take; then its process group is killed."""

KEPT = 4_096
"""Bytes of its output that are kept: the first ones."""

_SECRETS = ("WA_TUI_API_KEY", "NODE_SERVICE_API_KEY")
"""Variables that are the daemon's alone."""

_CHUNK = 65_536
_BREATH = 0.05
"""Seconds between two readings of what is not kept: a flood of output costs the program time, and the daemon little."""

_LAST_WORDS = 0.5
"""Seconds to wait for the rest of its output once it has ended: something that it left behind may hold the pipe."""


@dataclass(frozen=True, slots=True)
class Run:
    """How a run went: ``trouble`` is why it failed, ``None`` where it did not; ``said`` the begin of its output.

    ``cut``: it was ended before it could say whether it had done its work.
    """

    trouble: str | None
    said: str = ""
    cut: bool = False


def refusal(command: Sequence[str]) -> str | None:
    """Return why a command cannot be run on this machine; ``None`` where it can."""
    program = command[0]
    if shutil.which(program) is not None:
        return None
    if "/" not in program:
        return f"there is no program {program} in PATH"
    path = Path(program)
    if path.is_dir():
        return f"{program} is a directory, not a program"
    return f"{program} is not executable: chmod +x it" if path.exists() else f"there is no program {program}"


async def run(command: Sequence[str], given: bytes, directory: Path, deadline: float = DEADLINE) -> Run:
    """Run a command with ``given`` on its standard input, and return how that went; cancelled, end it first."""
    environment = {name: value for name, value in os.environ.items() if name not in _SECRETS}
    async with _output() as (output, end):
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=directory,
                env=environment,
                stdin=PIPE,
                stdout=end,
                stderr=STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = refusal(command) or (error.strerror if isinstance(error, OSError) else str(error))
            return Run(f"it cannot be run: {why}")
        finally:
            os.close(end)
        give_back(process.pid)
        return await _follow(process, output, given, deadline)


async def _follow(process: Process, output: asyncio.StreamReader, given: bytes, deadline: float) -> Run:
    kept = bytearray()
    reading = asyncio.create_task(_read(output, kept), name="hook output")
    try:
        async with asyncio.timeout(deadline):
            await _give(process, given)
            code = await process.wait()
    except TimeoutError:
        return Run(f"it did not end within {deadline:g} s, and was killed", _text(kept), cut=True)
    else:
        await asyncio.wait({reading}, timeout=_LAST_WORDS)
        return Run(None if code == 0 else _ending(code), _text(kept), cut=code < 0)
    finally:
        if process.returncode is None:
            await _kill(process)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


@contextlib.asynccontextmanager
async def _output() -> AsyncIterator[tuple[asyncio.StreamReader, int]]:
    """Make a pipe that is closed in the end, whoever holds its other end; yields that too, for who runs to close."""
    ours, theirs = os.pipe()
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours, "rb", 0)
    )
    try:
        yield reader, theirs
    finally:
        transport.close()


async def _give(process: Process, given: bytes) -> None:
    """Write to its standard input; a program that reads none of it may do so."""
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        # uvloop raises RuntimeError for what has ended by now.
        if not process.stdin.is_closing():
            process.stdin.write(given)
            await process.stdin.drain()
    process.stdin.close()


async def _read(output: asyncio.StreamReader, kept: bytearray) -> None:
    while chunk := await output.read(_CHUNK):
        kept += chunk[: KEPT - len(kept)]
        if len(kept) >= KEPT:
            await asyncio.sleep(_BREATH)


async def _kill(process: Process) -> None:
    """Kill it with all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _text(kept: bytearray) -> str:
    return " ".join(kept.decode("utf-8", "replace").split())


def _ending(code: int) -> str:
    if code >= 0:
        return f"it ended with exit code {code}"
    with contextlib.suppress(ValueError):
        return f"it was ended by {signal.Signals(-code).name}"
    return f"it was ended by signal {-code}"
