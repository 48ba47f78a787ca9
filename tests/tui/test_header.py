from __future__ import annotations

import time
from datetime import datetime, timedelta

import msgspec
import pytest

from tests.needing import CONFLICT, DOWN, EXHAUSTED, need
from tests.tui.fleet import HOUR, NOW, clock, session, snapshot
from tests.tui.stage import KEYS
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Pieces, width_of
from wa_tui.tui.widgets.footer import KeyBar
from wa_tui.tui.widgets.header import FleetHeader
from wa_tui.wire import (
    AcknowledgedView,
    Attention,
    AttentionCode,
    DaemonView,
    Delta,
    GatewayView,
    HealingView,
    Snapshot,
    TrafficView,
)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def header(width: int = 120, first: Snapshot | None = None, *, lost: bool = False) -> list[str]:
    return [text(line) for line in pieces(width, first, lost=lost)]


def pieces(width: int = 120, first: Snapshot | None = None, *, lost: bool = False) -> list[Pieces]:
    state = FleetState(clock)
    state.apply(first or snapshot())
    if lost:
        state.lose("the socket closed")
    widget = FleetHeader()
    widget.show(state, state.now)
    return widget.lines(width)


def text(line: Pieces) -> str:
    return "".join(piece.text for piece in line).rstrip()


def daemon(**fields: object) -> DaemonView:
    known: dict[str, object] = {"pid": 1, "version": "0", "started_at": NOW, "title": "prod"}
    return DaemonView(**(known | fields))  # type: ignore[arg-type]


def test_gateways_counts_and_needs() -> None:
    first, _, third = header()
    assert first.startswith(" wa-tui   prod   ● eu-1 11   ● eu-2 10   ○ us-1 down 2m · 3 claimed   ")
    assert first.endswith("  12:41 UTC")
    assert third == (
        " ● 12 connected  ◌ 3 claimed  ◐ 2 starting  ▣ 2 scan QR  ○ 3 down"
        "  5 need you · 1 gateway  2 QR  1 banned  1 flapping"
    )


def test_a_gateway_that_is_quieted_says_for_how_long_and_is_not_loud() -> None:
    down = GatewayView(
        name="us-1", url="", state="down", since=NOW - HOUR, snoozed_until=NOW + HOUR + timedelta(minutes=58)
    )
    first = pieces(120, snapshot(gateways=[down]))[0]
    assert "○ us-1 down 59m · snoozed 1h58m · 3 claimed" in text(first)
    assert not any(piece.ink is Ink.RED for piece in first)


def test_eighty_columns_keep_the_trouble() -> None:
    first, _, third = header(80)
    assert "○ us-1 down 2m" in first
    assert third.endswith("○ 3 down  5 need you")


def test_a_narrow_screen_keeps_every_count_and_the_broken_gateway() -> None:
    first, _, third = header(60)
    assert third == " ● 12  ◌ 3  ◐ 2 starting  ▣ 2 scan QR  ○ 3 down  5 need you"
    first, _, third = header(40)
    assert first == " wa-tui   prod   ● 2   ○ us-1 down"
    assert third == " ● 12  ◌ 3  ◐ 2  ▣ 2  ○ 3  5 need you"


def test_no_line_is_ever_too_wide() -> None:
    notices = ["3 webhooks missing in the last hour on eu-1", "another"]
    many = [GatewayView(name=f"gateway-{n}", url="", state="down" if n % 4 == 0 else "up") for n in range(40)]
    noticed = snapshot(daemon=daemon(notices=notices))
    for first in (snapshot(), noticed, snapshot(gateways=many), snapshot(sessions=[])):
        for width in (10, 20, 40, 60, 80, 100, 120, 200):
            for line in pieces(width, first):
                assert width_of(line) <= width


def test_many_gateways_are_counted_and_the_broken_named() -> None:
    many = [GatewayView(name=f"gw-{n:02}", url="", state="down" if n == 30 else "up") for n in range(40)]
    assert header(80, snapshot(gateways=many))[0].startswith(
        " wa-tui   prod   ● 39 gateways   ○ gw-30 down  "
    )


def test_the_bar_is_in_proportion_and_hides_nobody() -> None:
    fleet = [*(session(f"s{n}") for n in range(900)), session("x", status="disconnected")]
    bar = pieces(120, snapshot(sessions=fleet))[1]
    assert width_of(bar) == 119
    assert [(len(piece.text), piece.ink) for piece in bar[1:]] == [(117, Ink.GREEN), (1, Ink.RED)]


def test_notices_and_a_lost_daemon_are_said_first() -> None:
    assert header(first=snapshot(daemon=daemon(notices=["3 webhooks missing/h"])))[0].endswith(
        "3 webhooks missing/h  12:41 UTC"
    )
    lost = header(80, lost=True)
    assert "✖ daemon gone since" in lost[0]
    assert "connected" not in lost[2]


def test_those_who_wait_are_counted_apart() -> None:
    asleep, taken = "2026-11-23T13:00:00Z", AcknowledgedView(who="ana@ops", at=NOW)
    fleet = [
        session("a", status="disconnected", attention=DOWN),
        session(
            "b",
            status="disconnected",
            attention=DOWN,
            snoozed_until=datetime.fromisoformat(asleep),
        ),
        session(
            "c",
            status="disconnected",
            attention=DOWN,
            acknowledged=taken,
        ),
        session(
            "d",
            status="disconnected",
            attention=DOWN,
            snoozed_until=NOW - HOUR,
        ),
    ]
    assert (
        header(first=snapshot(sessions=fleet))[2]
        == " ○ 4 down    3 need you · 1 gateway  2 down · 1 snoozed  1 taken"
    )
    assert (
        header(first=snapshot(sessions=fleet[1:3]))[2]
        == " ○ 2 down    1 needs you · 1 gateway · 1 snoozed  1 taken"
    )


def test_what_a_gateway_is_not_well_with() -> None:
    gateways = [
        GatewayView(name="eu-1", url="", state="up", hour={"missing": 3}),
        GatewayView(name="eu-2", url="", state="restarting", since=NOW - HOUR / 30),
        GatewayView(name="us-1", url="", state="unauthorised", since=NOW - HOUR),
    ]
    first = snapshot(gateways=gateways, sessions=[session("a")])
    assert header(first=first)[0].startswith(
        " wa-tui   prod   ● eu-1 1 · 3 webhooks missing   ◐ eu-2 restarting 1m   ✖ us-1 wrong key 59m"
    )
    assert "3 missing" in header(90, first)[0]
    assert "us-1 wrong key" in header(60, first)[0]


def test_what_a_gateway_is_refused_and_the_daemon_cannot_do_is_on_top() -> None:
    refused = Attention(code=AttentionCode.WEBHOOKS_REFUSED, text="3 webhooks refused: wrong key")
    full = Attention(code=AttentionCode.STORE_FAILED, text="the disk is full")
    gateways = [
        GatewayView(name="eu-1", url="", state="up", attention=[refused]),
        *(GatewayView(name=f"eu-{number}", url="", state="up") for number in range(2, 12)),
    ]
    first = snapshot(gateways=gateways, sessions=[session("a")])
    told = header(first=first)
    assert "✖ eu-1 refused" in told[0] and "10 gateways" in told[0]
    assert told[2].endswith("1 needs you · 1 gateway")
    assert "✖ eu-1 refused" in header(60, first)[0]
    told = header(
        first=msgspec.structs.replace(first, daemon=daemon(attention=[full], notices=["97 % full"]))
    )
    assert "✖ the disk is full (+1)" in told[0]
    assert told[2].endswith("2 need you · 1 daemon  1 gateway")


def test_a_need_is_told_whole_and_in_the_word_of_the_needs() -> None:
    fleet = [
        session("a", status="disconnected", reason="conflict", attention=CONFLICT),
        session("b", status="disconnected", attention=EXHAUSTED,
                healing=HealingView(state="exhausted")),
        session("c", status="disconnected", attention=need("other", "its disk is full of logs")),
    ]  # fmt: skip
    gateways = [GatewayView(name="eu-1", url="", state="up")]
    third = header(first=snapshot(sessions=fleet, gateways=gateways))[2]
    assert third == " ○ 3 down    3 need you · 1 conflict  1 exhausted  1 other"


def test_before_anything_is_known() -> None:
    widget = FleetHeader(title="prod")
    assert text(widget.lines(60)[0]) == " wa-tui   prod"
    assert width_of(widget.lines(60)[0]) == 60


def bar(width: int) -> str:
    widget = KeyBar()
    widget.show(KEYS)
    (line,) = widget.lines(width)
    assert width_of(line) <= width + 3
    return text(line)


def test_the_key_bar_sheds_from_the_right_and_keeps_help() -> None:
    assert bar(120).endswith("/ Filter   ? Help")
    assert bar(60).startswith(" r Reconnect   o QR")
    assert bar(60).endswith("? Help")
    assert len(bar(60)) <= 60


def messages(
    width: int, received: int | None = None, sent: int | None = None, failed: int | None = None
) -> str:
    """The header's third line, where it is to sum the messages of two sessions and one that tells of none."""
    told = TrafficView(received=received, sent=sent, failed=failed)
    state = FleetState(clock)
    state.apply(snapshot(sessions=[session("a", traffic=told), session("b", traffic=told), session("c")]))
    widget = FleetHeader(messages=True)
    widget.show(state, state.now)
    return text(widget.lines(width)[2])


def test_messages_of_the_fleet_are_summed_on_request_where_there_is_room() -> None:
    assert messages(100, received=120, sent=4, failed=1).endswith("  last hour 240 in  8 out  2 failed")
    assert messages(75, received=120, sent=4, failed=1).endswith("  240 in  8 out  2 failed")
    assert messages(100, received=120).endswith("  last hour 240 in  – out"), "what is not told is not 0"
    assert messages(40, received=120, sent=4) == text(header_without_messages(40))


def header_without_messages(width: int) -> Pieces:
    return pieces(width, snapshot(sessions=[session("a"), session("b"), session("c")]))[2]


def test_the_sum_of_messages_moves_with_the_minute_alone() -> None:
    at = NOW
    state = FleetState(lambda: at)
    state.apply(snapshot(sessions=[session("a", traffic=TrafficView(received=1))]))
    widget = FleetHeader(messages=True)
    widget.show(state, state.now)
    before = widget.lines(100)
    state.apply(Delta(sessions=[session("a", traffic=TrafficView(received=2))]))
    widget.show(state, state.now)
    assert widget.lines(100) == before
    at += timedelta(minutes=1)
    widget.show(state, state.now)
    assert "2 in" in text(widget.lines(100)[2])
