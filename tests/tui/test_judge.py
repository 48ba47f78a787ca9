"""Whatever changes and however time goes by, each session stands as its views say when all are looked at anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.tui.fleet import NOW, SESSIONS, snapshot
from wa_tui.filters.sessions import Filter
from wa_tui.tui.fleet.assessment import Assessment
from wa_tui.tui.fleet.order import Order, sort_key
from wa_tui.tui.fleet.state import FleetState
from wa_tui.wire import (
    AcknowledgedView,
    Condition,
    Delta,
    GatewayView,
    HealingView,
    SessionKey,
    SessionView,
    cause_of,
    condition,
    is_covered,
    is_snoozed,
    priority,
)

WITH_NEEDS = [one for one in SESSIONS if one.attention is not None]
ACKNOWLEDGED = AcknowledgedView(who="ops", at=NOW)


def assessed(state: FleetState, session: SessionView) -> Assessment:
    """How a session stands, by what the API's words mean."""
    now, gateway = state.now, state.gateways.get(session.gateway)
    found = condition(session, gateway, now, state.proof_window_s)
    if found is Condition.CONNECTED and not state.connected:
        found = Condition.CLAIMED
    return Assessment(
        found,
        session.attention.code if session.attention is not None else None,
        is_snoozed(session, now),
        session.acknowledged is not None,
        is_covered(session, gateway, now),
        cause_of(session, found, gateway),
        priority(session, found, gateway, now),
    )


def in_order(state: FleetState) -> list[SessionKey]:
    """The sessions, trouble first, sorted from scratch."""

    def place(session: SessionView) -> tuple[object, ...]:
        stands = assessed(state, session)
        return sort_key(session, stands.condition, stands.priority, Order.TROUBLE, state.now)

    return [session.key for session in sorted(state.sessions.values(), key=place)]


instants = st.one_of(
    st.none(),
    st.integers(-900, 900).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    st.integers(-12, 12).map(lambda minutes: NOW.replace(second=0) + timedelta(minutes=minutes)),
)
healings = st.one_of(
    st.none(),
    st.sampled_from([HealingView(state="waiting"), HealingView(state="starting"), HealingView(state="held")]),
)
sessions = st.builds(
    lambda one, proven, snoozed, status, attention, healing, acknowledged, action: replace(
        one,
        proven_at=proven,
        snoozed_until=snoozed,
        status=status or one.status,
        attention=attention,
        healing=healing,
        acknowledged=acknowledged,
        action=action,
    ),
    st.sampled_from(SESSIONS),
    instants,
    instants,
    st.sampled_from([None, "connected", "connected", "disconnected", "initializing"]),
    st.sampled_from([None, None, *(one.attention for one in WITH_NEEDS)]),
    healings,
    st.sampled_from([None, None, ACKNOWLEDGED]),
    st.sampled_from([None, None, "an-action"]),
)
gateways = st.builds(
    lambda one, state, returned, snoozed, interval, refuses, acknowledged: replace(
        one,
        state=state,
        returned_at=returned,
        snoozed_until=snoozed,
        status_interval_s=interval,
        proxy_refuses=refuses,
        acknowledged=acknowledged,
    ),
    st.sampled_from(snapshot().gateways),
    st.sampled_from(["up", "up", "slow", "restarting", "down", "unauthorised"]),
    instants,
    instants,
    st.sampled_from([None, 60.0, 290.0]),
    st.booleans(),
    st.sampled_from([None, None, ACKNOWLEDGED]),
)
steps = st.lists(
    st.one_of(
        sessions,
        sessions,
        gateways,
        st.integers(1, 900),
        st.integers(1, 900),
        st.sampled_from(["lose", "gone", "back"]),
    ),
    max_size=14,
)


@given(steps)
def test_sessions_stand_as_if_all_were_looked_at_anew(
    happening: list[SessionView | GatewayView | int | str],
) -> None:
    at = NOW
    state = FleetState(lambda: at)
    state.apply(snapshot())
    state.counts(state.now)
    for step in happening:
        match step:
            case SessionView():
                state.apply(Delta(sessions=[step]))
            case GatewayView():
                state.apply(Delta(gateways=[step]))
            case "lose":
                state.lose("gone")
            case "gone":
                state.apply(Delta(removed=[next(iter(state.sessions))] if state.sessions else []))
            case "back":
                at -= timedelta(minutes=3)
            case int():
                at += timedelta(seconds=step)
        expected = {key: assessed(state, session) for key, session in state.sessions.items()}
        assert {key: state.assessment(key, state.now) for key in state.sessions} == expected
        assert state.rows(Filter(), Order.TROUBLE, state.now) == in_order(state)
        assert state.counts(state.now).total == len(expected)


def test_who_a_gateways_snooze_covered_calls_from_the_minute_in_which_it_ends() -> None:
    at = NOW
    state = FleetState(lambda: at)
    flaps = next(one for one in WITH_NEEDS if one.attention and one.attention.code == "flapping")
    first = snapshot()
    quieted = [
        replace(one, snoozed_until=NOW + timedelta(minutes=5)) if one.name == flaps.gateway else one
        for one in first.gateways
    ]
    state.apply(replace(first, gateways=quieted))
    covered = []
    for _ in range(7):
        stands = state.assessment(flaps.key, state.now)
        covered.append(stands is not None and stands.covered)
        at += timedelta(minutes=1)
    assert covered == [True] * 6 + [False]


def test_a_minute_in_which_nothing_ends_looks_at_no_session() -> None:
    """What a minute costs is what it changes, not the fleet."""
    at: datetime = NOW
    state = FleetState(lambda: at)
    fresh = [replace(one, proven_at=NOW, snoozed_until=None) for one in SESSIONS]
    state.apply(snapshot(sessions=fresh))
    state.counts(state.now)
    before = state.rows(Filter(), Order.TROUBLE, state.now)
    looked = []
    assess = state._assess
    state._assess = lambda key, judge: looked.append(key) or assess(key, judge)  # type: ignore[method-assign,func-returns-value]
    at += timedelta(minutes=1)
    assert state.rows(Filter(), Order.TROUBLE, state.now) is before
    assert not looked
