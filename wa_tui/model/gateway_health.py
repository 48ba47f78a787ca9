"""How a gateway serves: health, restarts, its clock and our key (design §3, rules 1 and 6)."""

from __future__ import annotations

import msgspec

from .events import Event, Kind
from .facts import Authorised, GatewayCalmed, GatewayFact, HealingSaid, Healthy, Restored, Unhealthy
from .gateway import STEP, Gateway
from .registers import RESTORING, SECOND, GatewayState, Source
from .transition import NOTHING, Transition, Verdict

SLOW = 2 * SECOND
"""An answer of ``/health`` that takes longer makes a gateway slow."""

UNWATCHED = 60 * SECOND
"""How long nobody may have asked a gateway before it may have restarted meanwhile, where it tells no uptime."""

PATIENCE = 2
"""A gateway that is silent this many times in a row is down; one that refuses connections is so at once."""


def on_healthy(gateway: Gateway, fact: Healthy) -> Transition:
    """Take in an answer of ``/health``: it is there, perhaps restarted, perhaps with another clock."""
    after, ours = _our_clock(gateway, fact)
    after, notes = _restarted(after, fact)
    after, stepped = _clock(after, fact)
    latency = fact.at - fact.began
    restarted = after.restarts > gateway.restarts
    unseen = _may_have_restarted(gateway, fact)
    if unseen and fact.restores:
        notes = [*notes, "it may have restarted: it does not tell since when it runs"]
    returned = gateway.state is GatewayState.DOWN or restarted or unseen
    after = msgspec.structs.replace(
        after,
        # What restores nothing by itself is healed at once.
        restoring=fact.restores and (after.restoring or restarted or unseen),
        seen_at=fact.at,
        latency=latency,
        failures=0,
        # Not the end of the request: proofs from before it began are from before the restart (rule 6).
        returned_at=fact.began if returned else after.returned_at,
    )
    detail = None
    if after.refuses_key:
        detail = "a proxy before it refuses us" if after.proxy_refuses else "it refuses our API key"
    return _transition(gateway, after, fact, _answering(after), detail, "; ".join([*ours, *notes, *stepped]))


def on_unhealthy(gateway: Gateway, fact: Unhealthy) -> Transition:
    """Take in a missing or wrong answer: the gateway changes, its sessions do not (rule 6)."""
    failures = gateway.failures + 1
    down = fact.refused or failures >= PATIENCE
    after = msgspec.structs.replace(gateway, failures=failures)
    state = GatewayState.DOWN if down else GatewayState.SLOW
    # Only an answer ends that it is down; a slow failure is none.
    if state is GatewayState.SLOW and gateway.state is GatewayState.DOWN:
        state = GatewayState.DOWN
    if state is gateway.state:
        # Another cause may keep it down now, and wants something else of a person.
        after = msgspec.structs.replace(after, detail=fact.detail, advice=fact.advice)
    return _transition(gateway, after, fact, state, fact.detail, advice=fact.advice)


def on_authorised(gateway: Gateway, fact: Authorised) -> Transition:
    """Take in whether the gateway accepts our key."""
    after = msgspec.structs.replace(gateway, refuses_key=not fact.accepted, proxy_refuses=fact.by_proxy)
    state = gateway.state
    if not fact.accepted:
        state = GatewayState.UNAUTHORISED
    elif state is GatewayState.UNAUTHORISED:
        state = _answering(after)
    return _transition(gateway, after, fact, state, fact.detail, advice=fact.advice)


def on_restored(gateway: Gateway, fact: Restored) -> Transition:
    """Take in that a restarted gateway's own restoring is over."""
    if not gateway.restoring:
        return Transition(Verdict.UNCHANGED)
    after = msgspec.structs.replace(gateway, restoring=False)
    state = _answering(after) if gateway.state in RESTORING else gateway.state
    many = "session is" if fact.missing == 1 else "sessions are"
    left = f"{fact.missing} {many} left for us to start" if fact.missing else "nothing is missing"
    return _transition(gateway, after, fact, state, None, f"its own restoring is over: {left}")


def on_gateway_calmed(gateway: Gateway, fact: GatewayCalmed) -> Transition:
    """Take in that a gateway has needed nobody for a while: who took care of it need not any longer."""
    if gateway.acknowledged is None:
        return NOTHING
    note = f"well again: {gateway.acknowledged.who} need not take care of it any longer"
    after = msgspec.structs.replace(gateway, acknowledged=None)
    return _transition(gateway, after, fact, gateway.state, gateway.detail, note)


def on_healing_said(fact: HealingSaid) -> Transition:
    """Keep what healing says: that it pauses on a gateway, or that a session flaps."""
    event = Event(
        at=fact.at,
        recorded=fact.at,
        source=Source.HEAL,
        kind=Kind.HEALING,
        fact=fact,
        text=fact.detail,
        gateway=fact.gateway,
        session_id=fact.session_id,
    )
    return Transition(Verdict.APPLIED, event=event)


def _answering(gateway: Gateway) -> GatewayState:
    """The state of a gateway that answers, as its registers have it."""
    if gateway.refuses_key:
        return GatewayState.UNAUTHORISED
    if gateway.restoring:
        return GatewayState.RETURNED if gateway.started_at is None else GatewayState.RESTARTING
    return GatewayState.SLOW if (gateway.latency or 0) > SLOW else GatewayState.UP


def _our_clock(gateway: Gateway, fact: Healthy) -> tuple[Gateway, list[str]]:
    """Where its offset and its start instant moved alike, it is our own clock that stepped."""
    if (
        fact.uptime is None
        or fact.timestamp is None
        or gateway.started_at is None
        or gateway.clock_offset is None
    ):
        return gateway, []
    middle, uncertainty = (fact.began + fact.at) // 2, (fact.at - fact.began) // 2
    step = gateway.clock_offset - (fact.timestamp - middle)
    began = middle - fact.uptime - step
    # A restart moves its start instant alone, a step of its own clock the offset alone.
    agrees = gateway.has_offset(fact.timestamp - middle, uncertainty)
    if agrees or abs(began - gateway.started_at) > STEP + uncertainty:
        return gateway, []
    shifted = msgspec.structs.replace(gateway.shifted(step), clock_uncertainty=uncertainty)
    return shifted, [f"our own clock stepped by {step / SECOND:+.1f} s"]


def _restarted(gateway: Gateway, fact: Healthy) -> tuple[Gateway, list[str]]:
    """A start instant later than the one we knew, beyond what latency explains, is a restart."""
    if fact.uptime is None:
        return gateway, []
    earliest, latest = fact.began - fact.uptime, fact.at - fact.uptime
    if gateway.started_at is None:
        # The latest instant that it can be: an early guess would make the next answer look like a restart.
        return msgspec.structs.replace(gateway, started_at=latest), []
    if earliest <= gateway.started_at + STEP:
        return gateway, []
    after = msgspec.structs.replace(gateway, started_at=latest, restarts=gateway.restarts + 1)
    # Its first webhook with a new bootId may have told us already.
    named = (
        bool(after.boots) and after.boots[-1].epoch == after.epoch and after.epoch_opened >= earliest - STEP
    )
    return after if named else after.next_epoch(earliest, fact.at), ["restarted"]


def _may_have_restarted(gateway: Gateway, fact: Healthy) -> bool:
    """Whether it was away, or nobody looked, and it does not tell since when it runs: any outage may be a restart."""
    if fact.uptime is not None:
        return False
    unwatched = fact.first and gateway.seen_at is not None and fact.at - gateway.seen_at > UNWATCHED
    return gateway.state is GatewayState.DOWN or unwatched


def _clock(gateway: Gateway, fact: Healthy) -> tuple[Gateway, list[str]]:
    """The offset is constant within an epoch, and ever better known; a step opens a new one."""
    if fact.timestamp is None:
        return gateway, []
    offset = fact.timestamp - (fact.began + fact.at) // 2
    uncertainty = (fact.at - fact.began) // 2
    if gateway.has_offset(offset, uncertainty):
        return gateway.refined(offset, uncertainty), []
    after = msgspec.structs.replace(gateway, clock_offset=offset, clock_uncertainty=uncertainty)
    if gateway.clock_offset is None and abs(offset) <= STEP + uncertainty:
        # The first answer, and clocks agree: webhooks from before it need no other epoch.
        return after, []
    return after.next_epoch(0, fact.at), [f"its clock is {offset / SECOND:+.1f} s from ours"]


def _transition(
    before: Gateway,
    after: Gateway,
    fact: GatewayFact,
    state: GatewayState,
    detail: str | None,
    note: str = "",
    advice: str | None = None,
) -> Transition:
    if state is before.state and not note:
        return Transition(Verdict.UNCHANGED, gateway=after if after != before else None)
    if state is not before.state:
        after = msgspec.structs.replace(after, state=state, since=fact.at, detail=detail, advice=advice)
    event = Event(
        at=fact.at,
        recorded=fact.at,
        source=Source.HEALTH,
        kind=Kind.GATEWAY,
        fact=fact,
        text="; ".join(filter(None, (note, advice))),
        gateway=after.name,
        before=before.state,
        after=after.state,
        detail=detail,
    )
    return Transition(Verdict.APPLIED, gateway=after, event=event)
