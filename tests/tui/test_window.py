"""The terminal's window says how it stands, is given back however the monitor ends, and is sent nothing for nothing."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.terminal import Terminal
from tests.tui.fake import FakeDaemon
from tests.tui.monitor import ONBOARDING, monitor
from tests.tui.until import until
from wa_tui.tui.output.window import WindowTitle, desktop_notice, has_title, passed_on
from wa_tui.tui.presenters.header import window_title

pytestmark = pytest.mark.pty

COMMAND = [sys.executable, "-m", "tests.tui.window_stage"]
TITLES = re.compile(rb"\x1b\]2;([^\x07]*)\x07")
GIVEN_BACK = b"\x1b]2;\x07\x1b[23;0t"


def titles(terminal: Terminal) -> list[str]:
    return [title.decode() for title in TITLES.findall(bytes(terminal.output))]


def wait(terminal: Terminal, holds: Callable[[], object], timeout: float = 40.0) -> None:
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, bytes(terminal.output)[-500:]
        time.sleep(0.02)


def begun(terminal: Terminal) -> int:
    """Wait until the title says who needs a person; return how many."""
    terminal.wait_for("sales-eu")
    wait(terminal, lambda: "need you" in titles(terminal)[-1] if titles(terminal) else False)
    return int(titles(terminal)[-1].partition(" · ")[2].split()[0])


def test_the_title_follows_the_number_and_nothing_else() -> None:
    with Terminal([*COMMAND, "osc9"]) as terminal:
        number = begun(terminal)
        assert bytes(terminal.output).count(b"\x1b[22;0t") == 1
        terminal.signal(signal.SIGUSR1)
        wait(terminal, lambda: f"{number + 1} need you" in titles(terminal)[-1])
        notices = re.findall(rb"\x1b\]9;([^\x07]*)\x07", bytes(terminal.output))
        assert [notice.decode() for notice in notices] == [
            f"{titles(terminal)[-1].split(' · ')[0]}: gateway eu-1: refuses our key"
        ]
        terminal.signal(signal.SIGUSR1)
        wait(terminal, lambda: f"{number} need you" in titles(terminal)[-1])
        written = titles(terminal)
        assert all(before != after for before, after in pairwise(written))
        seen = terminal.settle(0.6)
        assert terminal.settle(0.6) == seen, "idle, it is sent nothing"


@pytest.mark.parametrize("how", ["q", "SIGTERM", "SIGHUP", "crash"])
def test_it_is_given_back_however_the_monitor_ends(how: str) -> None:
    with Terminal(COMMAND) as terminal:
        begun(terminal)
        if how == "q":
            terminal.send("q")
        else:
            terminal.signal(signal.SIGUSR2 if how == "crash" else signal.Signals[how])
        terminal.wait(10)
        wait(terminal, lambda: GIVEN_BACK in bytes(terminal.output))
        assert bytes(terminal.output).rfind(GIVEN_BACK) > bytes(terminal.output).rfind(b"need you\x07")


def test_a_terminal_that_stalls_is_given_its_title_back_too() -> None:
    with Terminal(COMMAND) as terminal:
        begun(terminal)
        terminal.stop_reading()
        for _ in range(40):
            terminal.send("enter", "escape")
        terminal.signal(signal.SIGTERM)
        terminal.start_reading()
        terminal.wait(10)
        wait(terminal, lambda: GIVEN_BACK in bytes(terminal.output))


def test_a_console_without_a_title_is_sent_none() -> None:
    with Terminal(COMMAND, environment={"TERM": "linux"}) as terminal:
        terminal.wait_for("sales-eu")
        terminal.settle(0.5)
        assert not titles(terminal) and b"\x1b[22;0t" not in terminal.output
    assert all(has_title({"TERM": name}) for name in ("xterm-256color", "screen.xterm", "foot", "vte"))
    assert not any(has_title({"TERM": name}) for name in ("", "linux", "vt220"))


async def test_it_is_written_clean_once_and_not_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wa_tui.tui.output.window.PACE", 0.05)
    sent: list[str] = []
    free = True
    window = WindowTitle(sent.append, ready=lambda: free)
    window.show("before it is ours")
    assert sent == []
    window.begin()
    window.show("before it is ours")
    for text in ("2", "3", "4\x1b]2;evil\x07\n\x9b31m"):
        window.show(text)
    assert sent == ["\x1b[22;0t\x1b]2;before it is ours\x07"], "the newest waits for its time"
    while len(sent) < 2:
        await asyncio.sleep(0.01)
    assert sent[1:] == ["\x1b]2;4 \x07"], "and nothing of what is foreign"
    free = False
    window.show("5")
    await asyncio.sleep(0.12)
    assert len(sent) == 2, "a terminal that takes nothing is not told"
    free = True
    while len(sent) < 3:
        await asyncio.sleep(0.01)
    assert window.end() == GIVEN_BACK.decode()
    window.show("6")
    assert len(sent) == 3 and window.end() == "", "given back once"
    window.begin()
    assert sent[3:] == ["\x1b[22;0t\x1b]2;6\x07"], "after a pause it is there again"


async def test_the_name_of_a_multiplexers_window_is_given_back_with_it() -> None:
    sent: list[str] = []
    window = WindowTitle(sent.append)
    window.begin()
    window.rename("mine")
    window.show("ours")
    assert sent == ["\x1b[22;0t\x1b]2;ours\x07\x1bkours\x1b\\"]
    assert window.end().endswith("\x1bkmine\x1b\\")


def test_a_notice_is_one_sequence_whatever_is_in_it() -> None:
    assert desktop_notice("off", "wa-tui", "text", {}) == ""
    assert desktop_notice("osc9", "wa-tui a;b", "x\x07y\x1b[31m", {}) == "\x1b]9;wa-tui a;b: xy\x07"
    assert desktop_notice("osc777", "wa-tui a;b", "x;y", {}) == "\x1b]777;notify;wa-tui a,b;x;y\x07"
    assert passed_on("\x1b]9;x\x07", {"TMUX": "1"}) == "\x1bPtmux;\x1b\x1b]9;x\x07\x1b\\"
    assert passed_on("\x1b]9;x\x07", {"STY": "1"}) == "\x1bP\x1b]9;x\x07\x1b\\"


async def test_what_it_says() -> None:
    daemon = FakeDaemon()
    app = monitor(daemon, title="ours")

    def said() -> str:
        return window_title(app.state, "ours", app.state.now)

    assert said() == "wa-tui ours", "nothing is known yet"
    async with app.run_test() as pilot:
        await until(pilot, lambda: "need you" in said())
        number = int(said().split(" · ")[1].split()[0])
        daemon.change(ONBOARDING, snoozed_until=app.state.now + timedelta(hours=1))
        await until(pilot, lambda: f"{number - 1} need" in said())
        daemon.lose()
        await until(pilot, lambda: said().endswith(" · daemon gone"))
