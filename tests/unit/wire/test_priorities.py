"""Who needs a person stands first, then what is stuck, then what heals by itself: the same in every list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.needing import BANNED, DOWN, FLAPPING, SCAN_QR
from tests.tui.fleet import NOW, session, troubled
from tests.unit.test_causes import gateway, sessions
from wa_tui.wire import (
    AcknowledgedView,
    Condition,
    GatewayHealingView,
    GatewayView,
    HealingView,
    Priority,
    SessionView,
    calls,
    condition,
    is_quiet,
    is_troubled,
    priority,
    priority_key,
)

HOUR = timedelta(hours=1)
TAKEN = AcknowledgedView(who="ana@ops", at=NOW)
QUIETED = msgspec.structs.replace(gateway("down"), snoozed_until=NOW + HOUR)
OFF = msgspec.structs.replace(gateway(), healing=GatewayHealingView(enabled=False))


CLAIMS = msgspec.structs.replace(gateway(), kind="evolution", proof="claimed")


def claimed(**fields: Any) -> SessionView:
    """Connected, as a gateway says that can prove nothing."""
    return session("a", **({"proven_at": None, "proof": "claimed"} | fields))


def down(**fields: Any) -> SessionView:
    return troubled("a", "disconnected", **fields)


def found(one: SessionView, there: GatewayView) -> Condition:
    return condition(one, there, NOW, 600)


@pytest.mark.parametrize(
    ("one", "there", "expected"),
    [
        (down(attention=DOWN), gateway(), Priority.CALLS),
        (session("a", attention=FLAPPING), gateway("restarting"), Priority.CALLS),
        (down(healing=HealingView(state="waiting")), gateway(), Priority.HEALS),
        (down(healing=HealingView(state="starting")), gateway(), Priority.HEALS),
        (down(healing=HealingView(state="held", why="starts fail")), gateway(), Priority.STUCK),
        (down(healing=HealingView(state="held")), gateway("restarting"), Priority.HEALS),
        (down(healing=HealingView(state="held")), gateway("down"), Priority.STUCK),
        (down(), gateway("down"), Priority.STUCK),
        (down(), gateway("unauthorised"), Priority.STUCK),
        (down(), gateway("unauthorised by a proxy"), Priority.STUCK),
        (down(), gateway(), Priority.HEALS),
        (down(), OFF, Priority.STUCK),
        (down(credentials="unknown"), gateway(), Priority.STUCK),
        (down(credentials="unknown", action="a1"), gateway(), Priority.HEALS),
        (troubled("a", "initializing"), gateway(), Priority.HEALS),
        (session("a", contradiction="the list says otherwise"), gateway(), Priority.HEALS),
        (down(attention=DOWN, snoozed_until=NOW + HOUR), gateway(), Priority.QUIET),
        (down(attention=DOWN, snoozed_until=NOW - HOUR), gateway(), Priority.CALLS),
        (down(attention=DOWN, acknowledged=TAKEN), gateway(), Priority.QUIET),
        (down(acknowledged=TAKEN), gateway(), Priority.QUIET),
        (down(attention=DOWN), QUIETED, Priority.QUIET),
        (down(), QUIETED, Priority.QUIET),
        (down(attention=BANNED), QUIETED, Priority.CALLS),
        (session("a"), gateway(), Priority.REST),
        (session("a"), gateway("down"), Priority.UNPROVEN),
        (session("a", proven_at=None), gateway(), Priority.UNPROVEN),
        (claimed(), CLAIMS, Priority.REST),
        (claimed(), msgspec.structs.replace(CLAIMS, state="down"), Priority.UNPROVEN),
        (claimed(), msgspec.structs.replace(CLAIMS, state="restarting"), Priority.UNPROVEN),
        (claimed(unanswered="no answer in 10 s"), CLAIMS, Priority.UNPROVEN),
        (claimed(contradiction="its list says disconnected"), CLAIMS, Priority.HEALS),
        (down(), CLAIMS, Priority.HEALS),
        (session("a", snoozed_until=NOW + HOUR), gateway(), Priority.REST),
        (down(desired="offline"), gateway(), Priority.REST),
    ],
)
def test_how_soon(one: SessionView, there: GatewayView, expected: Priority) -> None:
    assert priority(one, found(one, there), there, NOW) is expected


places = st.builds(
    lambda state, quiet: msgspec.structs.replace(gateway(state), snoozed_until=NOW + HOUR if quiet else None),
    st.sampled_from(["up", "slow", "restarting", "down", "unauthorised", "unknown"]),
    st.booleans(),
)
quieted = st.builds(
    lambda one, snoozed, taken: msgspec.structs.replace(
        one, snoozed_until=NOW + HOUR if snoozed else None, acknowledged=TAKEN if taken else None
    ),
    sessions,
    st.booleans(),
    st.booleans(),
)


@given(st.lists(st.tuples(quieted, places), max_size=12))
def test_nothing_stands_above_who_calls_and_callers_stand_by_urgency(
    fleet: list[tuple[SessionView, GatewayView]],
) -> None:
    def key(each: tuple[SessionView, GatewayView]) -> tuple[object, ...]:
        one, there = each
        return priority_key(one, found(one, there), priority(one, found(one, there), there, NOW))

    ordered = sorted(fleet, key=key)
    calling = [calls(one, there, NOW) for one, there in ordered]
    assert calling == sorted(calling, reverse=True)
    codes = [one.attention.code.urgency for one, there in ordered if calls(one, there, NOW) and one.attention]
    assert codes == sorted(codes)
    troubled_ = [is_troubled(one, found(one, there)) for one, there in ordered]
    assert troubled_ == sorted(troubled_, reverse=True), "and what is in no trouble is last"
    loud = [
        priority(one, found(one, there), there, NOW)
        for one, there in ordered
        if is_quiet(one, NOW) and is_troubled(one, found(one, there))
    ]
    assert set(loud) <= {Priority.QUIET}, (
        "what is snoozed or taken care of is below all that works or is stuck"
    )


def test_within_one_priority_the_worst_is_first_and_then_the_newest() -> None:
    old, new = down(status_since=NOW - HOUR), down(status_since=NOW)
    scan = troubled("b", "qr_pending", attention=SCAN_QR, status_since=NOW)
    ban = troubled("c", "disconnected", attention=BANNED, status_since=NOW - 9 * HOUR)

    def key(one: SessionView) -> tuple[object, ...]:
        return priority_key(one, found(one, gateway()), priority(one, found(one, gateway()), gateway(), NOW))

    assert sorted([old, new, scan, ban], key=key) == [ban, scan, new, old]
