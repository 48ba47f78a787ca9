"""Marks, and one action on all of them: counted, confirmed, and told one by one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input

from tests.tui.cursor import put_cursor
from tests.tui.fleet import HOUR, NOW, session, snapshot
from tests.tui.hands import SIZE, Hands
from tests.tui.monitor import BILLING, SALES
from tests.tui.until import text, until
from wa_tui.client import Refused
from wa_tui.tui.fleet.marks import Marks
from wa_tui.tui.screens.forms import SnoozeScreen
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.screens.questions import ConfirmScreen
from wa_tui.tui.screens.results import ResultsScreen
from wa_tui.wire import Delta, Problem, SessionKey

ROWS = [("eu-1", name) for name in "abcdefgh"]


def marked(marks: Marks) -> str:
    return "".join(key[1] for key in marks.sorted_by(ROWS))


def test_a_range_goes_from_the_last_mark_to_here() -> None:
    marks = Marks()
    marks.extend(ROWS, ROWS[2])
    assert marked(marks) == "c", "without a mark it is one row"
    marks.extend(ROWS, ROWS[5])
    assert marked(marks) == "cdef"
    marks.toggle(ROWS[3])
    marks.extend(ROWS, ROWS[0])
    assert marked(marks) == "abcdef"
    marks.invert(ROWS)
    assert marked(marks) == "gh"
    marks.keep({ROWS[7]})
    assert marked(marks) == "h"
    marks.clear()
    marks.extend(ROWS, ROWS[1])
    assert marked(marks) == "b"


def test_marks_outside_the_rows_come_last() -> None:
    marks = Marks()
    for key in (ROWS[6], ROWS[1], ROWS[4]):
        marks.toggle(key)
    assert [key[1] for key in marks.sorted_by(ROWS[:6])] == ["b", "e", "g"]


async def test_space_marks_and_the_count_is_on_screen() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("space", "down", "space")
        await under.shows(pilot, "◆ 2 marked", "◆○ disconnected sales-eu", "◆● connected    field-team")
        await pilot.press("space")
        await under.shows(pilot, "◆ 1 marked", "▌● connected    field-team")
        await pilot.press("down", "down", "V")
        await under.shows(pilot, "◆ 4 marked")
        await pilot.press("i")
        await under.shows(pilot, "◆ 20 marked")
        await pilot.press("u")
        await until(pilot, lambda: "marked" not in text(pilot) and "◆" not in text(pilot))
        await pilot.press("home", "space", "down", "down", "ctrl+@")
        await under.shows(pilot, "◆ 3 marked")
        await pilot.press("escape")
        await until(pilot, lambda: "marked" not in text(pilot))


async def test_a_deleted_session_is_no_longer_marked() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("space", "down", "space")
        under.daemon.push(Delta(removed=[SALES]))
        await under.shows(pilot, "◆ 1 marked")


async def test_many_are_reconnected_once_confirmed_and_told_one_by_one() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("space", "down", "space")
        put_cursor(under.grid, BILLING)
        await pilot.press("space", "r")
        await under.shows(pilot, "Reconnect 3 sessions?", "sales-eu on eu-1, field-team on eu-1, billing on eu-1",
                          "2 of them are connected and proven.")  # fmt: skip
        assert isinstance(under.app.focused, Button) and under.app.focused.id == "cancel"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(under.app.screen, MainScreen))
        assert under.asked == []
        await pilot.press("r")
        await until(pilot, lambda: isinstance(under.app.screen, ConfirmScreen))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: isinstance(under.app.screen, ResultsScreen) and len(under.asked) == 3)
        assert {request.session_id: request.force for request in under.daemon.asked} == {
            SALES[1]: False, "user_7_instance_field-team": True, BILLING[1]: True}  # fmt: skip
        await under.shows(pilot, "Reconnect 3 sessions", "3 accepted", "sales-eu on eu-1")
        under.daemon.finish("no_effect", "QR code generation timeout after 30 s")
        await under.shows(
            pilot, "2 accepted, 1 no effect", "! no effect · QR code generation timeout after 30 s"
        )
        for id in ("r1", "r2"):
            under.daemon.receipts[id] = under.daemon.receipts.pop(id)
            under.daemon.finish("verified", "connected, proven by getState")
        await under.shows(pilot, "2 verified, 1 no effect", "✓ verified · connected, proven by getState")
        await until(pilot, lambda: "reconnect of 3 sessions: 2 verified, 1 no effect" in under.said)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(under.app.screen, MainScreen))
        await pilot.press("minus")
        await under.shows(pilot, "Reconnect 3 sessions")


async def test_a_name_with_a_colon_is_no_part_of_what_became_of_it() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        under.daemon.change(SALES, instance_name="sales: eu")
        await under.shows(pilot, "sales: eu")
        under.daemon.refusal = Refused(Problem(error="its gateway: eu-1 is read-only"), 403)
        await pilot.press("space", "down", "space", "a", "y")
        await under.shows(pilot, "sales: eu on eu-1", "✖ refused: its gateway: eu-1 is read-only")
        assert "✖ eu on" not in text(pilot) and "✖ refused: eu" not in text(pilot)


async def with_marks(under: Hands, pilot: Pilot[Any], number: int) -> list[SessionKey]:
    """Mark the first rows."""
    await under.ready(pilot)
    await pilot.press("home", *["space", "down"] * number)
    await under.shows(pilot, f"◆ {number} marked")
    return under.grid.keys[:number]


@pytest.mark.parametrize("key", ["x", "D", "r", "a"])
async def test_fewer_than_five_are_confirmed_by_y(key: str) -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        keys = await with_marks(under, pilot, 4)
        await pilot.press(key)
        await under.shows(pilot, " 4 sessions?", "esc Cancel", "y ")
        assert not under.app.screen.query(Input)
        await pilot.press("y")
        await until(pilot, lambda: len(under.asked) == 4)
        assert [session for _, session in under.asked] == [session for _, session in keys]


@pytest.mark.parametrize("key", ["x", "D", "r", "a"])
async def test_from_five_on_their_number_is_typed_and_its_field_has_the_focus(key: str) -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await with_marks(under, pilot, 5)
        await pilot.press(key)
        await under.shows(pilot, " 5 sessions?", "Type 5")
        await pilot.press("enter", "y", "enter")
        assert isinstance(under.app.screen, ConfirmScreen) and isinstance(under.app.focused, Input)
        assert under.app.focused.value == ""
        await pilot.press("4", "enter")
        await under.shows(pilot, "type 5, the number of sessions, to go on")
        await pilot.press("tab", "tab", "y")
        assert isinstance(under.app.focused, Input) and under.asked == []
        await pilot.press("end", "backspace", "5", "enter")
        await until(pilot, lambda: len(under.asked) == 5)


@pytest.mark.parametrize(
    ("number", "by"), [(2, ("escape",)), (2, ("enter",)), (24, ("escape",)), (24, ("tab", "enter"))]
)
async def test_what_is_cancelled_says_so_and_does_nothing(number: int, by: tuple[str, ...]) -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await with_marks(under, pilot, number)
        await pilot.press("x")
        await under.shows(pilot, f"Disconnect {number} sessions?")
        await pilot.press(*by)
        await under.shows(pilot, "cancelled, nothing done", f"◆ {number} marked")
        assert isinstance(under.app.screen, MainScreen) and under.asked == []


async def test_many_are_snoozed_and_acknowledged() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("space", "down", "space", "z")
        await until(pilot, lambda: isinstance(under.app.screen, SnoozeScreen))
        await under.shows(pilot, "Snooze 2 sessions")
        await pilot.press("enter")
        await under.shows(pilot, "Snooze 2 sessions?", "They call nobody for 2h.")
        await pilot.press("tab", "enter")
        await until(pilot, lambda: len(under.asked) == 2)
        assert {request.minutes for request in under.daemon.asked} == {120}
        await pilot.press("escape", "a")
        await under.shows(pilot, "Acknowledge 2 sessions?")
        await pilot.press("tab", "enter")
        await until(pilot, lambda: len(under.asked) == 4)
        assert under.asked[2:] == [("acknowledge", SALES[1]), ("acknowledge", "user_7_instance_field-team")]


async def test_what_is_refused_is_told_of_each() -> None:
    under = Hands()
    under.daemon.refusal = Refused(Problem(error="sales-eu on eu-1 has an action under way"), 409)
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("space", "down", "space", "a", "tab", "enter")
        await under.shows(pilot, "2 refused", "has an action under way")
        await until(pilot, lambda: "acknowledge of 2 sessions: 2 refused" in under.said)


async def test_a_filter_that_hides_marked_sessions_hides_them_not_from_the_count() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("space", "down", "space", "slash", *"sales-eu", "enter")
        await under.shows(pilot, "Sessions 1 of 24   ◆ 2 marked")
        await pilot.press("r")
        await under.shows(pilot, "Reconnect 2 sessions?", "2 marked, 1 of them not shown.",
                          "sales-eu on eu-1, field-team on eu-1")  # fmt: skip


async def test_one_mark_that_is_not_under_the_cursor_asks_first() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("space", "slash", *"booking", "enter", "r")
        await under.shows(pilot, "Reconnect sales-eu on eu-1?", "1 marked, 1 of them not shown.")
        await pilot.press("escape")
        assert under.asked == []
        await pilot.press("escape", "down", "z", "enter")
        await under.shows(pilot, "Snooze sales-eu on eu-1?", "It is marked; the cursor is on another.")
        await pilot.press("escape", "x")
        await under.shows(pilot, "Disconnect sales-eu on eu-1?", "It stays off until somebody reconnects it.")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(under.app.screen, MainScreen))
        put_cursor(under.grid, SALES)
        await pilot.press("r")
        await until(pilot, lambda: under.asked == [("reconnect", SALES[1])])


async def test_what_is_hidden_is_said_on_the_smallest_screen_too() -> None:
    under = Hands()
    async with under.app.run_test(size=(40, 12)) as pilot:
        await under.ready(pilot)
        await pilot.press("space", "down", "space", "slash", *"sales-eu", "enter", "D")
        await under.shows(
            pilot, "Delete 2 sessions?", "2 marked, 1 of them not shown.", "They are stopped", "y Delete 2"
        )


async def test_marks_in_another_gateways_view_are_not_shown() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("space", "2", "a")
        await under.shows(pilot, "Acknowledge sales-eu on eu-1?", "1 marked, 1 of them not shown.")


async def test_what_looks_follows_the_cursor_whatever_is_marked() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("space", "down")
        other = under.grid.cursor_key
        for key, view in (("enter", "details"), ("y", "raw"), ("o", "qr"), ("l", "log")):
            await pilot.press(key)
            await until(pilot, lambda: under.app.navigation.trail[-1].view == view)  # noqa: B023
            assert under.app.navigation.trail[-1].key == other
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(under.app.screen, MainScreen))
        await pilot.press("e")
        await under.shows(pilot, "field-team on eu-1")


async def test_z_again_ends_a_snooze_at_once() -> None:
    under = Hands()
    under.daemon.change(SALES, snoozed_until=NOW + HOUR)
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await under.shows(pilot, "snoozed")
        await pilot.press("z")
        await until(pilot, lambda: under.asked == [("snooze", SALES[1])])
        assert under.daemon.asked[0].minutes == 0


async def test_there_may_be_no_results_yet() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("colon", *"results", "enter")
        await under.shows(pilot, "no action on many sessions yet")


async def test_no_session_no_action() -> None:
    under = Hands()
    under.daemon._feed.get_nowait()
    under.daemon.push(snapshot(sessions=[]))
    async with under.app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: under.app.state.connected)
        for key, what in (("r", "reconnect"), ("x", "disconnect"), ("D", "delete"), ("a", "acknowledge"),
                          ("z", "snooze"), ("e", "edit"), ("t", "test message")):  # fmt: skip
            await pilot.press(key)
            await until(pilot, lambda what=what: under.said == f"{what}: no session is under the cursor")  # type: ignore[misc]
        await pilot.press("space", "V", "i", "o", "c")
        assert under.asked == []


async def test_the_ends_of_more_than_are_kept_are_all_told() -> None:
    under = Hands()
    under.daemon._feed.get_nowait()
    under.daemon.push(snapshot(sessions=[session(f"inst-{number:03}") for number in range(600)]))
    async with under.app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: under.app.state.connected and under.grid.keys)
        await pilot.press("i", "a", *"600", "enter")
        await until(pilot, lambda: len(under.asked) == 600)
        await under.shows(pilot, "600 accepted")
        ended = [
            msgspec.structs.replace(receipt, outcome="verified") for receipt in under.daemon.receipts.values()
        ]
        under.daemon.push(Delta(receipts=ended))
        await until(pilot, lambda: under.said == "acknowledge of 600 sessions: 600 verified")
