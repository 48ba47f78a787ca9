"""Whatever changes, and however often it is asked, the rows are those of a filter and a sort from scratch."""

from __future__ import annotations

import random
import time
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.fleet import NOW, SESSIONS, ago, clock, session, snapshot, troubled
from wa_tui.filters.sessions import parse
from wa_tui.tui.fleet.order import Order, SortKey, sort_key
from wa_tui.tui.fleet.state import FleetState
from wa_tui.wire import Cause, Delta, SessionKey, SessionView, cause_of, is_troubled, priority

FILTERS = (
    "",
    "sales",
    "!sales",
    "status:disconnected",
    "for:>5m",
    "-f sls",
    "gateway:eu-2 !connected",
    "cause:s",
)
NAMES = ("sales-eu", "billing", "crm-north", "newcomer", "東京サポート", "Sales-EU")


def cause(state: FleetState, one: SessionView) -> Cause | None:
    return cause_of(one, state.condition(one.key, state.now), state.gateways.get(one.gateway))


def from_scratch(state: FleetState, text: str, order: Order) -> list[SessionKey]:
    chosen = parse(text)
    found = [
        one
        for one in state.sessions.values()
        if chosen.admits(one, state.condition(one.key, state.now), cause(state, one), state.now)
    ]
    found.sort(key=lambda one: _key(state, one, order))
    return [one.key for one in found]


def _key(state: FleetState, one: SessionView, order: Order) -> SortKey:
    found = state.condition(one.key, state.now)
    asked = priority(one, found, state.gateways.get(one.gateway), state.now)
    return sort_key(one, found, asked, order, state.now)


changes = st.lists(
    st.one_of(
        st.builds(
            lambda name, status, age: session(
                name,
                status=status,
                status_since=ago(timedelta(minutes=age)),
                user_id=str(age) if age else None,
            ),
            st.sampled_from(NAMES),
            st.sampled_from(["connected", "disconnected", "qr_pending", "initializing"]),
            st.integers(0, 20),
        ),
        st.sampled_from([one.key for one in SESSIONS]),
    ),
    max_size=12,
)


@given(st.lists(changes, max_size=5), st.sampled_from(FILTERS), st.sampled_from(list(Order)))
def test_rows_are_those_of_a_sort_from_scratch(
    deltas: list[list[SessionView | SessionKey]], text: str, order: Order
) -> None:
    state = FleetState(clock)
    state.apply(snapshot())
    state.rows(parse(text), order, state.now)
    for delta in deltas:
        state.apply(
            Delta(
                sessions=[one for one in delta if isinstance(one, SessionView)],
                removed=[one for one in delta if not isinstance(one, SessionView)],
            )
        )
        assert state.rows(parse(text), order, state.now) == from_scratch(state, text, order)
        state.rows(parse("eu"), Order.INSTANCE, state.now)


WORDS = st.one_of(
    st.sampled_from(
        ["sales", "us", "user_1_instance_", "conn", "status:qr", "gateway:eu-1", "for:>5m", "-f", "49"]
    ),
    st.text("sale_u17!:", min_size=1, max_size=6),
)


@given(st.lists(WORDS, min_size=1, max_size=3), st.sampled_from([Order.TROUBLE, Order.UPTIME]), st.data())
def test_every_letter_of_a_filter_finds_what_it_would_alone(
    detail: list[str], order: Order, data: st.DataObject
) -> None:
    text, minutes = " ".join(detail), [0]
    state = FleetState(lambda: NOW + timedelta(minutes=minutes[0]))
    fleet = [
        session(name, session_id=f"user_{number}_instance_{name}", user_id=str(number))
        for number, name in enumerate(NAMES)
    ]
    state.apply(snapshot(sessions=[*SESSIONS, *fleet]))
    for length in range(len(text) + 1):
        match data.draw(st.integers(0, 5)):
            case 0:
                minutes[0] += 6
            case 1:
                state.apply(Delta(removed=[fleet[length % len(fleet)].key]))
            case 2:
                state.apply(Delta(sessions=[msgspec.structs.replace(fleet[0], status="qr_pending")]))
        typed = text[:length]
        assert state.rows(parse(typed), order, state.now) == from_scratch(state, typed, order), typed


def test_two_that_ask_for_different_rows_do_not_disturb_each_other() -> None:
    state = FleetState(clock)
    state.apply(snapshot())
    first, second = parse("sales"), parse("gateway:eu-2")
    rows = state.rows(first, Order.INSTANCE, state.now)
    state.rows(second, Order.TROUBLE, state.now)
    assert state.rows(first, Order.INSTANCE, state.now) is rows, "kept, while nothing changed"
    for number in range(9):
        state.rows(parse(f"a{number}"), Order.TROUBLE, state.now)
    assert state.rows(first, Order.INSTANCE, state.now) == rows


def test_what_one_change_costs_does_not_grow_with_the_fleet() -> None:
    """A hundred changes in a fleet of 10,000 take a few milliseconds; filtering them all anew takes a hundred."""
    chance = random.Random(7)
    state = FleetState(clock)
    fleet = [
        session(
            f"inst-{number:05}",
            f"eu-{number % 3}",
            status_since=ago(timedelta(minutes=chance.randrange(9999))),
        )
        for number in range(10_000)
    ]
    state.apply(snapshot(sessions=fleet))
    began = time.perf_counter()
    rows = state.rows(parse("inst-0 !eu-2"), Order.TROUBLE, state.now)
    whole = time.perf_counter() - began
    assert len(rows) == 6667
    took = []
    for _ in range(20):
        fallen = [
            msgspec.structs.replace(one, status="disconnected", status_since=NOW)
            for one in chance.sample(fleet, 25)
        ]
        state.apply(Delta(sessions=fallen))
        began = time.perf_counter()
        state.rows(parse("inst-0 !eu-2"), Order.TROUBLE, state.now)
        took.append(time.perf_counter() - began)
    assert sorted(took)[10] < whole / 10


@pytest.mark.parametrize(
    ("one", "troubled_"),
    [
        (session("a"), False),
        (session("a", proven_at=None), False),
        (session("a", desired="offline"), True),
        (session("a", contradiction="the list says otherwise"), True),
        (session("a", status="initializing"), True),
        (troubled("a", "disconnected"), True),
        (troubled("a", "disconnected", desired="offline"), False),
        (troubled("a", "unknown"), False),
    ],
)
def test_trouble(one: SessionView, troubled_: bool) -> None:
    state = FleetState(clock)
    state.apply(snapshot(sessions=[one]))
    assert is_troubled(one, state.condition(one.key, state.now)) is troubled_
