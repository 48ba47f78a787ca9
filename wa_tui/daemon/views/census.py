"""The fleet in numbers, kept as it changes: a request pays for what changed since the last one, not for the fleet."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from wa_tui.model.registers import SECOND, SessionKey
from wa_tui.model.session import Session
from wa_tui.wire import (
    AttentionCode,
    Condition,
    Counts,
    Cover,
    GatewayView,
    HealingView,
    cover_of,
    covers,
    proof_span,
    quieted,
    settled,
)

from ..attention.sessions import attention
from ..background import Background
from ..recording.change import Change
from ..recording.recorder import Recorder

STRETCH = 200
"""Sessions counted anew at a stretch, in a millisecond or two: webhooks go between two of them."""

PAUSE = 5.0
"""Seconds between two rounds that nobody asked for: what an answer finds not yet counted stays little."""

CHOICE = 2_000
"""Of more sessions than this that call, the worst of the first so many are named."""


class _Entry(NamedTuple):
    """What one session adds to the numbers. ``condition`` is what it is in once proven; times in ms."""

    gateway: str
    status: str
    condition: Condition
    proven_at: int | None
    orphan: bool
    need: AttentionCode | None
    cover: Cover
    acknowledged: bool
    snoozed_until: int


class Census:
    """Counts sessions by gateway and condition, and knows which of them need a person.

    ``healing`` tells what healing does for a session. What only time changes (a proof that gets old, a snooze that
    ends) is counted when asked: proofs lie by the instant they were made.
    """

    def __init__(self, recorder: Recorder, healing: Callable[[SessionKey], HealingView | None]) -> None:
        self._fleet = recorder.fleet
        self._recorder = recorder
        self._healing = healing
        self._entries: dict[SessionKey, _Entry] = {}
        self._stale: dict[SessionKey, None] = dict.fromkeys(self._fleet.keys())
        self._statuses: Counter[str] = Counter()
        self._conditions: defaultdict[str, Counter[Condition]] = defaultdict(Counter)
        self._proofs: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._needing: dict[AttentionCode, dict[SessionKey, None]] = {code: {} for code in AttentionCode}
        """Those that need a person, and nobody takes care of, by urgency; snoozed and covered ones included."""
        self._coverable: defaultdict[str, dict[SessionKey, Cover]] = defaultdict(dict)
        """Those of them, by gateway, that need one for what may be the trouble of their gateway."""
        self._changed: dict[SessionKey, None] = {}
        """Those that somebody takes care of."""
        self._snoozed: dict[SessionKey, int] = {}
        self._orphans = 0
        self._turn = asyncio.Lock()
        self._background = Background("census", self._keep)

    def listen(self, change: Change) -> None:
        """Note whose numbers changed."""
        self._stale.update(dict.fromkeys(change.sessions))
        self._stale.update(dict.fromkeys(change.removed))

    def start(self) -> None:
        """Begin to count in the background."""
        self._background.start()

    async def stop(self) -> None:
        """Count no more."""
        await self._background.stop()

    async def counts(self, gateways: Sequence[GatewayView], now: datetime, window_s: float) -> Counts:
        """Return the fleet in numbers as they are now."""
        await self._catch_up()
        at = round(now.timestamp() * SECOND)
        snoozed = [key for key, until in self._snoozed.items() if until > at]
        taken = sum(key in self._changed for key in snoozed)
        covered = sum(1 for _ in self._covered(gateways, now))
        return Counts(
            total=len(self._entries) - self._orphans,
            needs_person=sum(map(len, self._needing.values())) - (len(snoozed) - taken) - covered,
            snoozed=len(snoozed),
            acknowledged=len(self._changed) - taken,
            covered=covered,
            by_status={status: number for status, number in sorted(self._statuses.items()) if number},
            by_condition=self._by_condition(gateways, now, window_s),
        )

    def calling(self, gateways: Sequence[GatewayView], now: datetime, limit: int) -> list[SessionKey]:
        """Return at most ``limit`` sessions that call a person now, the most urgent first, then the newest."""
        at = round(now.timestamp() * SECOND)
        covered = set(self._covered(gateways, now))
        calling = (
            (code.urgency, key)
            for code, keys in self._needing.items()
            for key in keys
            if self._snoozed.get(key, 0) <= at and key not in covered
        )
        found = [
            (urgency, -session.status_since, key)
            for urgency, key in islice(calling, CHOICE)
            if (session := self._fleet.session(key))
        ]
        return [key for _, _, key in sorted(found)[:limit]]

    def _covered(self, gateways: Sequence[GatewayView], now: datetime) -> Iterator[SessionKey]:
        """Yield those that call nobody since their trouble is that of their gateway, which is quieted."""
        at = round(now.timestamp() * SECOND)
        for gateway in quieted(gateways, now):
            for key, cover in self._coverable[gateway.name].items():
                if covers(gateway, cover, now) and self._snoozed.get(key, 0) <= at:
                    yield key

    def conditions(
        self, gateways: Sequence[GatewayView], now: datetime, window_s: float
    ) -> dict[str, dict[Condition, int]]:
        """Return how many sessions of each gateway are in which condition, as far as they are counted."""
        views = {view.name: view for view in gateways}
        found = {}
        for name, counted in self._conditions.items():
            conditions = Counter(counted)
            connected = conditions[Condition.CONNECTED]
            span = proof_span(views.get(name), now, window_s)
            proven = 0
            if span is not None and connected:
                first, last = (round(end.timestamp() * SECOND) for end in span)
                made = self._proofs[name].items()
                proven = sum(number for at, number in made if first <= at <= last)
            conditions[Condition.CONNECTED] = proven
            conditions[Condition.CLAIMED] += connected - proven
            found[name] = {each: conditions[each] for each in Condition if conditions[each]}
        return found

    def _by_condition(
        self, gateways: Sequence[GatewayView], now: datetime, window_s: float
    ) -> dict[str, int]:
        total: Counter[Condition] = Counter()
        for conditions in self.conditions(gateways, now, window_s).values():
            total.update(conditions)
        return {str(condition): total[condition] for condition in Condition if total[condition]}

    async def _keep(self) -> None:
        while True:
            await self._catch_up()
            await asyncio.sleep(PAUSE)

    async def _catch_up(self) -> None:
        """Count anew what changed; what changes meanwhile too, until nothing is left."""
        async with self._turn:
            while self._stale:
                for key in [*islice(self._stale, STRETCH)]:
                    del self._stale[key]
                    self._count(key)
                if self._stale:
                    await self._recorder.give_way()

    def _count(self, key: SessionKey) -> None:
        session = self._fleet.session(key)
        before = self._entries.pop(key, None)
        if before is not None:
            self._weigh(key, before, -1)
        if session is not None and (session.deleted_at is None or session.orphan):
            entry = self._entry(session)
            self._entries[key] = entry
            self._weigh(key, entry, 1)

    def _entry(self, session: Session) -> _Entry:
        needed = attention(session, self._healing(session.key))
        return _Entry(
            session.gateway,
            session.status,
            settled(session),
            session.proven_at,
            session.orphan,
            needed.code if needed is not None else None,
            cover_of(needed.code, session.reason) if needed is not None else Cover.NEVER,
            session.acknowledged is not None,
            session.snoozed_until,
        )

    def _weigh(self, key: SessionKey, entry: _Entry, weight: int) -> None:
        """Add a session to the numbers, or take it out of them."""
        self._conditions[entry.gateway][entry.condition] += weight
        if entry.condition is Condition.CONNECTED and entry.proven_at is not None:
            proofs = self._proofs[entry.gateway]
            proofs[entry.proven_at] += weight
            if not proofs[entry.proven_at]:
                del proofs[entry.proven_at]
        self._orphans += weight if entry.orphan else 0
        if not entry.orphan:
            self._statuses[entry.status] += weight
        if entry.need is None:
            return
        needing = self._needing[entry.need]
        if weight < 0:
            for there in (needing, self._changed, self._snoozed, self._coverable[entry.gateway]):
                there.pop(key, None)
            return
        (self._changed if entry.acknowledged else needing)[key] = None
        if entry.cover is not Cover.NEVER and not entry.acknowledged:
            self._coverable[entry.gateway][key] = entry.cover
        if entry.snoozed_until:
            self._snoozed[key] = entry.snoozed_until
