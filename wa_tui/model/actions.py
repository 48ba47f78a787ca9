"""What people want, and what became of it: actions, their tries and outcomes, names (design §3, rules 4 and 5)."""

from __future__ import annotations

from typing import Any

import msgspec

from .acknowledgement import Acknowledged
from .events import Kind
from .facts import ActionAccepted, ActionEnded, Attempted, Described, key_of
from .gateway import Gateway
from .registers import Source
from .session import Session, Unlinking, new_session
from .transition import Transition, Verdict, note, transition

NEW = "new"
"""The action that may name a session nobody has seen, or revive a deleted one."""

LOGOUT = "logout"
"""The action that unlinks a session's account."""


def on_action_accepted(session: Session | None, fact: ActionAccepted) -> Transition:
    """Take in an accepted action: only this changes what we want of a session (rule 4)."""
    if session is None or (session.deleted_at is not None and fact.action == NEW):
        if fact.action != NEW:
            return Transition(
                Verdict.APPLIED, event=note(fact, _source(fact), Kind.ACTION, fact.detail or fact.action)
            )
        base = new_session(key_of(fact), fact.at)
    else:
        base = session
    after = msgspec.structs.replace(base, **_wishes(base, fact))
    return transition(
        session,
        after,
        fact,
        _source(fact),
        happened=fact.at,
        recorded=fact.at,
        kind=Kind.ACTION,
        text=fact.detail or f"{fact.action} accepted from {fact.who}",
    )


def on_gateway_action_accepted(gateway: Gateway, fact: ActionAccepted) -> Transition:
    """Take in an accepted action on a gateway itself, or on nobody: it may quiet the gateway."""
    event = note(fact, _source(fact), Kind.ACTION, fact.detail or fact.action)
    changes = _snoozing(fact)
    after = msgspec.structs.replace(gateway, **changes) if changes else None
    return Transition(Verdict.APPLIED, gateway=after, event=event)


def on_action_ended(session: Session | None, fact: ActionEnded) -> Transition:
    """Take in an action's outcome: the session has no action any more, and keeps what its start failed of."""
    text = f"{fact.action} {fact.outcome}".replace("_", " ") + (f": {fact.detail}" if fact.detail else "")
    if session is None:
        return Transition(Verdict.APPLIED, event=note(fact, _source(fact), Kind.OUTCOME, text))
    before, changes = session, dict[str, Any]()
    if session.action == fact.action_id:
        changes["action"] = None
        # Another client now, or none: what was doubtful was the one before it, down too shortly to be seen so.
        session = session.undoubted() if fact.outcome == "verified" else session
    if fact.delete:
        changes |= {"action": None, "deleted_at": fact.at, "is_primary": False, "snoozed_until": 0}
        changes |= {"acknowledged": None, "silent": None, "ghost": None}
    elif fact.failure is not None:
        changes["failure"] = fact.failure
    elif fact.unlinked:
        changes["needs_scan_at"] = fact.at
    if (unlinking := session.unlinking) is not None and unlinking.action_id == fact.action_id:
        failed = fact.outcome in ("no_effect", "failed")
        changes["unlinking"] = None if failed else msgspec.structs.replace(unlinking, ended=fact.at)
    return transition(
        before,
        msgspec.structs.replace(session, **changes),
        fact,
        _source(fact),
        happened=fact.at,
        recorded=fact.at,
        kind=Kind.OUTCOME,
        text=text,
        # Its proof was withdrawn.
        check=before.ghost is not None and session.ghost is None and not fact.delete,
    )


def on_attempted(session: Session | None, fact: Attempted) -> Transition:
    """Take in how a try to send through a session ended; one that may have gone out counts as use."""
    text = f"message {fact.outcome.replace('_', ' ')}: {fact.detail.removeprefix('sent ')}"
    if session is None:
        return Transition(Verdict.APPLIED, event=note(fact, _source(fact), Kind.ATTEMPT, text))
    used = session.used_at if fact.outcome == "not_sent" else max(session.used_at or 0, fact.at)
    return transition(
        session,
        msgspec.structs.replace(session, used_at=used),
        fact,
        Source.ACTION,
        happened=fact.at,
        recorded=fact.at,
        kind=Kind.ATTEMPT,
        text=text,
    )


def on_described(session: Session | None, fact: Described) -> Transition:
    """Take in a session's names from outside the wire."""
    base = session if session is not None else new_session(key_of(fact), fact.at)
    names = {
        name: value
        for name in ("user_id", "instance_name", "phone_number", "is_primary")
        if (value := getattr(fact, name)) is not None
    }
    after = msgspec.structs.replace(base, **names)
    text = f"named {after.label}" if session is None else ""
    if session is not None and session.is_primary is not after.is_primary:
        text = "primary" if after.is_primary else "no longer primary"
    return transition(session, after, fact, Source.ACTION, happened=fact.at, recorded=fact.at, text=text)


def _wishes(session: Session, fact: ActionAccepted) -> dict[str, Any]:
    changes: dict[str, Any] = {"action": fact.action_id} if fact.exclusive else {}
    if fact.desired is not None and fact.desired is not session.desired:
        changes["unasked_qr"] = None
    if fact.desired is not None:
        changes |= {"desired": fact.desired, "desired_at": fact.at, "desired_by": fact.who}
    if fact.action == LOGOUT and not session.is_unlinked:
        changes["unlinking"] = Unlinking(fact.at, fact.who, fact.action_id)
    if fact.revive:
        changes |= {"deleted_at": None, "orphan": False, "hinted": None}
    changes |= _snoozing(fact)
    if session.ghost is not None and fact.exclusive and fact.who == Source.HEAL:
        changes["ghost_restarted_at"] = fact.at
    if fact.user_id is not None and session.user_id is not None and fact.user_id != session.user_id:
        # The other user may have a primary already.
        changes["is_primary"] = False
    for name in ("user_id", "instance_name", "is_primary"):
        value = getattr(fact, name)
        if value is not None:
            changes[name] = value
    return changes


def _snoozing(fact: ActionAccepted) -> dict[str, Any]:
    """Return what an action changes of whether its session or gateway calls a person."""
    changes: dict[str, Any] = {}
    if fact.snoozed_until is not None:
        changes["snoozed_until"] = fact.snoozed_until
    if fact.acknowledged is not None:
        taken = Acknowledged(fact.who, fact.at, until_calm=fact.until_calm)
        changes["acknowledged"] = taken if fact.acknowledged else None
    return changes


def _source(fact: ActionAccepted | ActionEnded | Attempted) -> Source:
    if isinstance(fact, Attempted):
        return Source.ACTION
    return Source.HEAL if fact.who == Source.HEAL else Source.ACTION
