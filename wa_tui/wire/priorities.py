"""The order in which a person looks at sessions: those that call, those that are stuck, those that heal, the rest."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import assert_never

from .causes import Cause, cause_of
from .condition import Condition, claim_holds
from .gateways import GatewayView
from .quiet import is_quiet
from .sessions import SessionView
from .trouble import calls, is_troubled, rank


class Priority(IntEnum):
    """How soon somebody is to look at a session; one answer for the grid, `:needs` and the command line."""

    CALLS = 0
    """It needs a person, by urgency (`AttentionCode`)."""
    STUCK = 1
    """Nothing works on it: its gateway is away, or healing is paused or off there."""
    HEALS = 2
    """It is in trouble, and comes back by itself or not: healing, a start or its gateway's restoring is at it."""
    QUIET = 3
    """It is in trouble and calls nobody: snoozed, taken care of, or its gateway's trouble while that is quieted."""
    UNPROVEN = 4
    """It is in no trouble that anybody knows of; whether it works a check could tell, and none has lately."""
    REST = 5
    """It is in no trouble."""

    @property
    def is_trouble(self) -> bool:
        """Whether it is one to look at."""
        return self < Priority.UNPROVEN


def _of_cause(cause: Cause) -> Priority | None:
    """Return how soon a session is looked at that a cause holds; ``None`` where that is up to the session's healing."""
    match cause:
        case Cause.GATEWAY_DOWN | Cause.KEY_REFUSED | Cause.PROXY_REFUSES | Cause.HEALING_PAUSED:
            return Priority.STUCK
        case (
            Cause.GATEWAY_RESTARTING
            | Cause.GATEWAY_RETURNED
            | Cause.GATEWAY_UNSEEN
            | Cause.CONTRADICTION
            | Cause.STARTING
        ):
            return Priority.HEALS
        case (
            Cause.BANNED
            | Cause.CONFLICT
            | Cause.PASSKEY
            | Cause.GHOST
            | Cause.PROFILE_IN_USE
            | Cause.BROWSER_UNABLE
            | Cause.SCAN_QR
            | Cause.EXHAUSTED
            | Cause.FLAPPING
            | Cause.SILENT
            | Cause.DOWN
            | Cause.UNWANTED
            | Cause.ORPHAN
            | Cause.OTHER
            | Cause.BROWSER_DIED
            | Cause.NAVIGATION
            | Cause.MISSING
            | Cause.GATEWAY_UNREACHABLE
            | Cause.RESTORE_FAILED
            | Cause.DROPPED
        ):
            return None
    assert_never(cause)


# The match above is exhaustive: mypy refuses a cause that has no place in it.
_OF_CAUSE = {cause: _of_cause(cause) for cause in Cause}


def priority(session: SessionView, found: Condition, gateway: GatewayView | None, now: datetime) -> Priority:
    """Return how soon a session is to be looked at; ``found`` is the condition it is in."""
    if calls(session, gateway, now):
        return Priority.CALLS
    if not is_troubled(session, found):
        well = found in (Condition.CONNECTED, Condition.OFFLINE) or claim_holds(session, gateway)
        return Priority.REST if well else Priority.UNPROVEN
    cause = cause_of(session, found, gateway)
    covered = cause is not None and cause.is_gateways and gateway is not None and is_quiet(gateway, now)
    if session.attention is not None or is_quiet(session, now) or covered:
        return Priority.QUIET
    held = _OF_CAUSE[cause] if cause is not None else None
    if held is not None:
        return held
    return Priority.HEALS if _is_healed(session, gateway) else Priority.STUCK


def priority_key(session: SessionView, found: Condition, priority: Priority) -> tuple[object, ...]:
    """Return what *trouble first* sorts by: the priority, the urgency, the trouble, the newest change, the name."""
    code = session.attention.code if session.attention is not None and priority is Priority.CALLS else None
    since = -session.status_since.timestamp() if session.status_since is not None else 0.0
    name = (session.label.casefold(), session.gateway, session.session_id)
    return (priority, code.urgency if code is not None else rank(session, found), since, *name)


def _is_healed(session: SessionView, gateway: GatewayView | None) -> bool:
    """Tell whether something works on a session that is down, or will in a moment."""
    if session.action is not None:
        return True
    if session.healing is not None:
        return session.healing.state in ("waiting", "starting")
    may_be = session.desired == "online" and session.credentials == "stored"
    return may_be and (gateway is None or gateway.healing is None or gateway.healing.enabled)
