"""Each gateway's last hour in numbers: events by kind and by minute, and what happened to webhooks besides."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from wa_tui.model.events import Event
from wa_tui.model.outcome import Verdict
from wa_tui.model.registers import MINUTE
from wa_tui.store import Count

from .change import Change

MINUTES = 60
"""How many are kept."""

_TOLD_BY_EVENTS = frozenset(set(Verdict) - {Verdict.DUPLICATE, Verdict.UNATTRIBUTED})


class Tallies:
    """Counts kept by the minute; ``now`` is always in milliseconds."""

    def __init__(self) -> None:
        self._gateways: dict[str, deque[tuple[int, Counter[str]]]] = {}

    def load(self, counts: Iterable[Count]) -> None:
        """Take in what the store remembers of the last hour, in order of minutes."""
        for row in counts:
            if row.gateway is not None:
                self._add(row.gateway, row.kind, row.minute, row.count)

    def listen(self, change: Change) -> None:
        """Count a change's events."""
        for event in change.events:
            self._take(event)

    def note(self, gateway: str, word: str, now: int, number: int = 1) -> None:
        """Count webhooks under a word that no event tells of: a repetition, or why they were refused."""
        if word not in _TOLD_BY_EVENTS:
            self._add(gateway, word, now // MINUTE, number)

    def hour(self, gateway: str, now: int) -> dict[str, int]:
        """Return how often each word came up in the last hour."""
        total: Counter[str] = Counter()
        for _, words in self._recent(gateway, now):
            total.update(words)
        return dict(total)

    def per_minute(self, gateway: str, now: int) -> list[int]:
        """Return the events of each of the last 60 minutes, oldest first, the current one last."""
        last = now // MINUTE
        counts = [0] * MINUTES
        for minute, words in self._recent(gateway, now):
            if minute <= last:
                counts[MINUTES - 1 - (last - minute)] += words.total()
        return counts

    def _take(self, event: Event) -> None:
        if event.gateway is not None:
            self._add(event.gateway, event.kind, event.recorded // MINUTE, 1)

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
