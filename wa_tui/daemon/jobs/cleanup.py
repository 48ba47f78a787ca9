"""Forgets what is long over (``cleanup-disconnected-sessions``), and keeps the side file fresh."""

from __future__ import annotations

import logging
from collections.abc import Collection

from wa_tui.gateways import GatewayError
from wa_tui.model.facts import Removed
from wa_tui.model.registers import DAY, DOWN, Credentials, Desired
from wa_tui.model.session import Session
from wa_tui.text.counts import many

from ..core import Core
from .calendar import trusted_since

log = logging.getLogger("wa_tui.cleanup")

TOMBSTONE = 30 * DAY
"""How long a deleted session's late events are recognised."""


async def clean_up(core: Core, writable: Collection[str]) -> str:
    """Remove sessions long offline or never paired, old tombstones, and events past their retention.

    What a gateway still holds a client of is disconnected there first, on ``writable`` gateways alone: a list would
    bring it back, as one to be wanted.
    """
    now, since = core.clock.now(), await trusted_since(core)
    idle = core.config.offline_days * DAY
    over = [
        (session, why) for session in core.fleet.everything() if (why := _over(session, now, since, idle))
    ]
    for session, _ in over:
        if _held(session) and session.gateway in writable:
            await _let_go(core, session)
    gone = [
        Removed(session.gateway, session.session_id, now, why)
        for session, why in over
        if (current := core.fleet.session(session.key)) is not None and not _held(current)
    ]
    if gone:
        await core.recorder.record(*gone)
    removed = f"{many(len(gone), 'session')} removed"
    before = now - core.config.retention_days * DAY
    if since > before:
        return f"{removed}, no events: the calendar leapt less than a retention ago"
    pruned = await core.store.prune(before, core.fleet, now)
    return f"{removed}, {many(pruned, 'event')} past retention"


async def _let_go(core: Core, session: Session) -> None:
    try:
        await core.clients[session.gateway].disconnect(session.session_id)
    except GatewayError as error:
        log.info("%s stays until the next clean-up: %s", session.key, error)
        return
    await core.checker.check(session.key)


async def copy_aside(core: Core) -> str:
    """Copy sessions and gateways to the side file that a damaged database is rebuilt from."""
    await core.store.copy_aside(core.fleet, core.clock.now())
    return "copied"


def _over(session: Session, now: int, since: int, idle: int) -> str | None:
    """Why a session can be forgotten; never one that was paired and is wanted, nothing before it was dated well."""
    days = idle // DAY
    if session.deleted_at is not None:
        old = now - max(since, session.deleted_at) >= TOMBSTONE and not session.orphan
        return "deleted 30 days ago" if old else None
    if session.desired is Desired.OFFLINE and session.status in DOWN:
        return f"offline for {days} days" if now - max(since, session.desired_at) >= idle else None
    unpaired = session.credentials is Credentials.UNKNOWN and session.connected_at is None
    if unpaired and now - max(since, session.created_at) >= idle:
        return f"never paired for {days} days"
    return None


def _held(session: Session) -> bool:
    """Whether its gateway held a client of it, dead or alive, when it was last asked."""
    return session.check is not None and not session.gone and session.deleted_at is None
