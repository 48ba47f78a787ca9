"""What healing remembers over a restart of the daemon: the drops, attempts and pauses of the past hour.

The store has dates: they become instants of the monotonic clock. What is dated in the future never was.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

from wa_tui.config import Healing
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import HOUR, SECOND, Reason, SessionKey, Source, milliseconds
from wa_tui.store import ActionRow, Store
from wa_tui.wire import History

from ..clock import Clock
from ..eligibility import curable
from ..recording.history import Histories
from .breaker import LONGEST, MEMORY, Breaker
from .session_recovery import SessionRecovery

STARTS = ("reconnect", "restart", "restore", "new")
"""Actions that start a client and prove that it works."""


class Recall:
    """Reads what happened to sessions and gateways before this daemon's life."""

    def __init__(
        self, fleet: Fleet, histories: Histories, store: Store, clock: Clock, policy: Healing
    ) -> None:
        self._fleet = fleet
        self._histories = histories
        self._store = store
        self._clock = clock
        self._policy = policy

    async def replay(
        self,
        recoveries: Mapping[str, Callable[[SessionKey], SessionRecovery]],
        breakers: Mapping[str, Breaker],
    ) -> None:
        """Replay to sessions and breakers of these gateways what happened; a recovery is made where there is none."""
        memory = MEMORY + milliseconds(LONGEST * self._policy.breaker_pause)
        rows = await self._store.actions(None, since=self._clock.now() - memory, names=STARTS)
        now = self._clock.now()
        past = now - self._clock.monotonic()
        for gateway, recovery in recoveries.items():
            self._drops(gateway, recovery, now, past)
        rows = [row for row in rows if max(row.accepted_at, row.ended_at or 0) <= now]
        for row in sorted(rows, key=lambda row: row.ended_at or row.accepted_at):
            key = SessionKey(row.gateway or "", row.session_id or "")
            if key.gateway not in breakers or not key.session_id or row.outcome == "superseded":
                continue
            if row.who == Source.HEAL and row.accepted_at > now - HOUR:
                self._try(key, recoveries[key.gateway](key), row, past)
            self._learn(key, breakers[key.gateway], row, past)

    def _drops(
        self, gateway: str, recovery: Callable[[SessionKey], SessionRecovery], now: int, past: int
    ) -> None:
        start = (now - milliseconds(self._policy.flapping_window)) // SECOND
        for session in self._fleet.sessions(gateway):
            points = self._histories.of(session.key, now)
            for (_, before), (at, code) in itertools.pairwise(points):
                if before == History.CONNECTED and code == History.DOWN and start <= at <= now // SECOND:
                    recovery(session.key).dropped(at * SECOND - past)

    def _try(self, key: SessionKey, recovery: SessionRecovery, row: ActionRow, past: int) -> None:
        session = self._fleet.session(key)
        recovery.obstructed = session is not None and session.obstacle is not None
        if not recovery.obstructed:
            recovery.tries.append(row.accepted_at - past)
        if not recovery.obstructed and row.outcome != "verified":
            recovery.failures.append(row.accepted_at - past)
        if session is not None and row.accepted_at > (session.connected_at or 0):
            recovery.attempts += 1
            recovery.last_detail = session.failure.detail if session.failure is not None else row.text

    def _learn(self, key: SessionKey, breaker: Breaker, row: ActionRow, past: int) -> None:
        """As it was learnt then; an outcome that nobody knows may be that of a daemon that ended."""
        session = self._fleet.session(key)
        if row.outcome == "verified":
            breaker.succeeded()
        elif (
            row.who == Source.HEAL and row.outcome == "no_effect" and session is not None and curable(session)
        ):
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
