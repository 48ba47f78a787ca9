"""What systemd is told by a daemon that it runs, and the log for what collects logs."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wa_tui.daemon.process.systemd import Systemd

from .conftest import NewDaemon

UNIT = Path(__file__).parents[2] / "deploy" / "wa-tui.service"


async def told(listener: socket.socket) -> AsyncIterator[str]:
    """Yield what is told, an assignment at a time."""
    loop = asyncio.get_running_loop()
    while True:
        async with asyncio.timeout(40):
            for line in (await loop.sock_recv(listener, 4096)).decode().splitlines():
                yield line


async def test_systemd_is_told_that_it_is_ready_how_it_stands_and_that_it_stops(
    new_daemon: NewDaemon, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.setblocking(False)
        said, daemon = told(listener), new_daemon()
        daemon.more = ("--log-format", "json")
        await daemon.start(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="200000")
        before = [line async for line in until_said(said, "READY=1")]
        # It lives before it is ready: to read a large store takes long.
        assert "WATCHDOG=1" in before
        await daemon.connected("a")
        assert [line async for line in until_said(said, "STATUS=1 sessions, 0 need a person")]
        assert "WATCHDOG=1" in [line async for line in until_said(said, "WATCHDOG=1")]
        assert await daemon.sigterm() == 0
        assert [line async for line in until_said(said, "STOPPING=1")]
    lines = [json.loads(line) for line in daemon.log().splitlines()]
    assert lines[0].keys() == {"time", "level", "logger", "message"}
    assert any(line["message"] == "Stopping" for line in lines)


async def until_said(said: AsyncIterator[str], last: str) -> AsyncIterator[str]:
    """Yield what is told up to one assignment, that included."""
    async for line in said:
        yield line
        if line == last:
            return


def test_an_address_may_be_none_of_the_file_system() -> None:
    name = f"wa-tui-{secrets.token_hex(8)}"
    environ = {"NOTIFY_SOCKET": f"@{name}", "WATCHDOG_USEC": "1000", "WATCHDOG_PID": str(os.getpid())}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name}")
        Systemd.of(environ).say("READY=1", "STATUS=well")
        assert listener.recv(100) == b"READY=1\nSTATUS=well"
    assert environ == {}


def test_nobody_need_listen() -> None:
    for place in ("/nowhere/at/all", "/", "@", "relative", "/x" * 200, "@" + "x" * 300, "/\udcff"):
        Systemd.of({"NOTIFY_SOCKET": place, "WATCHDOG_USEC": "9" * 400}).say("READY=1", "STATUS=\udc80")
    Systemd.of({}).say("READY=1")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_the_unit_is_one(tmp_path: Path) -> None:
    # What it runs and its user are those of an installation.
    text = UNIT.read_text().replace("/opt/wa_tui/.venv/bin/wa-tui", "/bin/true").replace("User=wa_tui", "")
    unit = tmp_path / "wa-tui.service"
    unit.write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
