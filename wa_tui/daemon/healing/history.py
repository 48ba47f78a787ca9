"""What healing remembers over a restart of the daemon: the drops, attempts and pauses of the past hour.

The store has dates: they become instants of the monotonic clock. What is dated in the future never was.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

from wa_tui.model.registers import HOUR, SECOND, Reason, SessionKey, Source, milliseconds
from wa_tui.store import ActionRow
from wa_tui.wire import History

from ..core import Core
from .breaker import LONGEST, MEMORY, Breaker
from .eligibility import curable
from .session_recovery import SessionRecovery

STARTS = ("reconnect", "restore", "new")
"""Actions that start a client and prove that it works."""


async def remember(
    core: Core, recovery: Callable[[SessionKey], SessionRecovery], breakers: Mapping[str, Breaker]
) -> None:
    """Tell patients and breakers what happened to them before this daemon's life."""
    memory = MEMORY + milliseconds(LONGEST * core.config.healing.breaker_pause)
    rows = await core.store.actions(None, since=core.clock.now() - memory, names=STARTS)
    now = core.clock.now()
    past = now - core.clock.monotonic()
    _drops(core, recovery, now, past)
    rows = [row for row in rows if max(row.accepted_at, row.ended_at or 0) <= now]
    for row in sorted(rows, key=lambda row: row.ended_at or row.accepted_at):
        if row.gateway is None or row.session_id is None or row.outcome == "superseded":
            continue
        key = SessionKey(row.gateway, row.session_id)
        if row.who == Source.HEAL and row.accepted_at > now - HOUR:
            _try(core, key, recovery(key), row, past)
        if key.gateway in breakers:
            _learn(core, key, breakers[key.gateway], row, past)


def _drops(core: Core, recovery: Callable[[SessionKey], SessionRecovery], now: int, past: int) -> None:
    start = (now - milliseconds(core.config.healing.flapping_window)) // SECOND
    for session in core.fleet.sessions():
        points = core.histories.of(session.key, now)
        for (_, before), (at, code) in itertools.pairwise(points):
            if before == History.CONNECTED and code == History.DOWN and start <= at <= now // SECOND:
                recovery(session.key).dropped(at * SECOND - past)


def _try(core: Core, key: SessionKey, recovery: SessionRecovery, row: ActionRow, past: int) -> None:
    session = core.fleet.session(key)
    recovery.obstructed = session is not None and session.obstacle is not None
    if not recovery.obstructed:
        recovery.tries.append(row.accepted_at - past)
    if not recovery.obstructed and row.outcome != "verified":
        recovery.failures.append(row.accepted_at - past)
    if session is not None and row.accepted_at > (session.connected_at or 0):
        recovery.attempts += 1
        recovery.last_detail = session.failure.detail if session.failure is not None else row.text


def _learn(core: Core, key: SessionKey, breaker: Breaker, row: ActionRow, past: int) -> None:
    """As it was learnt then; an outcome that nobody knows may be that of a daemon that ended."""
    session = core.fleet.session(key)
    if row.outcome == "verified":
        breaker.succeeded()
    elif row.who == Source.HEAL and row.outcome == "no_effect" and session is not None and curable(session):
        if session.reason is Reason.PROFILE_IN_USE:
            return
        opened = breaker.open_until
        failure = session.failure
        breaker.failed(
            key,
            (row.ended_at or row.accepted_at) - past,
            row.text if failure is None else failure.detail,
            None if failure is None else failure.reason,
            tried=opened is not None and row.accepted_at - past >= opened,
        )
