"""A state directory, and a daemon on its socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.fake_daemon import FakeDaemon
from tests.unit.cli.shell import MINUTE, NOW, Shell, session
from wa_tui import wire


@pytest.fixture
def shell() -> Iterator[Shell]:
    with TemporaryDirectory(prefix="wa", dir="/tmp") as directory:
        shell = Shell(Path(directory))
        yield shell
        shell.end()


@pytest.fixture
async def daemon(shell: Shell) -> AsyncIterator[FakeDaemon]:
    sessions = [
        session("eu-1", "billing_1", instance_name="billing", phone_number="4915255500007", user_id="7"),
        session("eu-1", "shared", desired="offline"),
        session("eu-2", "shared"),
        session("eu-2", "user_7_3f9c", instance_name="日本", proven_at=None, history=[(1, "c")]),
    ]
    gateways = [
        wire.GatewayView(name=name, url="http://x:3000", state="up", since=NOW - 130 * MINUTE, latency_ms=4)
        for name in ("eu-1", "eu-2")
    ]
    async with FakeDaemon(shell.directory / "wa_tui.sock", sessions=sessions, gateways=gateways) as daemon:
        yield daemon
