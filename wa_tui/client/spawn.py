"""Finds the daemon of a state directory, or starts one and owns it (design §2)."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from wa_tui.config import ConfigError, open_private, private_dir

from . import errors
from .address import Unix
from .connection import Client
from .starting import Installation, interpreter, start_command

START_S = 60.0
"""A daemon answers within a second or two; one with a large database to check or to migrate may take a while."""
ANOTHER_DAEMON = 4
"""The exit code of a daemon that found the state directory's lock taken."""
REVIVAL_S = 10.0
"""A daemon that crashed is started anew at most so often, in seconds."""
YOUNG_S = 10.0
"""A daemon found here that ends in so many seconds was on its way out: the next one is ours."""
_IN_ORDER = (0, ANOTHER_DAEMON, -signal.SIGTERM, -signal.SIGINT)
_POLL_S = 0.025
_PROBE_S = 5.0
_LOG = "daemon.log"
_LOG_LINES = 12


async def find_or_start(
    config: Installation,
    *,
    who: str | None = None,
    read_only: bool = False,
    with_node: bool = False,
    command: Sequence[str] | None = None,
    deadline: float = START_S,
) -> Client:
    """Return a client of the daemon at ``config.socket``; when none answers, start one that ends with us.

    ``with_node`` has the started one run the bundled Node service; ``command`` replaces its command. Of two that
    start at once the daemon's lock picks one, and both attach to it. When one that we found crashes, we start the
    next. Raises `DaemonGone` when none answers within ``deadline`` seconds, or with the last lines of one that ended.
    """
    address = Unix(config.socket, start_command(config, os.environ, with_node=with_node))
    command = command or _command(config, with_node=with_node)
    owned = OwnedDaemon(command, config.state_dir, address)
    if await _answers(address):
        owned.join()
    else:
        await owned.start(deadline)
    return Client(address, who=who, read_only=read_only, owner=owned)


class OwnedDaemon:
    """The daemon of a state directory, found there or started by us.

    One that we started ends when our end of a pipe is closed, unless another monitor is attached.
    """

    def __init__(self, command: Sequence[str], state_dir: Path, address: Unix) -> None:
        self._command = command
        self._state_dir = state_dir
        self._address = address
        self._running: _Running | None = None
        self._started = -REVIVAL_S
        self._joined: float | None = None

    def join(self) -> None:
        """Take the one that answers, which is not ours."""
        self._joined = time.monotonic()

    async def start(self, deadline: float = START_S) -> None:
        """Start it and wait until it, or one that was quicker, answers; raises `DaemonGone`."""
        self._started = time.monotonic()
        try:
            async with asyncio.timeout(deadline):
                while not await self._answers_at_last():
                    await asyncio.sleep(8 * _POLL_S)
        except TimeoutError as error:
            raise errors.DaemonGone(
                f"a daemon was started for {self._address}, but none answered within {deadline:g} s; "
                f"see {self._state_dir / _LOG}"
            ) from error

    async def revive(self) -> None:
        """Start it anew when it crashed, whoever started it; one stopped on purpose stays so. Raises `DaemonGone`."""
        if time.monotonic() - self._started >= REVIVAL_S and await self._is_lost():
            self.release()
            await self.start()

    def release(self) -> None:
        """Let it end."""
        if self._running is not None:
            os.close(self._running.owner_end)
            self._running.process.poll()
            self._running = None

    async def _is_lost(self) -> bool:
        """Tell whether nothing answers although no person stopped the daemon."""
        code = self._running.process.poll() if self._running is not None else None
        if self._running is not None and code is None:
            return False
        if await _answers(self._address):
            return False
        crashed = code is not None and code not in _IN_ORDER
        young = self._joined is not None and time.monotonic() - self._joined < YOUNG_S
        # One that ends in order takes its socket away.
        return crashed or young or self._address.path.exists()

    async def _answers_at_last(self) -> bool:
        """Start one and wait for an answer; false when it gave way to one that has none yet, or none any more."""
        self._running = _run(self._command, self._state_dir)
        answers = False
        try:
            answers = await _until_answering(self._running, self._address)
        finally:
            if not answers:
                self._running.process.terminate()
                self.release()
        return answers


class _Running(Struct, frozen=True):
    """The process, the write end of its owner's pipe, and where its own lines in the log begin."""

    process: subprocess.Popen[bytes]
    owner_end: int
    log: Path
    log_start: int

    def last_lines(self) -> str:
        """Return the end of what it wrote."""
        with self.log.open("rb") as file:
            file.seek(self.log_start)
            lines = file.read()[-4000:].decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-_LOG_LINES:])


def _command(config: Installation, *, with_node: bool = False) -> list[str]:
    command = [*interpreter(), "-m", "wa_tui", "--daemon"]
    if with_node:
        command.append("--with-node")
    if config.source is not None:
        command += ["--config", str(config.source.absolute())]
    return command


def _run(command: Sequence[str], state_dir: Path) -> _Running:
    log = state_dir / _LOG
    try:
        private_dir(state_dir)
        output = open_private(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.set_blocking(output, True)
    except ConfigError as error:
        raise errors.DaemonGone(f"no daemon could be started: {error}") from error
    except OSError as error:
        raise errors.DaemonGone(
            f"no daemon could be started: {log} cannot be written ({error.strerror}); "
            "set WA_TUI_STATE_DIR to a directory of your own"
        ) from error
    log_start = os.fstat(output).st_size
    child_end, owner_end = os.pipe()
    try:
        process = subprocess.Popen(
            [*command, "--owner-fd", str(child_end)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[child_end],
            start_new_session=True,
        )
    except OSError as error:
        os.close(owner_end)
        raise errors.DaemonGone(f"no daemon could be started: {error}") from error
    finally:
        os.close(output)
        os.close(child_end)
    return _Running(process, owner_end, log, log_start)


async def _until_answering(running: _Running, address: Unix) -> bool:
    """Wait until a daemon answers; false when ours gave way to another that does not. Raises `DaemonGone`."""
    while not await _answers(address):
        code = running.process.poll()
        if code is None:
            await asyncio.sleep(_POLL_S)
            continue
        if code == ANOTHER_DAEMON:
            return await _answers(address)
        lines = running.last_lines()
        said = f":\n{lines}" if lines else f" without a word; see {running.log}"
        text = f"the daemon ended with code {code} before it answered{said}"
        raise errors.DaemonGone(text, log=lines, start=address.start)
    return True


async def _answers(address: Unix) -> bool:
    """Tell whether something listens on the socket; raises `DaemonGone` for one that may not be used."""
    try:
        async with asyncio.timeout(_PROBE_S):
            _, writer = await asyncio.open_unix_connection(str(address.path))
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        return False
    except TimeoutError as error:
        raise errors.silent(address, _PROBE_S) from error
    except OSError as error:
        raise errors.unreachable(address, error) from error
    writer.close()
    return True
