"""Once quitting begins nothing paints, whatever still comes in: no traceback, and the exit code of success."""

from __future__ import annotations

import asyncio
import random
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from textual import events
from textual._context import active_app

from tests.benchmarks.attached import Crowd, crowd, environment, monitor
from tests.effort import effort
from tests.terminal import Terminal
from tests.tui.monitor import monitor as demo
from wa_tui.tui.terminal import Driver

pytestmark = [pytest.mark.pty, pytest.mark.soak]

QUITS = effort("WA_TUI_QUITS", sample=2, full=100)
"""How many of each kind."""

SESSIONS = 60
LEFT = b"\x1b[?1049l"
UNDER = (
    ("j", "j"),
    ("enter",),
    ("l",),
    ("w",),
    ("?",),
    (":",),
    ("/",),
    ("n",),
    (" ", "x"),
    ("t",),
    ("p",),
    ("o",),
)
"""What is open when it is left."""

DWELLS = """
import asyncio, runpy, sys
from textual.app import App
from wa_tui.tui.terminal import Driver

close, note = App._close_all, Driver._note_flush

async def close_slowly(app):
    for screen in app.screen_stack:
        await app._prune(*screen.children)
        await asyncio.sleep(0.3)
    await close(app)

App._close_all = close_slowly
Driver._note_flush = lambda driver, writes: driver._loop.call_later(0.1, note, driver, writes)
sys.argv[:] = ["wa-tui", "--attach", sys.argv[1]]
runpy.run_module("wa_tui", run_name="__main__")
"""
"""The monitor on a terminal that takes its time, staying where quitting is for a moment: it has screens, no widgets."""


@pytest.fixture(scope="module")
def busy() -> Iterator[Crowd]:
    with crowd(SESSIONS) as daemon:
        daemon.tell(f"rate 200 {SESSIONS}")
        yield daemon


def dwelling(daemon: Crowd) -> Terminal:
    command = [sys.executable, "-c", DWELLS, str(daemon.socket)]
    return Terminal(command, environment=environment())


def leave(terminal: Terminal, chance: random.Random, *, resizing: bool) -> None:
    """Quit, and resize before, while and after that is so."""
    terminal.send("ctrl+c")
    for _ in range(4 if resizing else 0):
        terminal.resize(chance.randint(60, 160), chance.randint(10, 50))
        time.sleep(chance.random() * 0.02)


def assert_left(terminal: Terminal, said: str) -> None:
    """It ended well, and wrote nothing but what gives the terminal back."""
    status = terminal.wait(20)
    terminal.wait_for(lambda _: LEFT in terminal.output)
    terminal.settle(0.05)
    after = bytes(terminal.output).rpartition(LEFT)[2].decode(errors="replace")
    detail = re.sub(r"\x1b\[[0-9;?<]*[a-zA-Z]", "", after).strip()
    assert (status, detail) == (0, ""), said


@pytest.mark.parametrize("resizing", [False, True], ids=["as it is", "resized"])
@pytest.mark.parametrize("number", range(QUITS))
def test_it_is_left_under_a_stream_of_events(busy: Crowd, number: int, resizing: bool) -> None:
    chance = random.Random(f"{number} {resizing}")
    keys = chance.choice(UNDER)
    with monitor(busy) as terminal:
        terminal.wait_for("shop-", 30)
        terminal.send(*keys)
        time.sleep(chance.random() * 0.4)
        leave(terminal, chance, resizing=resizing)
        assert_left(terminal, f"{keys} {number}")


@pytest.mark.parametrize("resizing", [False, True], ids=["as it is", "resized"])
def test_what_comes_while_the_widgets_are_closed_is_painted_on_none(busy: Crowd, resizing: bool) -> None:
    with dwelling(busy) as terminal:
        terminal.wait_for("shop-", 30)
        leave(terminal, random.Random(1), resizing=resizing)
        assert_left(terminal, "dwelling")


async def test_what_the_terminals_threads_call_knows_the_app() -> None:
    """Else a timer that is made while something is painted ends in a LookupError: when it is due, or when left."""
    app = demo()
    heard: asyncio.Queue[object] = asyncio.Queue()
    async with app.run_test():
        with app._context():
            driver = Driver(app)
        for name in ("drained", "typed", "answered"):
            setattr(driver.painter, name, lambda *_: heard.put_nowait(active_app.get(None)))
        happenings: list[Callable[[], None]] = [
            lambda: driver._on_flush(driver._written),
            lambda: driver.process_message(events.CursorPosition(1, 1)),
            lambda: driver.process_message(events.Key("j", "j")),
        ]
        for happens in happenings:
            threading.Thread(target=happens).start()
            assert await heard.get() is app
