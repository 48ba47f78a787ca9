"""Each gateway's last hour in numbers: events by kind and by minute, and what happened to webhooks besides."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Iterable

from wa_tui.model.events import Kind
from wa_tui.model.facts import ClockStepped
from wa_tui.model.registers import MINUTE, SECOND
from wa_tui.model.transition import Verdict
from wa_tui.store import Count, Store, StoreError

from ..background import Background
from ..clock import Clock
from ..recording.change import Change

log = logging.getLogger("wa_tui.daemon")

MINUTES = 60
"""How many are kept."""

_TOLD_BY_EVENTS = frozenset(set(Verdict) - {Verdict.DUPLICATE, Verdict.UNATTRIBUTED})


class WebhookMetrics:
    """Counts kept by the minute; ``now`` is always in milliseconds."""

    def __init__(self) -> None:
        self._gateways: dict[str, deque[tuple[int, Counter[str]]]] = {}
        self._noted: Counter[tuple[str, str, int]] = Counter()
        """What no event of that kind tells of, by gateway, word and minute."""

    def load(self, counts: Iterable[Count], kept: Iterable[Count], now: int) -> None:
        """Take in what the store remembers of the last hour: its events, and what was kept beside them.

        What is dated in the future is of no hour: taken in, it would end the others.
        """
        for row in counts:
            if row.gateway is not None and row.minute <= now // MINUTE:
                self._add(row.gateway, row.kind, row.minute, row.count)
        for row in kept:
            if row.gateway is not None and row.minute <= now // MINUTE:
                self._note(row.gateway, row.kind, row.minute, row.count)

    def kept(self, now: int) -> list[Count]:
        """Return what the store is to remember of the last hour, beside the events."""
        oldest = now // MINUTE - MINUTES
        for each in [each for each in self._noted if each[2] <= oldest]:
            del self._noted[each]
        return [Count(*each, count) for each, count in self._noted.items()]

    def listen(self, change: Change) -> None:
        """Count a change's events."""
        for event in change.events:
            if isinstance(event.fact, ClockStepped):
                self._move(event.fact.by)
            if event.gateway is not None:
                self._add(event.gateway, event.kind, event.recorded // MINUTE, 1)
        for event in change.contradictions:
            if event.gateway is not None:
                self._note(event.gateway, Kind.CONTRADICTION, event.recorded // MINUTE, 1)

    def note(self, gateway: str, word: str, now: int, number: int = 1) -> None:
        """Count webhooks under a word that no event tells of: a repetition, or why they were refused."""
        if word not in _TOLD_BY_EVENTS:
            self._note(gateway, word, now // MINUTE, number)

    def hour(self, gateway: str, now: int) -> dict[str, int]:
        """Return how often each word came up in the last hour."""
        total: Counter[str] = Counter()
        for _, counter in self._recent(gateway, now):
            total.update(counter)
        return dict(total)

    def per_minute(self, gateway: str, now: int) -> list[int]:
        """Return the events of each of the last 60 minutes, oldest first, the current one last."""
        last = now // MINUTE
        counts = [0] * MINUTES
        for minute, counter in self._recent(gateway, now):
            if minute <= last:
                counts[MINUTES - 1 - (last - minute)] += counter.total()
        return counts

    def _move(self, by: int) -> None:
        """Move all along with a step of our own clock, in milliseconds."""
        minutes = round(by / MINUTE)
        for gateway, counts in self._gateways.items():
            self._gateways[gateway] = deque((minute + minutes, counter) for minute, counter in counts)
        self._noted = Counter({(*each[:2], each[2] + minutes): n for each, n in self._noted.items()})

    def _note(self, gateway: str, word: str, minute: int, count: int) -> None:
        self._noted[gateway, str(word), minute] += count
        self._add(gateway, word, minute, count)

    def _add(self, gateway: str, word: str, minute: int, count: int) -> None:
        minutes = self._gateways.setdefault(gateway, deque())
        if not minutes or minutes[-1][0] != minute:
            minutes.append((minute, Counter()))
            while minutes[0][0] <= minute - MINUTES:
                minutes.popleft()
        minutes[-1][1][str(word)] += count

    def _recent(self, gateway: str, now: int) -> list[tuple[int, Counter[str]]]:
        oldest = now // MINUTE - MINUTES
        return [each for each in self._gateways.get(gateway, ()) if each[0] > oldest]


class Keeper:
    """Has the store keep the counts, once a minute and at the end."""

    def __init__(self, webhook_metrics: WebhookMetrics, store: Store, clock: Clock) -> None:
        self._webhook_metrics = webhook_metrics
        self._store = store
        self._clock = clock
        self._kept: list[Count] = []
        self._background = Background("webhook counts", self._run)

    def start(self) -> None:
        """Begin."""
        self._background.start()

    async def stop(self) -> None:
        """Keep what there is, and end."""
        if self._background.has_begun:
            await self._background.stop()
            await self._keep()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(MINUTE / SECOND)
            await self._keep()

    async def _keep(self) -> None:
        counts = self._webhook_metrics.kept(self._clock.now())
        if counts == self._kept:
            return
        try:
            await self._store.keep_counts(counts)
        except StoreError as error:
            log.warning("Repeated and refused webhooks of the last hour are not kept: %s", error)
        else:
            self._kept = counts
