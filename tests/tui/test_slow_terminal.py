"""Terminals that are slow, that stand still, that answer late or never, and that something else wrote on."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tests.benchmarks.attached import Crowd, attached, crowd
from tests.benchmarks.stall import frames
from tests.terminal import Terminal
from wa_tui.tui.feed import Pacer

pytestmark = pytest.mark.pty

SESSIONS = 300
ONE_PAINTING = 9_000
"""Bytes that a whole screen of 120x40 takes, at most."""
WHILE_STANDING = 2
"""Frames sent to a terminal that stands, at most: the rest of the one it stopped in, and one that its last answer let
go. None, where it stopped with a whole frame read and not yet answered."""


@pytest.fixture(scope="module")
def daemon() -> Iterator[Crowd]:
    with crowd(SESSIONS) as daemon:
        yield daemon


@pytest.fixture(autouse=True)
def rest(daemon: Crowd) -> Iterator[None]:
    yield
    daemon.tell("rate 0 1")


def happen(daemon: Crowd, events: int) -> None:
    """Let so many events happen."""
    wanted = int(daemon.tell("count")) + events
    until(lambda: int(daemon.tell("count")) >= wanted)


def until(holds: Callable[[], bool], timeout: float = 40.0) -> None:
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, f"it did not come about in {timeout} s"
        time.sleep(0.02)


def cursor(terminal: Terminal) -> str:
    return next((line[16:28] for line in terminal.lines() if line.startswith("▌")), "")


def connected(daemon: Crowd) -> Callable[[str], bool]:
    """Whether the screen counts as the daemon does."""
    wanted = daemon.tell("connected")
    return lambda screen: f"● {wanted} connected" in screen


def resume(terminal: Terminal, daemon: Crowd, seen: int) -> tuple[list[bytes], list[bytes]]:
    """Let a terminal read again; return the frames sent while it stood, and those that brought it up to date."""
    terminal.start_reading(answering=False)
    resumed = terminal.settle(0.5)
    terminal.answer()
    terminal.wait_for(connected(daemon))
    terminal.settle(0.7)
    return frames(terminal.output[seen:resumed]), frames(terminal.output[resumed:])


def test_a_terminal_that_stood_still_is_brought_up_to_date_in_one_frame(daemon: Crowd) -> None:
    with attached(daemon, SESSIONS) as terminal:
        daemon.tell("rate 300 20")
        happen(daemon, 600)
        terminal.stop_reading()
        seen = terminal.bytes_read
        happen(daemon, 500)
        daemon.tell("rate 0 1")
        minute = time.time() // 60
        sent, newest = resume(terminal, daemon, seen)
        assert len(sent) <= WHILE_STANDING
        # All ages go on together with the minute, in a frame of their own.
        assert 1 <= len(newest) <= 1 + time.time() // 60 - minute, (
            "and the newest state at once, with no state between"
        )
        assert len(newest[0]) < ONE_PAINTING


def test_keys_pressed_while_the_terminal_stands_are_in_that_frame_too(daemon: Crowd) -> None:
    with attached(daemon, SESSIONS) as terminal:
        daemon.tell("rate 300 20")
        happen(daemon, 600)
        terminal.stop_reading()
        seen, before = terminal.bytes_read, cursor(terminal)
        happen(daemon, 200)
        terminal.send("down", "down")
        happen(daemon, 300)
        terminal.send("down")
        happen(daemon, 300)
        daemon.tell("rate 0 1")
        minute = time.time() // 60
        sent, newest = resume(terminal, daemon, seen)
        assert len(sent) <= WHILE_STANDING
        assert 1 <= len(newest) <= 1 + time.time() // 60 - minute, "the keys and the newest state together"
        assert cursor(terminal) not in (before, "")


def test_a_key_is_answered_though_the_terminals_last_answer_was_lost(daemon: Crowd) -> None:
    with attached(daemon, SESSIONS) as terminal:
        for _ in range(6):
            terminal.send("down")
            terminal.settle(0.1)
        before = cursor(terminal)
        terminal.start_reading(answering=False)
        terminal.send("down")
        until(lambda: cursor(terminal) != before)
        terminal.settle(1.2)
        terminal.forget_questions()
        before = cursor(terminal)
        terminal.send("down")
        until(lambda: cursor(terminal) not in (before, ""), 1.5)


def test_keys_are_answered_on_a_slow_line_that_more_happens_than_it_carries(daemon: Crowd) -> None:
    with attached(daemon, SESSIONS, baud=115_200) as terminal:
        daemon.tell("rate 300 20")
        happen(daemon, 200)
        for key in ("end", "home"):
            before = cursor(terminal)
            terminal.send(key)
            until(lambda before=before: cursor(terminal) not in (before, ""))  # type: ignore[misc]
        daemon.tell("rate 0 1")
        seen = terminal.bytes_read
        terminal.wait_for(connected(daemon), 30)
        terminal.settle(1.0, 30)
        assert terminal.bytes_read - seen < 2 * ONE_PAINTING, "no frame waits behind another"


def test_a_terminal_that_answers_nothing_shows_what_happens_all_the_same(daemon: Crowd) -> None:
    with attached(daemon, SESSIONS, answers=False) as terminal:
        daemon.tell("rate 300 20")
        happen(daemon, 100)
        daemon.tell("rate 0 1")
        terminal.wait_for(connected(daemon))


def test_what_something_else_wrote_is_painted_over_when_asked_for(daemon: Crowd) -> None:
    with attached(daemon, SESSIONS) as terminal:
        clean = terminal.text()
        terminal.scribble("\x1b[10;1Hthe system is going down for reboot")
        assert terminal.text() != clean
        terminal.send("\x0c")
        terminal.wait_for(lambda screen: screen == clean)


def test_a_late_answer_does_not_reach_the_shell() -> None:
    shell = f"{sys.executable} -m tests.tui.monitor --real; sleep 0.6; echo the end"
    with Terminal(["sh", "-c", shell], answer_s=0.2) as terminal:
        terminal.wait_for("sales-eu")
        terminal.send("down", "q")
        terminal.wait_for("the end")
        assert b"^[[" not in terminal.output, "the shell's terminal echoes what it is sent"


class Clear:
    """A terminal that is clear when the test says so."""

    def __init__(self) -> None:
        self.clear = True
        self.painted = 0
        self.pacer = Pacer(self.paint, 0.01, lambda: self.clear)

    def paint(self) -> None:
        self.painted += 1


async def test_data_waits_until_the_terminal_has_taken_what_was_sent() -> None:
    terminal = Clear()
    terminal.pacer.touch()
    assert terminal.painted == 1
    terminal.clear = False
    for _ in range(3):
        terminal.pacer.touch()
        await asyncio.sleep(0.02)
    assert terminal.painted == 1
    terminal.pacer.resume()
    assert terminal.painted == 1, "something new was sent meanwhile"
    terminal.clear = True
    terminal.pacer.resume()
    assert terminal.painted == 2, "once, whatever came in"
    terminal.pacer.resume()
    assert terminal.painted == 2
    terminal.pacer.stop()
