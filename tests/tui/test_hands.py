"""One test a key of the sessions: what it shows, what it asks for."""

from __future__ import annotations

import base64
from collections.abc import Callable

import msgspec
import pytest
from textual.widgets import Input

from tests.tui.cursor import put_cursor
from tests.tui.fleet import NOW, SESSIONS, snapshot
from tests.tui.hands import SIZE, Hands
from tests.tui.monitor import BILLING, SALES
from tests.tui.until import text, until
from wa_tui.tui.export import MAX_BYTES, TooLong, osc52
from wa_tui.tui.screens.details import DetailsScreen
from wa_tui.tui.screens.forms import EditScreen, SnoozeScreen
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.screens.questions import ConfirmScreen
from wa_tui.tui.views import VIEWS
from wa_tui.tui.widgets.fields import Choice
from wa_tui.wire import AcknowledgedView, Delta

WITH_PHONE = (140, 40)
"""Where three gateways leave room for the column of phone numbers."""


@pytest.mark.parametrize(
    ("key", "title", "by"),
    [
        ("I", "INSTANCE▴", lambda one: one.instance_name),
        ("P", "PHONE▴", lambda one: one.phone_number or "\uffff"),
        ("W", "GATEWAY▴", lambda one: one.gateway),
        ("A", "FOR▴", lambda one: -one.status_since.timestamp() if one.status_since else 0),
        ("R", "PROVEN▾", lambda one: one.proven_at.timestamp() if one.proven_at else float("inf")),
    ],
)  # fmt: skip
async def test_a_capital_sorts_and_again_reverses(key: str, title: str, by: Callable[..., object]) -> None:
    under = Hands()
    async with under.app.run_test(size=WITH_PHONE) as pilot:
        await under.ready(pilot)
        await pilot.press(key)
        await under.shows(pilot, title)
        there = [by(under.app.state.sessions[one]) for one in under.grid.keys]
        assert there == sorted(there)  # type: ignore[type-var]
        rows = under.grid.keys
        await pilot.press(key)
        await under.shows(pilot, title.translate(str.maketrans("▴▾", "▾▴")), "reversed")
        assert under.grid.keys == rows[::-1]
        await pilot.press(key)
        await until(pilot, lambda: under.grid.keys == rows)


async def test_trouble_is_first_and_last_by_the_same_key() -> None:
    under = Hands()
    async with under.app.run_test(size=WITH_PHONE) as pilot:
        await under.ready(pilot)
        await under.shows(pilot, "STATUS▾", "trouble first ▾")
        first = under.names
        await pilot.press("S")
        await under.shows(pilot, "STATUS▴", "trouble first, reversed ▴")
        assert under.names == first[::-1]
        await pilot.press("U")
        await under.shows(pilot, "UP▴", "lowest uptime first ▴")


async def test_shift_and_arrows_move_the_sorted_column() -> None:
    under = Hands()
    async with under.app.run_test(size=WITH_PHONE) as pilot:
        await under.ready(pilot)
        for key, title in (("right", "INSTANCE▴"), ("right", "PHONE▴"), ("right", "GATEWAY▴"), ("right", "FOR▴"),
                           ("right", "UP▴"), ("left", "FOR▴")):  # fmt: skip
            await pilot.press(f"shift+{key}")
            await under.shows(pilot, title)
        await pilot.press(*["shift+left"] * 5)
        await under.shows(pilot, "WHY▴")


async def test_a_click_on_a_title_sorts_by_it_and_again_reverses() -> None:
    under = Hands()
    async with under.app.run_test(size=WITH_PHONE) as pilot:
        await under.ready(pilot)
        await pilot.click(under.grid, offset=(18, 0))
        await under.shows(pilot, "INSTANCE▴")
        await pilot.click(under.grid, offset=(18, 0))
        await under.shows(pilot, "INSTANCE▾")
        await pilot.click(under.grid, offset=(70, 0))
        await under.shows(pilot, "INSTANCE▾")


async def test_a_change_keeps_the_order_that_was_asked_for() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        under.grid.idle_s = 0.0
        await pilot.press("I", "I")
        under.daemon.change(SALES, instance_name="zzz")
        await until(pilot, lambda: under.names[0] == "東京サポート" and under.names[1] == "zzz")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("!sales", 21),
        ("-f crmn", 1),
        ("-f sls !us", 1),
        ("status:qr", 2),
        ("gateway:eu-1", 11),
        ("user:7", 24),
        ("user:12", 0),
        ("for:>5m", 18),
        ("for:<5m", 5),
        ("for:>1d gateway:eu-2", 3),
        ("for:>2w", 1),
        ("proven:<1m", 1),
        ("gateway:us-1 !ops", 2),
    ],
)
async def test_filters(typed: str, found: int) -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(under.app.focused, Input))
        under.app.focused.value = typed  # type: ignore[union-attr]
        await until(pilot, lambda: len(under.grid.keys) == found)
        await pilot.press("enter")
        await under.shows(pilot, f"/ {typed}")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("for:soon", "for:soon is no age; write for:>5m"),
        ("status:banana", "status:banana is no status; there are auth"),
        ("gatway:eu-1", "gatway: is no field; gateway: is"),
    ],
)
async def test_a_bad_term_says_what_is_wrong_and_filters_nothing(typed: str, said: str) -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("slash", *f"{typed} sales")
        await until(pilot, lambda: said in under.said and len(under.grid.keys) == 3)
        await pilot.press("escape")
        await until(pilot, lambda: under.said == "" and len(under.grid.keys) == 24)


async def test_the_filter_is_there_after_another_view() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("slash", *"sales", "enter", "question_mark", "escape")
        await under.shows(pilot, "Sessions 3 of 24", "/ sales")
        await pilot.press("slash", "minus", "enter")
        await under.shows(pilot, "/ sales-")


async def test_capital_f_shows_only_trouble() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("F")
        await under.shows(pilot, "Sessions 9 of 24", "only trouble")
        assert "billing" not in under.names and "sales-eu" in under.names
        under.daemon.change(SALES, status="connected", proven_at=NOW, action=None)
        await under.shows(pilot, "Sessions 8 of 24")
        await pilot.press("F")
        await under.shows(pilot, "Sessions 24")


async def test_no_trouble_is_said() -> None:
    under = Hands()
    under.daemon._feed.get_nowait()
    under.daemon.push(snapshot(sessions=[one for one in SESSIONS if one.instance_name == "billing"]))
    async with under.app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: under.app.state.connected)
        await pilot.press("F")
        await under.shows(pilot, "no session is in trouble · F shows all")


async def test_w_shows_more_columns_and_f_the_sessions_alone() -> None:
    under = Hands()
    async with under.app.run_test(size=(200, 40)) as pilot:
        await under.ready(pilot)
        await pilot.press("w")
        await under.shows(pilot, "ID", "USER", "DROPS", "USED", "user_7_instance_sales-eu", "7*")
        await pilot.press("w")
        await until(pilot, lambda: "USED" not in text(pilot))
        await pilot.press("f")
        await until(pilot, lambda: "12 connected" not in text(pilot) and "Log ·" not in text(pilot))
        await pilot.press("f")
        await under.shows(pilot, "12 connected", "Log ·")


async def test_p_holds_the_screen_and_counts_what_it_holds_back() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("p")
        await under.shows(pilot, "paused · 0 changes held back")
        under.daemon.change(BILLING, status="disconnected", status_since=NOW, proven_at=None)
        under.daemon.push(Delta(removed=[SALES]))
        await under.shows(pilot, "paused · 2 changes held back")
        assert "12 connected" in text(pilot) and "sales-eu" in text(pilot) and "Sessions 24" in text(pilot)
        await pilot.press("I", "down", "r")
        assert "12 connected" in text(pilot)
        await pilot.press("escape", "p")
        await under.shows(pilot, "11 connected", "Sessions 23")
        assert "paused" not in text(pilot)


async def test_what_was_asked_for_is_told_although_the_screen_is_held() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("p", "r")
        await until(pilot, lambda: "accepted" in under.said)
        under.daemon.finish("verified", "connected, proven by getState")
        await until(pilot, lambda: "verified · connected" in under.said)
        under.daemon.lose("the daemon has gone")
        await until(pilot, lambda: under.said == "the daemon has gone")
        assert "12 connected" in text(pilot)
        await pilot.press("r")
        await until(pilot, lambda: "not asked for, the daemon has gone" in under.said)
        await pilot.press("p")
        await under.shows(pilot, "daemon gone since")


async def test_z_snoozes_for_as_long_as_is_typed() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("z")
        await until(pilot, lambda: isinstance(under.app.screen, SnoozeScreen))
        field = under.app.screen.query_one(Input)
        field.value = "soon"
        await pilot.press("enter")
        await under.shows(pilot, "soon is no duration; write 30m")
        field.value = "1h30m"
        await pilot.press("enter")
        await until(pilot, lambda: under.asked)
        assert (under.daemon.asked[0].action, under.daemon.asked[0].minutes) == ("snooze", 90)
        await pilot.press("z", "escape")
        await until(pilot, lambda: isinstance(under.app.screen, MainScreen))
        assert len(under.asked) == 1


async def test_a_acknowledges_and_takes_that_back() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("a")
        await until(pilot, lambda: under.asked)
        under.daemon.change(SALES, acknowledged=AcknowledgedView(who="ana@ops", at=NOW))
        await until(pilot, lambda: under.app.state.sessions[SALES].acknowledged)
        await pilot.press("a")
        await until(pilot, lambda: len(under.asked) == 2)
        assert [request.force for request in under.daemon.asked] == [False, True]
        assert {request.action for request in under.daemon.asked} == {"acknowledge"}


async def test_e_renames_then_makes_it_the_primary() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(under.app.screen, EditScreen))
        field = under.app.screen.query_one("#name", Input)
        field.value = ""
        field.focus()
        await pilot.press("enter")
        await under.shows(pilot, "the instance name is missing")
        field.value = "sales-north"
        under.app.screen.query_one(Choice).focus()
        await pilot.press("space")
        field.focus()
        await pilot.press("enter")
        await until(pilot, lambda: under.asked)
        assert (under.daemon.asked[0].action, under.daemon.asked[0].instance_name) == (
            "rename",
            "sales-north",
        )
        assert len(under.asked) == 1, "one action at a time"
        under.daemon.finish("verified", "renamed")
        await until(pilot, lambda: len(under.asked) == 2)
        assert under.asked[1] == ("set_primary", SALES[1])


async def test_an_edit_that_changes_nothing_asks_for_nothing() -> None:
    under = Hands(BILLING)
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(under.app.screen, EditScreen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(under.app.screen, MainScreen))
        assert under.asked == []


async def test_capital_d_deletes_once_confirmed() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("D")
        await under.shows(pilot, "Delete sales-eu on eu-1?")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(under.app.screen, MainScreen))
        assert under.asked == []
        await pilot.press("D")
        await until(pilot, lambda: isinstance(under.app.screen, ConfirmScreen))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: under.asked == [("delete", SALES[1])])
        assert under.daemon.asked[0].force


async def test_a_gateway_that_is_read_only_refuses_its_sessions_alone() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        gateway = under.app.state.gateways["eu-1"]
        under.daemon.push(Delta(gateways=[msgspec.structs.replace(gateway, read_only=True)]))
        await until(pilot, lambda: under.app.state.gateways["eu-1"].read_only)
        await pilot.press("r")
        await until(
            pilot, lambda: under.said == "refused, gateway eu-1 is read-only: reconnect sales-eu on eu-1"
        )
        await until(pilot, lambda: "r Reconnect" not in text(pilot))
        await under.shows(pilot, "o QR", "a Acknowledge")
        await pilot.press("a")
        await until(pilot, lambda: under.asked == [("acknowledge", SALES[1])])  # kept by the daemon alone
        under.daemon.asked.clear()
        put_cursor(under.grid, ("eu-2", "user_7_instance_courier-2"))
        await under.shows(pilot, "r Reconnect")
        await pilot.press("r")
        await until(pilot, lambda: under.asked)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes to the terminal's clipboard."""
    texts: list[str] = []

    def told(text: str) -> str:
        texts.append(text)
        return ""

    monkeypatch.setattr("wa_tui.tui.export.osc52", told)
    return texts


async def test_c_copies_the_id_and_capital_c_the_phone(sent: list[str]) -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("c")
        await until(pilot, lambda: under.said == f"sent to the terminal's clipboard: id {SALES[1]}")
        await pilot.press("C")
        await until(pilot, lambda: "phone number +491525550001" in under.said)
        put_cursor(under.grid, ("eu-2", "user_7_instance_support-fr"))
        await pilot.press("C")
        await until(pilot, lambda: under.said == "there is no phone number to copy")
        await pilot.press("space", "home", "space", "end", "c")
        last = under.grid.keys[-1][1]
        await until(pilot, lambda: last in under.said)
        assert sent == [SALES[1], "+491525550001", last], "marks are for what is done"


def test_the_clipboard_through_tmux_and_screen() -> None:
    text = "wörter " * 40
    data = base64.b64encode(text.encode()).decode()
    plain = f"\x1b]52;c;{data}\x07"
    assert osc52(text, {"TERM": "xterm-256color"}) == plain
    in_tmux = osc52(text, {"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "tmux-256color"})
    assert in_tmux == f"{plain}\x1bPtmux;\x1b{plain}\x1b\\"
    in_screen = osc52(text, {"TERM": "screen-256color", "STY": "1.pts-0.host"})
    assert osc52(text, {"TERM": "screen-256color"}) == plain + in_screen, "it may be a tmux beyond ssh"
    pieces = in_screen.split("\x1b\\")[:-1]
    assert all(piece.startswith("\x1bP") and len(piece) < 256 for piece in pieces)
    assert "".join(piece.removeprefix("\x1bP") for piece in pieces) == plain
    with pytest.raises(TooLong, match="save it to a file"):
        osc52("x" * (MAX_BYTES + 1), {})


async def test_enter_and_d_open_the_details() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        for key in ("enter", "d"):
            await pilot.press(key)
            await until(pilot, lambda: isinstance(under.app.screen, DetailsScreen))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(under.app.screen, MainScreen))


@pytest.mark.parametrize(("key", "view"), [("l", "log"), ("y", "raw"), ("o", "qr")])
async def test_keys_to_the_views_of_a_session(key: str, view: str) -> None:
    if view not in {one.name for one in VIEWS}:
        pytest.skip(f"no view {view} yet")
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press(key)
        await until(
            pilot,
            lambda: [(place.view, place.key) for place in under.app.navigation.trail[1:]] == [(view, SALES)],
        )
