"""Does a session need healing, and may it be healed? Pure (design §4)."""

from __future__ import annotations

from wa_tui.config import Healing
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import DAY, DOWN, MINUTE, SECOND, Reason, Source, Status
from wa_tui.model.session import Session

NEVER = frozenset({Reason.BANNED, Reason.CONFLICT, Reason.PASSKEY})
"""Reasons that call a person: starting again would make them worse."""

RESTORES = 5 * MINUTE
"""How long after it came up a gateway may restore sessions by itself, in milliseconds."""

UNSEEN = 30 * SECOND
"""How long a gateway that tells no uptime may have been back before anybody saw that, in milliseconds."""

STARTING = frozenset({Status.INITIALIZING, Status.AUTHENTICATED})


def curable(session: Session) -> bool:
    """Tell whether healing may start a session: wanted, with credentials, and no person's business."""
    return session.restorable and session.reason not in NEVER


def may_restore(gateway: Gateway, at: int) -> bool:
    """Tell whether at an instant a gateway may have been restoring its sessions by itself."""
    began = gateway.came_up - (UNSEEN if gateway.started_at is None else 0)
    return began <= at <= gateway.came_up + RESTORES


def seen_connected(session: Session, since: int) -> bool:
    """Tell whether a check since then found it connected, whatever that proves on its gateway."""
    check = session.check
    if check is None or check.source is Source.LIST or check.at < since:
        return False
    return session.status is Status.CONNECTED and check.status is Status.CONNECTED


def is_revivable(session: Session) -> bool:
    """Tell whether a session is a ghost that healing may restart: once for each, and not twice within a day."""
    ghost, restarted_at = session.ghost, session.ghost_restarted_at
    return ghost is not None and (restarted_at is None or ghost.since - restarted_at >= DAY)


def trouble_since(session: Session) -> int | None:
    """Return since when healing may have to do with a session; ``None``: it is well, or awaits a scan or a person.

    It is down, starts, is a ghost to be restarted, or leaves checks unanswered.

    One that is claimed connected is well until a check says otherwise: no answer denies no claim.
    """
    if session.status in DOWN or session.status in STARTING:
        return session.status_since
    if session.ghost is not None and is_revivable(session):
        return session.ghost.since
    if session.unanswered is not None and session.status is Status.CONNECTED and session.is_provable:
        return session.unanswered_since
    return None


def is_ill(session: Session, now: int, policy: Healing) -> bool:
    """Tell whether a session is down, or starts, or leaves checks unanswered, for longer than can be right."""
    since = trouble_since(session)
    if since is None:
        return False
    at_once = session.status in DOWN or is_revivable(session)
    return at_once or now - since >= policy.stuck * SECOND


def ailing(session: Session | None) -> Session | None:
    """Return the session if it is one to heal, now or should its trouble last."""
    if session is None or not curable(session) or trouble_since(session) is None:
        return None
    return session
