"""Forgets what is long over (``cleanup-disconnected-sessions``), and keeps the side file fresh."""

from __future__ import annotations

from wa_tui.model.facts import Removed
from wa_tui.model.registers import DAY, DOWN, Credentials, Desired
from wa_tui.model.session import Session

from ..core import Core

TOMBSTONE = 30 * DAY
"""How long a deleted session's late events are recognised."""


async def clean_up(core: Core) -> str:
    """Remove sessions long offline or never paired, old tombstones, and events past their retention."""
    now = core.clock.now()
    idle = core.config.offline_days * DAY
    gone = [
        Removed(session.gateway, session.session_id, now, why)
        for session in core.fleet.everything()
        if (why := _over(session, now, idle)) is not None
    ]
    if gone:
        await core.recorder.record(*gone)
    pruned = await core.store.prune(now - core.config.retention_days * DAY, core.fleet, now)
    return f"{len(gone)} sessions removed, {pruned} events past retention"


async def copy_aside(core: Core) -> str:
    """Copy sessions and gateways to the side file that a damaged database is rebuilt from."""
    await core.store.copy_aside(core.fleet, core.clock.now())
    return "copied"


def _over(session: Session, now: int, idle: int) -> str | None:
    """Why a session can be forgotten; never one that was paired and is wanted."""
    days = idle // DAY
    if session.deleted_at is not None:
        old = now - session.deleted_at >= TOMBSTONE and not session.orphan
        return "deleted 30 days ago" if old else None
    if session.desired is Desired.OFFLINE and session.status in DOWN:
        return f"offline for {days} days" if now - session.desired_at >= idle else None
    unpaired = session.credentials is Credentials.UNKNOWN and session.connected_at is None
    if unpaired and now - session.created_at >= idle:
        return f"never paired for {days} days"
    return None
