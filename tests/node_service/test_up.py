"""Two commands, `wa-tui node install` and `wa-tui up`, take a user from nothing to a scanned code and back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.daemon.waiting import free_port, until
from tests.terminal import Terminal
from wa_tui.client import Client, Unix

from .chromium import browsers, flags
from .phone import Phone
from .screen import code_on_screen, on_screen

NUMBER = "4915550001"


@dataclass
class Up:
    """A `wa-tui up` in a terminal of its own, and the state directory that it keeps everything in."""

    environment: dict[str, str]
    state_dir: Path
    terminal: Terminal


@pytest.fixture
def up(installed: Path, phone: Phone, profiles: Path) -> Iterator[Up]:
    state_dir = Path(tempfile.mkdtemp(prefix="wa-"))
    environment = {
        "WA_TUI_STATE_DIR": str(state_dir),
        "WA_TUI_LISTEN": f"127.0.0.1:{free_port()}",
        "NODE_SERVICE_URL": f"http://127.0.0.1:{free_port()}",
        "XDG_CONFIG_HOME": str(state_dir),
        "XDG_DATA_HOME": str(data_home(installed)),
        "WWEBJS_DATA_PATH": str(profiles),
        "WWEBJS_WEB_VERSION_CACHE": "none",
        "CHROMIUM_ARGS": "\n".join(flags(phone.port)),
    }
    with Terminal([sys.executable, "-m", "wa_tui", "up"], environment=environment) as terminal:
        yield Up(environment, state_dir, terminal)
    shutil.rmtree(state_dir, ignore_errors=True)


async def test_from_up_to_a_scanned_code(up: Up, phone: Phone, profiles: Path) -> None:
    await pair(up, phone)
    up.terminal.send("enter")
    await on_screen(up.terminal, "Sessions 1")
    up.terminal.send("q")
    assert await asyncio.to_thread(up.terminal.wait, 20) == 0
    await ended(up, profiles)


async def test_a_daemon_that_is_killed_takes_the_service_and_its_browsers_along(
    up: Up, phone: Phone, profiles: Path
) -> None:
    await pair(up, phone)
    client = Client(Unix(up.state_dir / "wa_tui.sock"), who="tester")
    daemon = (await client.status()).daemon.pid
    await client.close()
    services = running(up)
    assert len(services) == 1
    up.terminal.signal(signal.SIGSTOP)  # the monitor, which would start another daemon at once
    os.kill(daemon, signal.SIGKILL)
    await ended(up, profiles)
    up.terminal.signal(signal.SIGCONT)


async def pair(up: Up, phone: Phone) -> None:
    """Make a session in the monitor and scan its code off the terminal."""
    await on_screen(up.terminal, "Session restoration complete", 30)
    await on_screen(up.terminal, "● default")
    up.terminal.send("n")
    await on_screen(up.terminal, "Instance name")
    for keys in ("billing", "enter", "7"):
        up.terminal.send(keys)
        await asyncio.to_thread(up.terminal.settle)
    up.terminal.send("enter")
    shown = await phone.code()
    await code_on_screen(up.terminal, shown)
    await phone.scan(shown, NUMBER)
    await on_screen(up.terminal, f"connected as +{NUMBER}")


async def ended(up: Up, profiles: Path) -> None:
    """Wait until neither the service nor a browser is there."""

    async def nothing() -> bool:
        return not running(up) and not browsers(profiles)

    await until(nothing, 15, lambda: f"still there: {running(up)} {browsers(profiles)}")


def running(up: Up) -> list[int]:
    """Return the services that run for this state directory."""
    mark = f"WA_TUI_PARENT_PIPE={up.state_dir.resolve()}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                found += [int(entry.name)] if b"src/main.js" in (entry / "cmdline").read_bytes() else []
    return found


def data_home(installed: Path) -> Path:
    """Return what `XDG_DATA_HOME` was when the service was installed there."""
    return installed.parent.parent
