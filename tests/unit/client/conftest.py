from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.fake_daemon import FakeDaemon
from wa_tui import wire
from wa_tui.client import Client, Unix


@pytest.fixture
def directory() -> Iterator[Path]:
    """A short path: a Unix socket's has at most 107 bytes."""
    with TemporaryDirectory(prefix="wa", dir="/tmp") as path:
        yield Path(path)


@pytest.fixture
async def daemon(directory: Path) -> AsyncIterator[FakeDaemon]:
    sessions = [
        wire.SessionView(gateway="eu-1", session_id="s1", status="connected"),
        wire.SessionView(gateway="eu-1", session_id="s2", status="qr_pending"),
    ]
    gateways = [wire.GatewayView(name="eu-1", url="http://127.0.0.1:3000", state="up")]
    async with FakeDaemon(
        directory / "wa_tui.sock", sessions=sessions, gateways=gateways, api_key="key"
    ) as daemon:
        yield daemon


@pytest.fixture
async def client(daemon: FakeDaemon) -> AsyncIterator[Client]:
    client = Client(Unix(daemon.socket), who="ann@laptop")
    yield client
    await client.close()
