"""Stopped and brought back without a shell that knows of it; `test_tmux` has the shell."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import pytest

from tests.terminal import Terminal
from tests.tui.hands import SIZE, Hands
from tests.tui.until import until

pytestmark = pytest.mark.pty

COMMAND = [sys.executable, "-m", "tests.tui.monitor", "--real"]


def state(terminal: Terminal) -> str:
    """The process's state, ``T`` while it is stopped."""
    return Path(f"/proc/{terminal.process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_without_a_shell_to_go_back_to_it_says_so_and_goes_on() -> None:
    with Terminal(COMMAND) as terminal:
        terminal.wait_for("sales-eu")
        terminal.send("\x1a")
        terminal.wait_for("there is no shell to go back to")
        terminal.signal(signal.SIGTSTP)
        terminal.send("?")
        terminal.wait_for("the keys here, then all others")


def test_stopped_by_somebody_else_it_paints_all_of_the_screen_once_it_is_brought_back() -> None:
    with Terminal(COMMAND) as terminal:
        terminal.wait_for("sales-eu")
        terminal.settle()
        terminal.signal(signal.SIGSTOP)
        deadline = time.monotonic() + 5
        while state(terminal) != "T":
            assert time.monotonic() < deadline
        terminal.scribble("\x1b[2J\x1b[Hsomething else wrote here\x1b[?25h")
        assert "sales-eu" not in terminal.text()
        terminal.signal(signal.SIGCONT)
        terminal.wait_for(lambda screen: "sales-eu" in screen and "something else" not in screen)
        terminal.send("q")
        assert terminal.wait(5) == 0


async def test_where_nothing_can_be_suspended_the_key_says_so_in_a_form_too() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("n")
        await pilot.press("ctrl+z")
        await until(pilot, lambda: "there is no shell to go back to" in under.said)
