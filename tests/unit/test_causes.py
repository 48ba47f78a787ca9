"""What holds a session in trouble is one of a closed list, and told the same however it is asked for."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.needing import need
from tests.tui.fleet import NOW, session
from wa_tui.model.registers import Credentials, Desired, GatewayState, Reason, Status
from wa_tui.wire import (
    EVENT_CAUSES,
    AttentionCode,
    Cause,
    Condition,
    EventView,
    GatewayHealingView,
    GatewayView,
    HealingState,
    HealingView,
    SessionView,
    cause_of,
    cause_of_event,
    condition,
    is_troubled,
)

OF_SESSIONS = (
    *("banned", "conflict", "passkey", "profile_in_use", "browser_unable", "scan_qr"),
    *("ghost", "exhausted", "flapping", "silent", "down", "unwanted", "orphan", "other"),
)
DOWN = {"status": "disconnected", "proven_at": None}


def gateway(state: str = "up") -> GatewayView:
    word, _, proxy = state.partition(" by a ")
    return GatewayView(name="eu-1", url="http://eu-1:3000", state=word, proxy_refuses=proxy == "proxy")


PAUSED = replace(gateway(), healing=GatewayHealingView(paused_until=NOW))
STAYS_PAUSED = replace(gateway(), attention=[need("healing_paused", "no session starts")])


def held_by(state: str = "up", **fields: object) -> Cause | None:
    one, there = _session(**fields), gateway(state)
    return cause_of(one, condition(one, there, NOW, 600), there)


def _session(**fields: object) -> SessionView:
    return session("sales", "eu-1", **fields)


sessions = st.builds(
    _session,
    status=st.sampled_from(Status),
    desired=st.sampled_from(Desired),
    credentials=st.sampled_from(Credentials),
    reason=st.none() | st.sampled_from(Reason),
    attention=st.none() | st.sampled_from([need(code, "so it is") for code in OF_SESSIONS]),
    contradiction=st.none() | st.just("the list says disconnected"),
    proven_at=st.none() | st.just(NOW),
    orphan=st.booleans(),
    healing=st.none()
    | st.builds(lambda state: HealingView(state=state), st.sampled_from(get_args(HealingState))),
)


@given(sessions, st.none() | st.builds(gateway, st.sampled_from(GatewayState)))
def test_whoever_is_in_trouble_has_a_cause_and_nobody_else(
    one: SessionView, there: GatewayView | None
) -> None:
    found = condition(one, there, NOW, 600)
    cause = cause_of(one, found, there)
    if one.attention is not None:
        assert cause is not None and cause.value == one.attention.code.value
    elif is_troubled(one, found):
        assert cause is not None
    else:
        assert cause is None or (cause.is_gateways and found is Condition.CLAIMED)


def test_what_somebody_is_needed_for_is_called_the_same() -> None:
    assert set(OF_SESSIONS) == {code.value for code in AttentionCode} & set(Cause) - {
        "gateway_down",
        "key_refused",
        "proxy_refuses",
        "healing_paused",
        "contradiction",
    }
    urgent = sorted(OF_SESSIONS[:-1], key=lambda code: AttentionCode(code).urgency)
    assert [cause for cause in Cause if cause in OF_SESSIONS[:-1]] == urgent, "in the same order of urgency"


@pytest.mark.parametrize(
    ("cause", "state", "fields"),
    [
        ("scan_qr", "down", {"status": "qr_pending", "attention": need("scan_qr", "waits")}),
        ("gateway_down", "down", {}),
        ("gateway_down", "down", {**DOWN, "reason": "browser_died"}),
        ("key_refused", "unauthorised", {}),
        ("proxy_refuses", "unauthorised by a proxy", {}),
        ("gateway_restarting", "restarting", {**DOWN, "reason": "missing"}),
        ("gateway_restarting", "restarting", {"status": "initializing"}),
        ("gateway_restarting", "restarting", {"proven_at": None}),
        ("gateway_returned", "returned", {**DOWN, "reason": "missing"}),
        (None, "restarting", {}),
        (None, "up", {"proven_at": None}),
        ("healing_paused", "up", {**DOWN, "healing": HealingView(state="held", why="starts fail")}),
        ("gateway_unseen", "unknown", {**DOWN, "healing": HealingView(state="held", why="is unknown")}),
        ("browser_died", "up", {**DOWN, "reason": "browser_died", "healing": HealingView(state="waiting")}),
        ("dropped", "up", {**DOWN, "reason": "other", "detail": "whatever"}),
        ("dropped", "up", DOWN),
        ("starting", "up", {"status": "authenticated", "proven_at": None}),
        ("contradiction", "up", {"contradiction": "the list says disconnected"}),
        (None, "down", {**DOWN, "desired": "offline"}),
    ],
)
def test_a_person_comes_before_the_gateway_and_that_before_the_reason(
    cause: str | None, state: str, fields: dict[str, object]
) -> None:
    assert held_by(state, **fields) == cause


@pytest.mark.parametrize("there", [PAUSED, STAYS_PAUSED], ids=["paused", "stays so"])
@pytest.mark.parametrize(("state", "cause"), [("waiting", "healing_paused"), ("starting", "browser_died")])
def test_a_pause_holds_those_that_wait_for_their_own_turn_too(
    there: GatewayView, state: HealingState, cause: str
) -> None:
    one = _session(**DOWN, reason="browser_died", healing=HealingView(state=state))
    assert cause_of(one, Condition.DISCONNECTED, there) == cause


@pytest.mark.parametrize(
    ("cause", "fields"),
    [
        ("conflict", {"after": "disconnected", "reason": "conflict"}),
        ("browser_died", {"kind": "adopted", "after": "disconnected", "reason": "browser_died"}),
        ("missing", {"kind": "missing", "after": "disconnected", "reason": "missing"}),
        ("dropped", {"after": "disconnected", "reason": "other", "detail": "TIMEOUT"}),
        ("scan_qr", {"after": "disconnected", "reason": "logout"}),
        ("scan_qr", {"kind": "qr", "before": "qr_pending", "after": "qr_pending"}),
        ("scan_qr", {"after": "auth_failed"}),
        ("starting", {"after": "initializing"}),
        (None, {"after": "connected"}),
        (None, {"after": "disconnected", "reason": "operator"}),
        (None, {"after": "auth_failed", "reason": "unlinked"}),
        ("scan_qr", {"after": "qr_pending", "reason": "unlinked"}),
        ("passkey", {"after": "auth_failed", "reason": "passkey"}),
        ("gateway_returned", {"kind": "gateway", "after": "returned"}),
        (None, {"kind": "stale", "after": "disconnected", "reason": "conflict"}),
        (None, {"kind": "outcome", "after": None}),
        ("contradiction", {"kind": "contradiction", "after": "connected"}),
        ("orphan", {"kind": "orphan", "after": None}),
        ("gateway_down", {"kind": "gateway", "after": "down"}),
        ("key_refused", {"kind": "gateway", "after": "unauthorised"}),
        (None, {"kind": "gateway", "after": "up"}),
    ],
)
def test_an_event_tells_what_holds_a_session_since(cause: str | None, fields: dict[str, Any]) -> None:
    defaults: dict[str, Any] = {"id": 1, "at": NOW, "source": "webhook", "kind": "status"}
    event = EventView(**(defaults | fields))
    found = cause_of_event(event)
    assert found == cause and (found is None or found in EVENT_CAUSES)
