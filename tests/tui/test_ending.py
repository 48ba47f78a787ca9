"""However the monitor ends, it ends cleanly and leaves the terminal as it was."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from textual import events
from textual.geometry import Size

from tests.terminal import Terminal
from tests.tui.fake import FakeDaemon
from tests.tui.monitor import monitor
from tests.tui.until import text, until
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.keyboard import Keyboard
from wa_tui.tui.presenters.outcomes import Notice

pytestmark = pytest.mark.pty

COMMAND = [sys.executable, "-m", "tests.tui.monitor", "--real"]


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with Terminal(COMMAND) as started:
        started.wait_for("sales-eu")
        yield started


def restored(terminal: Terminal) -> bool:
    """Whether the alternate screen was left, the cursor shown, and the mouse let go; the last bytes come late."""
    deadline = time.monotonic() + 20
    while not _is_restored(bytes(terminal.output)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return _is_restored(bytes(terminal.output))


def _is_restored(output: bytes) -> bool:
    return all(
        output.rfind(off) > output.rfind(on) >= 0
        for on, off in [
            (b"?1049h", b"?1049l"),
            (b"?25l", b"?25h"),
            (b"?1000h", b"?1000l"),
            (b"?2004h", b"?2004l"),
        ]
    )


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_a_key_ends_it(terminal: Terminal, key: str) -> None:
    terminal.send(key)
    assert terminal.wait(5) == 0
    assert restored(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it(terminal: Terminal, number: signal.Signals) -> None:
    terminal.signal(number)
    assert terminal.wait(5) == 0
    assert restored(terminal)


def test_a_closed_terminal_ends_it(terminal: Terminal) -> None:
    terminal.hang_up()
    assert terminal.wait(5) == 0


def test_a_vanished_terminal_ends_it_without_a_signal_to_say_so() -> None:
    deaf = """
import runpy, signal, sys
real = signal.signal
signal.signal = lambda number, handler: real(number, signal.SIG_IGN if number == signal.SIGHUP else handler)
sys.argv.append("--real")
runpy.run_module("tests.tui.monitor", run_name="__main__")
"""
    with Terminal([sys.executable, "-c", deaf]) as terminal:
        terminal.wait_for("sales-eu")
        terminal.hang_up()
        assert terminal.wait(2) == 0


def test_a_terminal_that_does_not_read_delays_the_end_by_seconds_at_most(terminal: Terminal) -> None:
    terminal.stop_reading()
    for _ in range(40):
        terminal.send("enter", "escape")
    with pytest.raises(subprocess.TimeoutExpired):
        terminal.wait(0.3)
    terminal.signal(signal.SIGTERM)
    assert terminal.wait(6) == 0


def test_a_daemon_that_cannot_be_started_is_a_failure() -> None:
    with Terminal([*COMMAND, "--stopped"], columns=80, rows=24) as terminal:
        terminal.wait_for("port 8000 is held by node (pid 812)")
        terminal.send("q")
        assert terminal.wait(5) == 1
        assert restored(terminal)


def test_an_idle_screen_sends_nothing() -> None:
    with Terminal(COMMAND) as terminal:
        terminal.wait_for("sales-eu")
        seen = terminal.settle(0.5)
        with pytest.raises(subprocess.TimeoutExpired):
            terminal.wait(0.7)
        assert terminal.bytes_read == seen


WHATEVER_COMES = pytest.mark.parametrize(
    "comes",
    [
        lambda app: app.feed.paint(),
        lambda app: app.feed.touch(),
        WaTuiApp.drained,
        lambda app: app.notices.say(Notice("the daemon is back", "good")),
        lambda app: app.post_message(events.Key("j", "j")),
        lambda app: app.post_message(events.Key("q", "q")),
        lambda app: app.post_message(events.Paste("/bil")),
        lambda app: app.post_message(events.MouseMove(None, 1, 1, 0, 0, 0, False, False, False)),
        lambda app: app.post_message(events.Resize(Size(80, 24), Size(80, 24))),
        lambda app: app.post_message(events.AppBlur()),
        lambda app: app.post_message(events.AppFocus()),
    ],
    ids=["paint", "data", "clear", "notice", "key", "quit", "paste", "mouse", "resize", "blur", "focus"],
)


@WHATEVER_COMES
async def test_what_comes_when_the_widgets_are_closed_and_their_screen_is_not_does_no_harm(
    comes: Callable[[WaTuiApp], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = monitor()
    close_all = app._close_all
    came: list[object] = []

    async def close_slowly() -> None:
        await app._prune(*app.screen.children)
        came.append(comes(app))
        for _ in range(20):
            await asyncio.sleep(0)
        await close_all()

    monkeypatch.setattr(app, "_close_all", close_slowly)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.state.connected)
    assert came and app.return_code in (0, None)


@WHATEVER_COMES
async def test_what_comes_when_the_last_screen_is_closed_does_no_harm(
    comes: Callable[[WaTuiApp], object],
) -> None:
    app = monitor()

    async def closed() -> None:
        while app.screen_stack:
            await asyncio.sleep(0)
        app.call_next(comes, app)

    async with app.run_test() as pilot:
        await until(pilot, lambda: app.state.connected)
        app.call_later(closed)
        comes(app)


async def test_a_key_that_is_still_being_handled_when_the_last_screen_is_closed_does_no_harm() -> None:
    app = monitor()
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.state.connected)
    handed_on: list[events.Event] = []

    async def hand_on(event: events.Event) -> None:
        handed_on.append(event)

    keyboard = Keyboard(app, hand_on)
    await keyboard.pass_on(events.Key("q", "q"))
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
    assert len(handed_on) == 1


async def test_a_minute_that_ends_with_the_monitor_does_no_harm() -> None:
    at = datetime.fromisoformat("2026-11-23T12:41:59.999Z")
    app = WaTuiApp(FakeDaemon().connect, clock=lambda: at)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "Sessions 24" in text(pilot))
