"""A picture of each screen, at 80x24 and 120x40."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from tests.tui.cursor import put_cursor
from tests.tui.environment import same_terminal
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import busy
from tests.tui.monitor import BILLING, ONBOARDING, SALES, monitor, unstartable
from tests.tui.until import settled, text, until
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.screens.qr import QrScreen
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.grid import SessionGrid

Compare = Callable[..., bool]
Prepare = Callable[[Pilot[Any]], Awaitable[None]]

pytestmark = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


@pytest.fixture(autouse=True)
def one_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    same_terminal(monkeypatch, "UTC")


def after(*keys: str, key: tuple[str, str] = SALES, shows: str = "") -> Prepare:
    """Put the cursor on a session, press keys and wait for what they bring."""

    async def prepare(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, WaTuiApp) and isinstance(app.screen, MainScreen)
        await until(pilot, lambda: app.state.connected and "sales-eu" in text(pilot))
        await settled(pilot)
        put_cursor(app.screen.query_one(SessionGrid), key)
        # A question says so while the row is not in sight yet.
        await settled(pilot)
        await pilot.press(*keys)
        await until(pilot, lambda: shows in text(pilot))
        # A screen that opens is sent once, a moment later.
        await until(pilot, lambda: not app._batch_count)
        # A pressed button looks so for a moment.
        await until(pilot, lambda: not app.screen.query("Button.-active"))
        await settled(pilot)
        # What is under a dialog is dimmed as it is drawn; scroll bars drawn just before it may not be yet.
        for screen in app.screen_stack:
            for widget in screen.walk_children(Widget):
                if widget.show_vertical_scrollbar:
                    widget.vertical_scrollbar.refresh()
                widget.refresh()
        await pilot.pause()

    return prepare


def test_main(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(monitor(), terminal_size=size, run_before=after())


def test_filtered(snap_compare: Compare, size: tuple[int, int]) -> None:
    before = after("slash", "a", "l", "e", "enter", shows="Sessions 4 of 24")
    assert snap_compare(monitor(), terminal_size=size, run_before=before)


def test_lost(snap_compare: Compare, size: tuple[int, int]) -> None:
    daemon = FakeDaemon()

    async def lose(pilot: Pilot[Any]) -> None:
        await after()(pilot)
        daemon.lose("the connection to the daemon at /run/wa_tui.sock was lost (closed)")
        await until(pilot, lambda: "daemon gone since" in text(pilot))

    assert snap_compare(monitor(daemon), terminal_size=size, run_before=lose)


def test_details(snap_compare: Compare, size: tuple[int, int]) -> None:
    before = after("enter", shows="Target closed")
    assert snap_compare(monitor(), terminal_size=size, run_before=before)


@pytest.mark.parametrize(
    "place", [Place("gateways"), Place("needs"), Place("log")], ids=lambda place: place.view
)
def test_views(snap_compare: Compare, size: tuple[int, int], place: Place) -> None:
    async def go(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: pilot.app.state.connected)  # type: ignore[attr-defined]
        pilot.app.navigation.go(place)  # type: ignore[attr-defined]
        await until(pilot, lambda: "us-1" in text(pilot) and "Sessions ›" in text(pilot))
        await settled(pilot)

    assert snap_compare(monitor(FakeDaemon(busy())), terminal_size=size, run_before=go)


def test_qr(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def scan(pilot: Pilot[Any]) -> None:
        await after()(pilot)
        assert isinstance(pilot.app, WaTuiApp)
        await pilot.app.push_screen(QrScreen(pilot.app.monitor, Place("qr", ONBOARDING)))
        await until(pilot, lambda: "valid for 41 s" in text(pilot))

    assert snap_compare(monitor(), terminal_size=size, run_before=scan)


def test_help(snap_compare: Compare, size: tuple[int, int]) -> None:
    before = after("question_mark", shows="The session under the cursor")
    assert snap_compare(monitor(), terminal_size=size, run_before=before)


def test_confirm(snap_compare: Compare, size: tuple[int, int]) -> None:
    before = after("r", key=BILLING, shows="Reconnect billing on eu-1?")
    assert snap_compare(monitor(), terminal_size=size, run_before=before)


def test_confirm_many(snap_compare: Compare, size: tuple[int, int]) -> None:
    before = after(*["space", "down"] * 5, "D", "3", "enter", shows="type 5, the number")
    assert snap_compare(monitor(), terminal_size=size, run_before=before)


def test_results(snap_compare: Compare, size: tuple[int, int]) -> None:
    daemon = FakeDaemon()

    async def act(pilot: Pilot[Any]) -> None:
        await after("space", "down", "space", "down", "space", "a", "tab", "enter", shows="3 accepted")(pilot)
        daemon.finish("verified", "acknowledged")
        await until(pilot, lambda: "1 verified" in text(pilot))

    assert snap_compare(monitor(daemon), terminal_size=size, run_before=act)


def test_command(snap_compare: Compare, size: tuple[int, int]) -> None:
    before = after("colon", "s", "n", "tab", "down", shows="▸ 30m")
    assert snap_compare(monitor(), terminal_size=size, run_before=before)


def test_marked_sorted_and_filtered(snap_compare: Compare, size: tuple[int, int]) -> None:
    keys = ("space", "I", "I", "slash", *"!us", "enter", "p")
    before = after(*keys, shows="paused · 0 changes held back")
    assert snap_compare(monitor(), terminal_size=size, run_before=before)


def test_edit(snap_compare: Compare, size: tuple[int, int]) -> None:
    before = after("e", shows="Edit sales-eu on eu-1")
    assert snap_compare(monitor(), terminal_size=size, run_before=before)


def test_snooze(snap_compare: Compare, size: tuple[int, int]) -> None:
    before = after("z", "x", "enter", shows="is no duration")
    assert snap_compare(monitor(), terminal_size=size, run_before=before)


def test_new_session(snap_compare: Compare, size: tuple[int, int]) -> None:
    before = after("n", "f", "r", "enter", "enter", shows="the user id is missing")
    assert snap_compare(monitor(), terminal_size=size, run_before=before)


def test_send(snap_compare: Compare, size: tuple[int, int]) -> None:
    before = after("t", "1", "enter", "enter", shows="has 1 digit")
    assert snap_compare(monitor(), terminal_size=size, run_before=before)


def test_stopped(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def stopped(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "port 8000 is held by node" in text(pilot))

    assert snap_compare(WaTuiApp(unstartable), terminal_size=size, run_before=stopped)
