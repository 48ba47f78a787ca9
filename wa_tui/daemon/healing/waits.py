"""Why a session is not started now, and until when that holds."""

from __future__ import annotations

from dataclasses import dataclass

from wa_tui.config import Healing
from wa_tui.model.fleet import Fleet
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import ANSWERING, DOWN, SECOND, SessionKey, milliseconds
from wa_tui.model.session import Session
from wa_tui.wire import HealingState

from ..clock import Clock
from ..eligibility import is_ill, trouble_since
from .breaker import Breaker
from .session_recovery import SessionRecovery

LOOKS_AGAIN = 15 * SECOND
"""When a gateway that was full is looked at again, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a session is not started now; ``until`` is ``None`` for: until something changes.

    Else it is an instant of the monotonic clock.
    """

    state: HealingState | None
    until: int | None = None
    why: str = ""


def settling(session: Session, clock: Clock, policy: Healing) -> Wait | None:
    """It starts by itself, or has not answered for a moment: that may pass."""
    now = clock.now()
    if is_ill(session, now, policy):
        return None
    age = now - (trouble_since(session) or now)
    return Wait(None, clock.monotonic() - age + milliseconds(policy.stuck))


def closed(gateway: Gateway) -> str | None:
    """Return why nothing can be started on a gateway now."""
    if gateway.state not in ANSWERING:
        return f"gateway {gateway.name} is {gateway.state}"
    return f"gateway {gateway.name} restores by itself" if gateway.restoring else None


def full(fleet: Fleet, key: SessionKey, limit: int | None, now: int) -> Wait | None:
    """It would be one more than its gateway holds, where that tells its limit."""
    if limit is None:
        return None
    others = (each for each in fleet.sessions(key.gateway) if each.key != key and each.status not in DOWN)
    if sum(1 for _ in others) < limit:
        return None
    return Wait("held", now + LOOKS_AGAIN, f"gateway {key.gateway} is full: it holds {limit} sessions")


def turn(recovery: SessionRecovery, now: int) -> Wait | None:
    """Its back-off, its budget or its flapping keeps it waiting."""
    if recovery.next_at is None or now >= recovery.next_at:
        return None
    if recovery.obstructed:
        return Wait("waiting", recovery.next_at, recovery.last_detail)
    if recovery.exhausted(now):
        return Wait("exhausted", recovery.next_at, recovery.exhausted_words())
    if recovery.flaps(now):
        return Wait("flapping", recovery.next_at, recovery.flapping_words())
    return Wait("waiting", recovery.next_at, recovery.last_detail)


def paused(breaker: Breaker, gateway: str, now: int) -> Wait | None:
    """Nothing starts on its gateway."""
    if not breaker.waits(now):
        return None
    return Wait("held", breaker.paused_until(now), f"starts fail on {gateway}: {breaker.detail}")
