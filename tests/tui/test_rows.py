from __future__ import annotations

from typing import Any

import msgspec
import pytest
from rich.cells import cell_len

from tests.needing import FLAPPING, need
from tests.tui.fleet import HOUR, MINUTE, NOW, ago, clock, day, session, snapshot, troubled
from wa_tui.filters.sessions import Filter
from wa_tui.text.columns import Column
from wa_tui.text.phone import phone
from wa_tui.tui.fleet.columns import layout
from wa_tui.tui.fleet.order import Order, sort_key
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.presenters.rows import row
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import LOOKS, Palette
from wa_tui.tui.style.pieces import width_of
from wa_tui.tui.style.tables import MARK
from wa_tui.wire import AcknowledgedView, Condition, Delta, Priority, Receipt, SessionView, TrafficView


def cells(
    one: SessionView, width: int = 120, *, plain: bool = False, wide: bool = False, **parts: Any
) -> dict[Column, str]:
    state = FleetState(clock)
    state.apply(snapshot(sessions=[one], **parts))
    slots = layout(width, 3, wide)
    found = row(state, one.key, slots, Palette(plain))
    return {
        slot.column: "".join(piece.text for piece in cell).rstrip()
        for slot, cell in zip(slots, found, strict=True)
    }


@pytest.mark.parametrize("width", [60, 80, 81, 100, 119, 120, 160, 200, 260])
@pytest.mark.parametrize("gateways", [1, 3])
def test_rows_fill_the_width_whatever_the_names(width: int, gateways: int) -> None:
    state = FleetState(clock)
    state.apply(snapshot())
    slots = layout(width, gateways)
    for key in state.sessions:
        assert MARK + sum(width_of(cell) for cell in row(state, key, slots, Palette())) == width


@pytest.mark.parametrize(
    ("width", "gateways", "columns"),
    [
        (80, 1, "STATUS INSTANCE AGE RIBBON WHY"),
        (80, 3, "STATUS INSTANCE GATEWAY AGE WHY"),
        (90, 3, "STATUS INSTANCE GATEWAY AGE RIBBON WHY"),
        (99, 3, "STATUS INSTANCE GATEWAY AGE RIBBON UPTIME PROVEN WHY"),
        (118, 1, "STATUS INSTANCE PHONE AGE RIBBON UPTIME PROVEN WHY"),
        (119, 1, "STATUS INSTANCE PHONE AGE RIBBON PROVEN LAST WHY"),
        (119, 3, "STATUS INSTANCE GATEWAY AGE RIBBON UPTIME PROVEN LAST WHY"),
        (127, 3, "STATUS INSTANCE PHONE GATEWAY AGE RIBBON PROVEN LAST WHY"),
    ],
)
def test_narrow_terminals_shed_what_says_least(width: int, gateways: int, columns: str) -> None:
    slots = layout(width, gateways)
    assert [slot.column.name for slot in slots] == columns.split()
    assert slots[-1].width >= (28 if width < 100 else 40)


@pytest.mark.parametrize("width", [60, 80, 99, 100, 120, 160, 200])
def test_long_names_take_what_why_can_spare(width: int) -> None:
    """Columns that short names leave alone; no column goes for a name, and WHY keeps what it needs."""
    usual = layout(width, 3)
    assert layout(width, 3, names=len("sales-eu")) == usual
    for names in (20, 30, 90):
        slots = layout(width, 3, names=names)
        assert [slot.column for slot in slots] == [slot.column for slot in usual]
        room = {slot.column: slot.width for slot in slots}
        least = min(usual[-1].width, 28 if width < 100 else 40)
        assert room[Column.WHY] >= least
        assert room[Column.INSTANCE] >= min(names, 40) or room[Column.WHY] == least
        assert MARK + sum(slot.width + slot.gap for slot in slots) == width


def test_the_longest_name_is_known_as_sessions_come_and_go() -> None:
    state = FleetState(clock)
    state.apply(snapshot(sessions=[session("short")]))
    assert state.longest_name == 5
    long = session("東京支店")
    state.apply(Delta(sessions=[long, session("tiny")]))
    assert state.longest_name == 8
    state.apply(Delta(sessions=[msgspec.structs.replace(long, instance_name="a" * 30)]))
    assert state.longest_name == 30
    state.apply(Delta(removed=[long.key]))
    assert state.longest_name == 5


def test_several_gateways_are_told_apart_at_eighty_cells() -> None:
    columns = [slot.column for slot in layout(80, 3)]
    assert Column.GATEWAY in columns and Column.RIBBON not in columns
    columns = [slot.column for slot in layout(80, 1)]
    assert Column.RIBBON in columns and Column.GATEWAY not in columns


def test_the_wide_columns_have_room_for_an_id() -> None:
    widths = {slot.column: slot.width for slot in layout(190, 3, True)}
    assert widths[Column.ID] >= len("user_7_instance_support-fr") and widths[Column.TRAFFIC] == 12
    assert {Column.USER, Column.RECEIVED, Column.SENT, Column.USED, Column.WHY} <= widths.keys()


@pytest.mark.parametrize("width", [120, 140, 160, 200])
def test_wide_takes_no_column_away(width: int) -> None:
    wide = {slot.column for slot in layout(width, 3, True)}
    assert {slot.column for slot in layout(width, 3)} | {Column.USER, Column.USED} <= wide


def test_drops_are_a_number_and_the_most_come_first_when_asked_for() -> None:
    often, never = session("a", drops=12), session("b", drops=0)
    keys = [sort_key(each, Condition.CONNECTED, Priority.REST, Order.DROPS, NOW) for each in (often, never)]
    assert keys == sorted(keys)


def test_who_takes_care_and_how_long_it_calls_nobody_stand_in_why() -> None:
    down = troubled("a", "disconnected", attention=FLAPPING)
    snoozed = msgspec.structs.replace(down, snoozed_until=NOW + 90 * MINUTE)
    assert cells(snoozed, 160)[Column.WHY] == "flapping, 9 drops/h · snoozed 1h"
    assert cells(snoozed, 68)[Column.WHY] == "flapping · snoozed 1h"
    taken = msgspec.structs.replace(down, acknowledged=AcknowledgedView(who="ana@ops", at=NOW))
    assert cells(taken, 160)[Column.WHY] == "flapping, 9 drops/h · taken: ana"
    long = msgspec.structs.replace(
        taken, attention=need("other", "something that takes more cells than there are", "mend it")
    )
    assert cells(long, 80)[Column.WHY].endswith("… · taken"), "the reason is cut for it"
    assert cells(session("b", snoozed_until=NOW + HOUR))[Column.WHY] == "snoozed 1h"


def test_where_what_to_do_has_no_room_whole_the_reason_stands_alone() -> None:
    clash = troubled("a", "disconnected", attention=need("conflict", "opened elsewhere", "close it there"))
    room = next(slot.width for slot in layout(120, 3, True) if slot.column is Column.WHY)
    assert room < len("close the other")
    assert cells(clash, wide=True)[Column.WHY] == "conflict"


def test_a_wide_terminal_gives_room_to_names_and_reasons() -> None:
    widths = {slot.column: slot.width for slot in layout(200, 3)}
    assert widths[Column.INSTANCE] >= 24
    assert widths[Column.RIBBON] == 24
    assert widths[Column.WHY] >= 60


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (troubled("a", "disconnected", reason="browser_died"), "browser died · r reconnects"),
        (troubled("a", "disconnected", reason="missing"), "missing · r reconnects"),
        (troubled("a", "disconnected", reason="other", detail="\x1b[31mHTTP 502"), "HTTP 502 · r reconnects"),
        (troubled("a", "disconnected"), "no reason given · r reconnects"),
        (
            troubled("a", "disconnected", reason="logout", credentials="needs_scan"),
            "logged out · o starts a new code",
        ),
        (
            troubled("a", "qr_pending", qr="d", attention=need("scan_qr", "scan")),
            "no scan yet · o shows the code",
        ),
        (troubled("a", "qr_pending", reason="qr_expired"), "expired · o starts a new code"),
        (troubled("a", "initializing"), "waiting for its page · wait"),
        (troubled("a", "authenticated"), "loading the chats · wait"),
        (
            troubled("a", "disconnected", attention=FLAPPING),
            "flapping · l shows its log",
        ),
        (
            troubled(
                "a", "auth_failed", attention=need("banned", "banned", "get a new number"), reason="banned"
            ),
            "banned · get a new number",
        ),
        (troubled("a", "disconnected", desired="offline", reason="operator"), "switched off · nothing to do"),
        (troubled("a", "unknown"), "never seen · s checks it"),
        (
            troubled("a", "disconnected", desired="offline", reason="operator", detail="root@vm"),
            "by root@vm · nothing to do",
        ),
        (session("a"), ""),
        (session("a", desired="offline"), "should be offline · x disconnects"),
        (session("a", contradiction="its list says absent"), "its list says abse… · s checks it"),
        (session("a", unanswered="check unanswered"), "check unanswered · s checks it"),
        (session("a", proven_at=None), "not checked yet · s checks it"),
        (session("a", proven_at=ago(30 * MINUTE)), "not checked lately · s checks it"),
        (session("a", "us-1"), "gateway down · see that us-1 runs"),
        (troubled("a", "disconnected", "us-1", reason="browser_died"), "gateway down · see that us-1 runs"),
        (session("a", orphan=True), "deleted · x disconnects"),
    ],
)
def test_why_in_words_with_the_next_step(one: SessionView, why: str) -> None:
    assert cells(one, 89)[Column.WHY] == why


def test_an_action_under_way_is_shown_above_all() -> None:
    one = troubled("a", "disconnected", action="a7", attention=need("flapping", "flapping"))
    assert cells(one, 89, receipts=[])[Column.WHY] == "action under way · wait"
    receipt = Receipt(id="a7", action="refresh_qr", outcome="accepted", accepted_at=NOW)
    assert cells(one, 89, receipts=[receipt])[Column.WHY] == "refresh qr under way · wait"


def test_uptime_is_hundred_only_when_it_always_was() -> None:
    assert cells(session("a"))[Column.UPTIME].strip() == "100.0"
    assert cells(session("a", history=day((1.0, "d"), (0.9995, "c"))))[Column.UPTIME].strip() == "99.99"
    assert cells(session("a", history=day((6.0, "d"), (5.0, "c"))))[Column.UPTIME].strip() == "95.8"
    assert cells(session("a", history=[]))[Column.UPTIME].strip() == "–"


def test_the_ribbon_reads_without_colour() -> None:
    one = session("a", history=day((13.1, "d"), (12.3, "c"), (6.1, "q"), (6.0, "c"), born=20.0))
    assert cells(one)[Column.RIBBON] == "·▆▆▆▆▆▆▆▆▆"
    assert cells(one, plain=True)[Column.RIBBON] == "·▆▆▆▂▆▆▄▆▆"


def test_every_state_has_a_glyph_of_its_own_or_a_colour() -> None:
    assert set(LOOKS) == set(Condition)
    assert len({(look.glyph, look.ink) for look in LOOKS.values()}) == len(Condition)
    assert LOOKS[Condition.CONNECTED].ink is Ink.GREEN


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("491525550001", "+49 152 555 0001"),
        ("+491525550001", "+49 152 555 0001"),
        ("15550001001", "+1 555 000 1001"),
        ("34600555014", "+34 600 555 014"),
        ("35191055512", "+351 910 55512"),
        ("79115550100", "+7 911 555 0100"),
        ("4915255500011", "+4915255500011"),
        ("15550001234@c.us", "15550001234@c.us"),
        ("12", "12"),
        ("", ""),
    ],
)
def test_phone_numbers(number: str, shown: str) -> None:
    assert phone(number, 16) == shown
    assert cell_len(shown) <= 16 or "@" not in shown


def test_what_nothing_can_prove_stands_with_the_healthy_and_says_no_why() -> None:
    [there, *_] = snapshot().gateways
    claims = msgspec.structs.replace(there, kind="evolution", proof="claimed")
    fine = session("a", proven_at=None, proof="claimed")
    shown = cells(fine, gateways=[claims])
    assert (shown[Column.STATUS], shown[Column.PROVEN], shown[Column.WHY]) == ("◌ claimed", "–", "")
    assert cells(fine, gateways=[there])[Column.WHY] == "not checked yet · s checks it"
    against = session("b", proven_at=None, proof="claimed", contradiction="a webhook says disconnected")
    assert cells(against, gateways=[claims])[Column.WHY].startswith("a webhook says dis")
    state = FleetState(clock)
    proven = session("c")
    state.apply(
        snapshot(sessions=[fine, against, proven, session("z", "eu-2", proven_at=None)], gateways=[claims])
    )
    order = [state.sessions[key].label for key in state.rows(Filter(), Order.TROUBLE, state.now)]
    assert order == ["b", "z", "a", "c"]
    assert state.troubled == {against.key}
    state.lose("gone")
    assert not any(state.assessment(key, state.now).works for key in state.sessions)  # type: ignore[union-attr]


def test_traffic_stands_in_numbers_and_bars_and_a_dash_where_it_is_not_told() -> None:
    told = TrafficView(received=120, sent=0, received_at=ago(3 * MINUTE), hours=[0] * 20 + [1, 2, 4, 8])
    shown = cells(session("a", traffic=told), 200, wide=True)
    assert [shown[each].strip() for each in (Column.RECEIVED, Column.SENT, Column.LAST)] == ["120", "0", "2m"]
    assert shown[Column.TRAFFIC].strip() == "▂█"
    shown = cells(session("a"), 200, wide=True)
    assert {shown[each].strip() for each in (Column.RECEIVED, Column.SENT, Column.LAST, Column.TRAFFIC)} == {
        "–"
    }


@pytest.mark.parametrize(
    ("order", "names"),
    [(Order.RECEIVED, "bac"), (Order.SENT, "abc"), (Order.TRAFFIC, "abc"), (Order.LAST, "bac")],
)
def test_sessions_are_sorted_by_their_traffic_and_what_is_not_told_comes_last(
    order: Order, names: str
) -> None:
    busy = TrafficView(received=1, sent=9, received_at=ago(HOUR), hours=[9, 9])
    fresh = TrafficView(received=2, sent=0, received_at=ago(MINUTE), hours=[0, 3])
    views = [session("a", traffic=busy), session("b", traffic=fresh), session("c")]
    views.sort(key=lambda one: sort_key(one, Condition.CONNECTED, Priority.REST, order, NOW))
    assert "".join(one.label for one in views) == names
