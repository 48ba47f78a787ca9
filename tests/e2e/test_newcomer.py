"""What a newcomer does: `wa-tui` in a terminal, a session drops, `r`, it is back; and the same headless."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.daemon.waiting import free_port
from tests.simulated import Simulated, simulated
from tests.terminal import Terminal

pytestmark = pytest.mark.pty

WA_TUI = [sys.executable, "-m", "wa_tui"]
KEY = "newcomer"
DROPPED = "user_1_instance_default-0"


@asynccontextmanager
async def gateway(state: Path) -> AsyncIterator[tuple[Simulated, dict[str, str]]]:
    """A gateway with three sessions, and the environment of a wa-tui that drives it."""
    listen = f"127.0.0.1:{free_port()}"
    async with simulated(
        sessions=3, control_plane=f"http://{listen}", api_key=KEY, start_seconds=0.3
    ) as simulator:
        yield (
            simulator,
            {
                "NODE_SERVICE_URL": simulator.url,
                "NODE_SERVICE_API_KEY": KEY,
                "WA_TUI_STATE_DIR": str(state),
                "WA_TUI_LISTEN": listen,
                "WA_TUI_LIST_SYNC_INTERVAL": "1",
            },
        )


def run(environment: dict[str, str], *detail: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WA_TUI, *detail],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


async def on_screen(terminal: Terminal, text: str, seconds: float = 40.0) -> str:
    return await asyncio.to_thread(terminal.wait_for, text, seconds)


async def test_a_session_drops_and_one_key_brings_it_back(tmp_path: Path) -> None:
    async with gateway(tmp_path / "state") as (simulator, environment):
        with Terminal(WA_TUI, environment=environment, columns=80, rows=24) as terminal:
            await on_screen(terminal, "3 connected")
            await simulator.fault("conflict", DROPPED)
            screen = await on_screen(terminal, "1 down")
            assert "conflict · close the other" in screen
            # Somebody reads it: within a second after it came up the key would ask first.
            await asyncio.sleep(1.5)
            terminal.send("r")
            await on_screen(terminal, "verified · connected")
            assert await simulator.status(DROPPED) == "connected"
            await on_screen(terminal, "3 connected")
            terminal.send("q")
            assert await asyncio.to_thread(terminal.wait) == 0
        await until_gone(tmp_path / "state" / "wa_tui.sock")


async def test_what_drops_comes_back_with_nobody_touching(tmp_path: Path) -> None:
    async with gateway(tmp_path / "state") as (simulator, environment):
        environment["WA_TUI_HEALING_BACKOFF_MIN"] = "1"
        with Terminal(WA_TUI, environment=environment, columns=120, rows=30) as terminal:
            await on_screen(terminal, "3 connected")
            await simulator.fault("drop", DROPPED, reason="Target closed")
            await on_screen(terminal, "reconnect 1 started")
            await on_screen(terminal, "reconnect verified: connected")
            await on_screen(terminal, "3 connected")
            terminal.send("q")
            assert await asyncio.to_thread(terminal.wait) == 0
        assert await simulator.status(DROPPED) == "connected"


async def until_gone(path: Path) -> None:
    """The owned daemon ends after its monitor."""
    async with asyncio.timeout(40):
        while await asyncio.to_thread(path.exists):
            await asyncio.sleep(0.05)


async def test_headless_the_command_line_does_the_same(tmp_path: Path) -> None:
    async with gateway(tmp_path / "state") as (simulator, environment):
        daemon = await asyncio.create_subprocess_exec(
            *WA_TUI,
            "--daemon",
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            await until_answered(environment)
            await simulator.fault("conflict", DROPPED)
            async with asyncio.timeout(40):
                while (await asyncio.to_thread(run, environment, "status")).returncode != 1:
                    await asyncio.sleep(0.1)
            back = await asyncio.to_thread(run, environment, "reconnect", DROPPED, "--json")
            assert back.returncode == 0, back.stderr
            assert json.loads(back.stdout)[0]["outcome"] == "verified"
            assert await simulator.status(DROPPED) == "connected"
            assert (await asyncio.to_thread(run, environment, "status")).returncode == 0
        finally:
            daemon.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(daemon.wait(), 15) == 0


async def until_answered(environment: dict[str, str]) -> None:
    async with asyncio.timeout(40):
        while True:
            asked = await asyncio.to_thread(run, environment, "sessions", "--json")
            if asked.returncode == 0 and len(json.loads(asked.stdout)) == 3:
                return
            await asyncio.sleep(0.1)


EVIL = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\u202e\nnext"


@pytest.mark.parametrize("keys", [(), ("enter",), ("l",)])
async def test_text_of_others_never_reaches_the_terminal_raw(tmp_path: Path, keys: tuple[str, ...]) -> None:
    async with gateway(tmp_path / "state") as (simulator, environment):
        with Terminal(WA_TUI, environment=environment) as terminal:
            await on_screen(terminal, "3 connected")
            await simulator.fault("drop", DROPPED, reason=EVIL)
            await on_screen(terminal, "1 down")
            terminal.send(*keys)
            await on_screen(terminal, "red")
            await asyncio.to_thread(terminal.settle)
            written = bytes(terminal.output)
    assert b"owned\x07" not in written
    assert b"\x1b[31mred" not in written
    assert "\u202e".encode() not in written


async def test_the_next_monitor_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    async with gateway(tmp_path / "state") as (_, environment):
        with Terminal(WA_TUI, environment=environment, columns=120, rows=30) as terminal:
            await on_screen(terminal, "3 connected")
            terminal.send("P", "/", "default-0", "enter")
            await on_screen(terminal, "1 of 3")
            terminal.send(":", "theme light", "enter", ":", "gateways", "enter")
            await on_screen(terminal, "› Gateways")
            terminal.signal(signal.SIGTERM)
            assert await asyncio.to_thread(terminal.wait) == 0
        with Terminal(WA_TUI, environment=environment, columns=120, rows=30) as terminal:
            await on_screen(terminal, "› Gateways")
            await on_screen(terminal, ":view last brings back the filter default-0 · by phone")
            terminal.send("escape")
            await on_screen(terminal, "Sessions 3   by phone")
            terminal.send("q")
            assert await asyncio.to_thread(terminal.wait) == 0
