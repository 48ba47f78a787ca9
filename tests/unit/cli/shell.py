"""Runs the command line as an engineer does: as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from tests.fake_daemon import FakeDaemon
from tests.nursery import Stream, run
from wa_tui import wire

NOW = wire.utc_now()
MINUTE = timedelta(minutes=1)


@dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.out)


class Shell:
    """Runs ``python -m wa_tui`` with a clean environment and a state directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "WA_TUI_STATE_DIR": str(directory),
            "TZ": "UTC",
            "PYTHONPATH": str(Path.cwd()),
        }
        self._started: list[asyncio.subprocess.Process] = []

    async def start(self, *arguments: str, **options: Any) -> asyncio.subprocess.Process:
        pipes = {"stdin": asyncio.subprocess.DEVNULL, "stdout": asyncio.subprocess.PIPE}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "wa_tui", *arguments),
            env=self.environment,
            **pipes | {"stderr": asyncio.subprocess.PIPE} | options,
        )
        self._started.append(process)
        return process

    def end(self) -> None:
        """Kill what still runs: a test that fails leaves no command behind that follows a daemon for ever."""
        for process in self._started:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)

    async def __call__(self, *arguments: str, **streams: Stream) -> Done:
        done = await asyncio.to_thread(
            lambda: run("wa_tui", *arguments, environment=self.environment, **streams)
        )
        return Done(done.returncode, done.stdout, done.stderr)


def session(gateway: str, session_id: str, **fields: Any) -> wire.SessionView:
    now = wire.utc_now()
    known: dict[str, Any] = {"status": "connected", "status_since": now - 3 * MINUTE, "proven_at": now}
    return wire.SessionView(gateway=gateway, session_id=session_id, **(known | fields))


def verify_all(daemon: FakeDaemon) -> None:
    def decide(request: wire.ActionRequest, receipt: wire.Receipt) -> wire.Receipt:
        return msgspec.structs.replace(receipt, outcome="verified", text="connected", ended_at=NOW)

    daemon.on_action = decide
