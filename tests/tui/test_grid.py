from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from textual import events
from textual.pilot import Pilot

from tests.needing import BANNED
from tests.tui.cursor import put_cursor
from tests.tui.fleet import NOW, ago, session, snapshot, troubled
from tests.tui.stage import Stage
from wa_tui.filters.sessions import parse
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.wire import Delta, SessionKey

BANNED_ONE: SessionKey = ("eu-1", "user_7_instance_billing-old")
ONBOARDING: SessionKey = ("eu-1", "user_7_instance_onboarding")
BILLING: SessionKey = ("eu-1", "user_7_instance_billing")


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def grid_of(app: Stage) -> SessionGrid:
    return app.query_one(SessionGrid)


def lines(app: Stage) -> list[str]:
    """The grid's lines as they would be painted."""
    grid = grid_of(app)
    return [grid.render_line(y).text.rstrip() for y in range(grid.size.height)]


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        await asyncio.sleep(0.01)
        await pilot.pause()


def fallen(name: str = "billing") -> Delta:
    one = troubled(name, "disconnected", status_since=NOW, reason="browser_died", attention=BANNED)
    return Delta(sessions=[one])


async def test_the_cursor_starts_at_the_worst_and_moves() -> None:
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        grid = grid_of(app)
        grid.focus()
        assert grid.cursor_key == BANNED_ONE
        await pilot.press("down")
        assert grid.cursor_key == ONBOARDING
        await pilot.press("up", "up", "up")
        assert grid.cursor_key == BANNED_ONE
        await pilot.press("end")
        assert grid.cursor_key == grid.keys[-1]
        await pilot.press("pageup")
        assert grid.cursor_key == grid.keys[-1 - grid.page]
        await pilot.press("home", "pagedown")
        assert grid.cursor_key == grid.keys[min(grid.page, 23)]
        await pilot.pause()
        assert app.highlighted[0] == BANNED_ONE
        assert app.highlighted[-1] == grid.cursor_key


async def test_the_cursor_stays_in_view() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        grid = grid_of(app)
        grid.focus()
        for _ in range(23):
            await pilot.press("down")
            assert sum(line.startswith("▌") for line in lines(app)) == 1
        assert "archive-2024" in lines(app)[-1]
        await pilot.resize_terminal(80, 20)
        await pilot.pause()
        assert sum(line.startswith("▌") for line in lines(app)) == 1


async def test_the_cursor_follows_its_session_through_a_new_order() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        grid = grid_of(app)
        put_cursor(grid, BILLING)
        assert grid.keys.index(BILLING) > 10
        app.take(fallen())
        await pilot.pause()
        assert grid.keys[0] == BILLING == grid.cursor_key
        assert lines(app)[1].startswith("▌○ disconnected billing")


async def test_the_view_does_not_follow_a_cursor_that_was_scrolled_away() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        grid = grid_of(app)
        grid.scroll_to_line(12)
        await pilot.pause()
        app.take(fallen("hr-bot"))
        await pilot.pause()
        assert grid.scroll_offset.y == 12
        assert grid.cursor_key == grid.keys[0] != BANNED_ONE, "nobody moved it"


async def test_rows_keep_their_places_while_keys_are_pressed() -> None:
    app = Stage()
    clock = Clock()
    async with app.run_test(size=(120, 40)) as pilot:
        grid = grid_of(app)
        grid.monotonic, grid.idle_s = clock, 0.05
        grid.focus()
        before = grid.keys
        await pilot.press("down")
        for _ in range(10):
            app.take(fallen())
        timers = len(grid._timers)
        await pilot.pause(0.2)
        assert grid.keys == before
        assert len(grid._timers) <= timers, "one timer waits, however many orders came"
        assert any(line.split()[1:3] == ["disconnected", "billing"] for line in lines(app)), (
            "the row itself is up to date"
        )
        clock.now += 1
        await until(pilot, lambda: grid.keys != before)
        assert grid.keys[0] == BILLING
        assert grid.cursor_key == ONBOARDING


async def test_a_session_that_goes_leaves_at_once_even_then() -> None:
    app = Stage()
    clock = Clock()
    async with app.run_test(size=(120, 40)) as pilot:
        grid = grid_of(app)
        grid.monotonic = clock
        grid.focus()
        await pilot.press("down")
        app.take(Delta(removed=[ONBOARDING]))
        await pilot.pause()
        assert ONBOARDING not in grid.keys
        assert grid.cursor_key == grid.keys[1]
        assert not any("onboarding" in line for line in lines(app))


async def test_a_filter_shrinks_the_view_and_the_cursor_stays_inside() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        grid = grid_of(app)
        put_cursor(grid, BILLING)
        app.chosen = parse("us-")
        app.paint()
        await pilot.pause()
        assert len(grid.keys) == 3
        assert grid.cursor_key in grid.keys
        assert [line for line in lines(app)[4:] if line] == []
        app.chosen = parse("nothing")
        grid.say("no session matches")
        app.paint()
        await pilot.pause()
        assert grid.cursor_key is None
        assert any("no session matches" in line for line in lines(app))
        app.chosen = parse("")
        app.paint()
        await pilot.pause()
        assert len(grid.keys) == 24
        assert not any("no session matches" in line for line in lines(app))


async def test_clicks_select_and_double_clicks_choose() -> None:
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        grid = grid_of(app)
        await pilot.click(SessionGrid, offset=(20, 4))
        assert grid.cursor_key == grid.keys[3]
        assert app.selected == []
        await pilot.click(SessionGrid, offset=(20, 2), times=2)
        assert app.selected == [grid.keys[1]]
        await pilot.click(SessionGrid, offset=(20, 0))
        assert grid.cursor_key == grid.keys[1], "the titles are not a row"


async def test_the_wheel_scrolls_without_moving_the_cursor() -> None:
    app = Stage()
    async with app.run_test(size=(80, 24)) as pilot:
        grid = grid_of(app)
        grid.post_message(events.MouseScrollDown(grid, 5, 3, 0, 1, 0, False, False, False))
        await pilot.pause()
        assert grid.scroll_offset.y == 3
        assert grid.cursor_key == BANNED_ONE
        assert "STATUS" in lines(app)[0]


async def test_another_order_is_taken_at_once_when_asked_for() -> None:
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        grid = grid_of(app)
        grid.monotonic = Clock()
        grid.focus()
        await pilot.press("down")
        state = app.state
        keys = state.rows(parse(""), Order.INSTANCE, state.now)
        grid.show(state, keys, at_once=True)
        assert grid.keys == keys


async def test_foreign_names_cannot_break_a_row() -> None:
    names = ("a\x1b[2Jb\nc", "東" * 30, "e\u0301" * 40)
    app = Stage(snapshot(sessions=[session(name, detail="\x1b]0;x\x07") for name in names]))
    async with app.run_test(size=(120, 40)):
        grid = grid_of(app)
        for y in range(1, 4):
            strip = grid.render_line(y)
            assert strip.cell_length == grid.width
            assert "\x1b" not in strip.text


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (300, 60)])
async def test_odd_sizes_do_no_harm(size: tuple[int, int]) -> None:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        app.take(Delta(sessions=[session("billing", proven_at=ago(timedelta(minutes=3)))]))
        await pilot.press("down")
        await pilot.pause()
        assert all(len(line) <= size[0] for line in lines(app))
