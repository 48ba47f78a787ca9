"""Trouble begins while the monitor is open: what holds the fleet is told above the sessions, and a key goes to it."""

from __future__ import annotations

import os
import re
import signal
import sys
from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.terminal import Terminal
from tests.tui.environment import same_terminal
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import NOW
from tests.tui.monitor import monitor
from tests.tui.outbreak import PAUSED, WELL, healthy, trouble
from tests.tui.test_text_screens import same
from tests.tui.until import settled, text, until
from wa_tui.config import Ui
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.widgets.header import CauseSummary
from wa_tui.wire import Cause, Delta

SIZES = [(300, (80, 24)), (300, (120, 40)), (5000, (160, 45)), (5000, (200, 60))]


@pytest.fixture(autouse=True)
def one_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    same_terminal(monkeypatch, "CET-1")


class Watching:
    """The monitor on a healthy fleet, in which trouble begins when it is told to."""

    def __init__(self, total: int = 300, ui: Ui | None = None) -> None:
        self.total = total
        self.daemon = FakeDaemon(healthy(total))
        self.app: WaTuiApp = monitor(self.daemon, ui=ui or Ui(ascii=False))

    async def ready(self, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: self.app.state.connected and f"Sessions {self.total}" in text(pilot))
        assert not self.summary.display

    async def breaks(self, pilot: Pilot[None]) -> None:
        self.daemon.push(trouble(self.total))
        await until(pilot, lambda: self.summary.display and "browser does not launch" in text(pilot))
        await settled(pilot)

    @property
    def screen(self) -> MainScreen:
        assert isinstance(self.app.screen, MainScreen)
        return self.app.screen

    @property
    def summary(self) -> CauseSummary:
        return self.screen.query_one(CauseSummary)

    @property
    def shown(self) -> str:
        return self.screen.sessions.filter.text


@pytest.mark.parametrize(("total", "size"), SIZES)
async def test_what_holds_the_fleet_is_told(
    total: int, size: tuple[int, int], request: pytest.FixtureRequest
) -> None:
    watching = Watching(total)
    async with watching.app.run_test(size=size) as pilot:
        await watching.ready(pilot)
        await watching.breaks(pilot)
        found = re.sub(r" *[▁▂▃▄▅▆▇]$", "", text(pilot), flags=re.MULTILINE) + "\n"
    assert max(map(len, found.split("\n"))) <= size[0]
    same(f"summary-{total}-{size[0]}x{size[1]}", found, request)


@pytest.mark.parametrize("ascii", [True, False], ids=["ascii", "mono"])
async def test_it_is_told_without_colour_and_without_unicode(
    ascii: bool, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if not ascii:
        monkeypatch.setenv("NO_COLOR", "1")
    watching = Watching(ui=Ui(ascii=ascii))
    async with watching.app.run_test(size=(80, 24)) as pilot:
        await watching.ready(pilot)
        await watching.breaks(pilot)
        await pilot.press("b")
        await until(pilot, lambda: "browser_unable" in text(pilot))
        await settled(pilot)
        same(f"summary-{'ascii' if ascii else 'mono'}", text(pilot) + "\n", request)


async def test_a_key_goes_from_cause_to_cause_and_escape_shows_all_again() -> None:
    watching = Watching()
    async with watching.app.run_test(size=(120, 40)) as pilot:
        await watching.ready(pilot)
        await pilot.press("b")
        await until(pilot, lambda: "no session is in trouble" in text(pilot))
        await watching.breaks(pilot)
        told = [each.cause for each in watching.app.state.causes(watching.app.state.now).causes]
        assert told == ["browser_unable", "scan_qr", "gateway_restarting", "healing_paused", "navigation"]
        for cause in told:
            await pilot.press("b")
            await until(pilot, partial(_shows, watching, f"cause:{cause}"))
            keys = watching.screen.grid.keys
            state = watching.app.state
            assert keys and {state.assessment(key, state.now).cause for key in keys} == {cause}  # type: ignore[union-attr]
            await until(pilot, lambda: "▸" in text(pilot))
        await pilot.press("b")
        await until(pilot, lambda: watching.shown == "" and len(watching.screen.grid.keys) == 300)
        await pilot.press("b", "escape")
        await until(pilot, lambda: watching.shown == "")
        assert watching.summary.display, "all are still in trouble"


async def test_a_click_shows_the_sessions_of_a_cause_and_again_all_and_keeps_the_other_words() -> None:
    watching = Watching()
    async with watching.app.run_test(size=(120, 40)) as pilot:
        await watching.ready(pilot)
        await watching.breaks(pilot)
        await watching.screen.show_filter("shop cause:down")
        line = next(line for line in text(pilot).split("\n") if "gateway restarting" in line)
        x, y = line.index("gateway restarting"), text(pilot).split("\n").index(line)
        await pilot.click(offset=(x, y))
        await until(pilot, lambda: watching.shown == "cause:gateway_restarting shop")
        await pilot.click(offset=(x, y))
        await until(pilot, lambda: watching.shown == "shop")
        await pilot.click(CauseSummary, offset=(0, 0))
        await settled(pilot)
        assert watching.shown == "shop", "nothing is told there"


async def test_it_neither_comes_nor_goes_with_every_session_and_never_hides_the_cursor() -> None:
    watching = Watching()
    async with watching.app.run_test(size=(80, 24)) as pilot:
        await watching.ready(pilot)
        grid = watching.screen.grid
        await pilot.press("pagedown", *["down"] * grid.page)
        await settled(pilot)
        under, page = grid.cursor_key, grid.page
        await watching.breaks(pilot)
        assert grid.page == page - 2
        assert grid.cursor_key == grid.aimed_at == under
        row = grid.keys.index(under) - grid.scroll_offset.y  # type: ignore[arg-type]
        assert 0 <= row < grid.page, "in sight"
        # Where few are left it keeps its height as long as it is there, and is gone once they are half a screenful.
        well = healthy(watching.total).sessions
        watching.daemon.push(Delta(sessions=well[page:], gateways=list(WELL)))
        await until(pilot, lambda: watching.app.state.causes(watching.app.state.now).total == page)
        await settled(pilot)
        assert (watching.summary.display, watching.summary.size.height) == (True, 2)
        watching.daemon.push(Delta(sessions=well[:page]))
        await until(pilot, lambda: not watching.summary.display and grid.page == page)
        assert grid.cursor_key == under


async def test_who_was_quieted_is_told_apart_and_no_caller_with_them() -> None:
    watching = Watching()
    async with watching.app.run_test(size=(120, 40)) as pilot:
        await watching.ready(pilot)
        await watching.breaks(pilot)
        watching.daemon.push(Delta(gateways=[replace(PAUSED, snoozed_until=NOW + timedelta(hours=2))]))
        await until(pilot, lambda: "36 quieted" in text(pilot))
        told = watching.app.state.causes(watching.app.state.now)
        assert [each.cause for each in told.causes if each.calls] == [Cause.SCAN_QR]


def _shows(watching: Watching, text: str) -> bool:
    return watching.shown == text


@pytest.mark.pty
def test_told_it_costs_nothing_while_nothing_changes_and_a_number_little() -> None:
    command, quiet = (
        [sys.executable, "-m", "tests.tui.outbreak", "300", "--begun"],
        {"WA_TUI_WINDOW_TITLE": "0"},
    )
    with Terminal(command, environment=os.environ | quiet) as terminal:
        terminal.wait_for("browser does not launch")
        before = terminal.settle()
        assert terminal.settle(0.8) == before, "idle"
        os.kill(terminal.process.pid, signal.SIGUSR1)
        terminal.wait_for("5 scan QR")
        grown = terminal.settle() - before
        assert 0 < grown < 600, "its line, the header's numbers, and no row of the grid"
