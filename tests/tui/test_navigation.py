"""Views, breadcrumbs, one layer at a time, and the way back."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.cursor import put_cursor
from tests.tui.hands import SIZE, Hands
from tests.tui.monitor import BILLING, SALES, unstartable
from tests.tui.until import text, until
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.screens.details import DetailsScreen
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.screens.qr import QrScreen
from wa_tui.tui.screens.questions import ConfirmScreen
from wa_tui.tui.screens.stopped import StoppedScreen
from wa_tui.tui.views import VIEWS, Place, view_of


def views(under: Hands) -> list[str]:
    return [place.view for place in under.app.navigation.trail]


async def trail(pilot: Pilot[Any], under: Hands, *wanted: str) -> None:
    await until(pilot, lambda: views(under) == list(wanted) and under.app.screen.is_current)
    await pilot.pause()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_every_view_opens_by_its_name_and_escape_leaves_it(view: Any) -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("colon", *view.name, "enter")
        wanted = ["sessions"] if view.name == "sessions" else ["sessions", view.name]
        await trail(pilot, under, *wanted)
        screen = under.app.screen
        assert isinstance(screen, FleetScreen) and screen.place is not None
        assert view_of(screen.place) is view
        assert screen.breadcrumb
        await pilot.press("escape")
        await trail(pilot, under, "sessions")


async def test_views_stack_and_peel_one_by_one() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("d")
        await trail(pilot, under, "sessions", "details")
        await pilot.press("o")
        await trail(pilot, under, "sessions", "details", "qr")
        screen = under.app.screen
        assert isinstance(screen, FleetScreen) and screen.breadcrumbs == ["Sessions", "sales-eu"]
        await pilot.press("escape")
        await trail(pilot, under, "sessions", "details")
        await pilot.press("enter")
        await trail(pilot, under, "sessions", "details")
        await pilot.press("escape")
        await trail(pilot, under, "sessions")


async def test_back_forward_and_last() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("left_square_bracket")
        assert "nothing before this" in under.said
        await pilot.press("minus")
        assert "no other view yet" in under.said
        await pilot.press("enter", "o")
        await trail(pilot, under, "sessions", "details", "qr")
        await pilot.press("left_square_bracket")
        await trail(pilot, under, "sessions", "details")
        await pilot.press("left_square_bracket")
        await trail(pilot, under, "sessions")
        await pilot.press("right_square_bracket", "right_square_bracket")
        await trail(pilot, under, "sessions", "details", "qr")
        await pilot.press("right_square_bracket")
        assert "nothing after this" in under.said
        await pilot.press("minus")
        await trail(pilot, under, "sessions", "details")
        await pilot.press("minus")
        await trail(pilot, under, "sessions", "details", "qr")


async def test_a_new_way_forgets_the_one_that_was_taken_back() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("enter")
        await trail(pilot, under, "sessions", "details")
        await pilot.press("left_square_bracket")
        await trail(pilot, under, "sessions")
        await pilot.press("question_mark")
        await trail(pilot, under, "sessions", "help")
        await pilot.press("right_square_bracket")
        assert "nothing after this" in under.said


async def test_a_way_back_leads_to_the_session_it_was_about() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("enter", "escape")
        await trail(pilot, under, "sessions")
        put_cursor(under.grid, BILLING)
        await pilot.press("enter")
        await trail(pilot, under, "sessions", "details")
        assert under.app.navigation.trail[1] == Place("details", BILLING)
        await pilot.press("left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: under.app.navigation.trail[-1] == Place("details", SALES))


async def test_a_command_starts_anew_from_the_sessions() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("enter", "o")
        await trail(pilot, under, "sessions", "details", "qr")
        await pilot.press("colon", *"help", "enter")
        await trail(pilot, under, "sessions", "help")
        await pilot.press("left_square_bracket")
        await trail(pilot, under, "sessions", "details", "qr")


async def test_escape_peels_filter_marks_trouble_gateway_and_what_is_said() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("1", "F", "space", "f", "slash", *"sales", "enter")
        await under.shows(pilot, "on eu-1", "only trouble", "marked", "/ sales")
        await pilot.press("escape")
        await until(pilot, lambda: "/ sales" not in text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "marked" not in text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "only trouble" not in text(pilot))
        await pilot.press("escape")
        await under.shows(pilot, "Sessions 24 ")
        assert "12 connected" not in text(pilot)
        await pilot.press("escape")
        await under.shows(pilot, "12 connected")
        under.app.notices.hint("something was said")
        await under.shows(pilot, "something was said")
        await pilot.press("escape")
        await until(pilot, lambda: "something was said" not in text(pilot))
        await pilot.press("escape")
        assert isinstance(under.app.screen, MainScreen) and not under.app._exit


async def test_a_dialog_is_a_layer_too_and_no_place() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("enter", "x")
        await until(pilot, lambda: isinstance(under.app.screen, ConfirmScreen))
        assert views(under) == ["sessions", "details"]
        await pilot.press("left_square_bracket", "escape")
        await until(pilot, lambda: isinstance(under.app.screen, DetailsScreen))


async def test_a_screen_that_closes_by_itself_leaves_the_history_whole() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(under.app.screen, QrScreen))
        under.app.screen.dismiss(None)
        await trail(pilot, under, "sessions")
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "nothing before this" in under.said)
        await pilot.press("minus")
        assert views(under) == ["sessions"]


async def test_the_gateway_is_part_of_the_way() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("2")
        await until(pilot, lambda: {key[0] for key in under.grid.keys} == {"eu-2"})
        await pilot.press("3")
        await until(pilot, lambda: {key[0] for key in under.grid.keys} == {"us-1"})
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: {key[0] for key in under.grid.keys} == {"eu-2"})
        await pilot.press("0")
        await until(pilot, lambda: len(under.grid.keys) == 24)
        await pilot.press("9")
        assert "there is no gateway 9; there are 3: eu-1, eu-2, us-1" in under.said


async def test_escape_does_not_close_what_is_no_view() -> None:
    app = WaTuiApp(unstartable)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, StoppedScreen))
        await pilot.press("escape", "question_mark")
        await until(pilot, lambda: "No daemon" in text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, StoppedScreen))
