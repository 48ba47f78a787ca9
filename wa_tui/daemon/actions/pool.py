"""The sessions a message may go through: in which order, and which are not worth asking (design §5)."""

from __future__ import annotations

from wa_tui.model.facts import UserId
from wa_tui.model.registers import DOWN, SECOND, Credentials, Desired, Proof, SessionKey, Status
from wa_tui.model.session import Session

from .context import ActionContext
from .finding import proven_within

FRESH = 30 * SECOND
"""What a check showed within so many milliseconds is taken as it is; else the client is asked: that is cheap."""


def route(context: ActionContext, named: SessionKey | None, user_id: UserId | None) -> list[SessionKey]:
    """Return the sessions to try, in order: the one named, then the primary, then the least recently used.

    What is only claimed to be connected comes after the others, and a ghost last.
    """
    pool = context.fleet.sessions_of(user_id) if user_id is not None else []
    pool.sort(
        key=lambda session: (
            session.ghost is not None,
            not session.is_primary,
            session.proof is Proof.CLAIMED,
            session.used_at or 0,
            session.key,
        )
    )
    others = [session.key for session in pool if session.key != named]
    return others if named is None else [named, *others]


def unfit(context: ActionContext, session: Session | None) -> str | None:
    """Return why a session of the pool is passed over without asking its gateway; ``None`` for one to try."""
    if session is None or session.deleted_at is not None:
        return "not tried: it was deleted"
    if session.gateway not in context.clients:
        return f"not tried: gateway {session.gateway} is not configured any more"
    if context.is_read_only(session.gateway):
        return f"not tried: gateway {session.gateway} is read-only"
    if session.desired is Desired.OFFLINE:
        return "not tried: it is to be offline"
    needs_scan = session.credentials is Credentials.NEEDS_SCAN and session.status is not Status.CONNECTED
    if session.status is Status.QR_PENDING or needs_scan:
        return "not tried: it needs a QR scan"
    if session.status in DOWN and _observed_lately(context, session):
        return f"not tried: it is {session.status}{f' ({session.reason})' if session.reason else ''}"
    return None


def is_fresh(context: ActionContext, session: Session | None) -> bool:
    """Tell whether a check has just shown it connected."""
    return session is not None and proven_within(context, session, FRESH)


def _observed_lately(context: ActionContext, session: Session) -> bool:
    return 0 <= context.clock.now() - (session.observed_at or 0) <= FRESH
