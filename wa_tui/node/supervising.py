"""Keeps the service running beside a daemon: started anew when it ends, ended with the daemon."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wa_tui.config import Config
from wa_tui.system.descriptors import give_back

from .errors import NodeError
from .installing import Installation
from .leftovers import clear
from .output import Output
from .requirements import find_tools
from .service import GATEWAY, PARENT_PIPE, Service, service_for

log = logging.getLogger("wa_tui.node")


@dataclass(frozen=True, slots=True)
class Timing:
    """In seconds: the pause before a start is ``first``, doubled each time up to ``longest``.

    A service that ran for ``steady`` begins with ``first`` again. It may take ``farewell`` to close its browsers and
    end, browsers that outlived it ``browsers``.
    """

    first: float = 1.0
    longest: float = 30.0
    steady: float = 60.0
    farewell: float = 12.0
    browsers: float = 3.0


def mark_of(state_dir: Path) -> str:
    """Return the mark of a supervised service's processes, alike in every life of the daemon of ``state_dir``."""
    return f"{PARENT_PIPE}={state_dir.resolve()}"


def supervise(config: Config, environ: Mapping[str, str]) -> Supervisor:
    """Return what keeps the installed service running under the daemon of ``config``; raises `NodeError`."""
    installation = Installation(environ)
    if not installation.there:
        raise NodeError("the Node service is not installed: run `wa-tui node install` first")
    if not installation.current:
        log.warning("The installed Node service is not the one of this wa-tui: run `wa-tui node install`")
    tools = find_tools(environ, npm=False)
    return Supervisor(service_for(config, environ, tools, installation.directory), config.state_dir)


class Supervisor:
    """Runs one service under the daemon of ``state_dir``, with its output in ``node.log`` there.

    The service has a pipe as its standard input that ends with the daemon, however that went.
    """

    def __init__(self, service: Service, state_dir: Path, timing: Timing | None = None) -> None:
        self._service = service
        self._log = state_dir / "node.log"
        self._timing = timing or Timing()
        self._mark = mark_of(state_dir)
        self._trouble: str | None = None

    @property
    def gateway(self) -> str:
        """The gateway that the service is."""
        return GATEWAY

    @property
    def trouble(self) -> str | None:
        """Why the service does not run at the moment, in a sentence; ``None`` while it does."""
        return self._trouble

    async def run(self, on_line: Callable[[str], None]) -> None:
        """Run the service until cancelled, and end it then; ``tell`` gets its lines and what happens to it."""
        output = Output(self._log, on_line)
        try:
            if count := await clear(self._mark, self._timing.farewell):
                output.say(f"what an earlier Node service had left is ended (processes: {count})")
            await self._keep_running(output)
        finally:
            await clear(self._mark, self._timing.browsers)
            output.close()

    async def _keep_running(self, output: Output) -> None:
        pause = self._timing.first
        while True:
            started = time.monotonic()
            how = await self._run_once(output)
            # What ran for long and ended is another trouble than what ends at once: it is started without delay.
            if time.monotonic() - started >= self._timing.steady:
                pause = self._timing.first
            self._trouble = f"the Node service {how}; it is started again in {pause:g} s (see {self._log})"
            output.say(self._trouble)
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._timing.longest)

    async def _run_once(self, output: Output) -> str:
        """Run the service and return how it ended; cancelled, end it first."""
        name, _, value = self._mark.partition("=")
        try:
            process = await asyncio.create_subprocess_exec(
                *self._service.command,
                cwd=self._service.directory,
                env={**self._service.environment, name: value},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                # Ctrl-C in the terminal is for the daemon, which then ends the service in order.
                start_new_session=True,
            )
        except OSError as error:
            return f"could not be started ({self._service.command[0]}: {error.strerror})"
        # The daemon has raised its own limit of open files; programs that use `select` rest on the one before.
        give_back(process.pid)
        self._trouble = None
        output.say(f"the Node service was started (process {process.pid}, port {self._service.port})")
        assert process.stdout is not None
        output.last = ""
        reading = asyncio.create_task(output.read(process.stdout), name="node output")
        try:
            code = await process.wait()
        finally:
            await _end(process, self._timing.farewell)
            await clear(self._mark, self._timing.browsers)
            with contextlib.suppress(TimeoutError):
                # Something else may hold the pipe open.
                await asyncio.wait_for(reading, 1.0)
        return _ending(code, output.last)


async def _end(process: asyncio.subprocess.Process, seconds: float) -> None:
    """Have the service end: asked first, then by force, with whatever else is in its process group."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        # Also where it ended by itself: what it started may live on in its group.
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _ending(code: int, last: str) -> str:
    """Return how it ended; what it said last is why, where it ended by itself."""
    if code >= 0:
        return f"ended with code {code}{f' ({last})' if code and last else ''}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:  # a real-time signal
        return f"was ended by signal {-code}"
