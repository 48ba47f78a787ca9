"""A log of what anybody can cause: the first of a kind at once, of the rest their number, a few lines a minute."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

log = logging.getLogger("wa_tui.refused")

PERIOD = 60.0
"""Seconds that a line sums up."""

LINES = 10
"""Lines a period has at most, at once and summed up alike."""

APART = 100
"""Senders whose requests are counted apart for a sum."""

_LONGEST = 300


class SummingLog:
    """Writes lines like ``214 requests refused from 10.0.0.9 in the last minute: wrong key``."""

    def __init__(self) -> None:
        self._more: Counter[tuple[str, str]] = Counter()
        self._summed: set[tuple[str, str]] = set()
        self._due: asyncio.TimerHandle | None = None

    def add(self, who: str, why: str, detail: str = "") -> None:
        """Note one request of somebody that was refused; ``detail`` may hold foreign text."""
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(PERIOD, self.sum_up)
        key = (who, why)
        if key in self._summed or len(self._summed) >= LINES:
            apart = key in self._summed or key in self._more or len(self._more) < APART
            self._more[key if apart else ("others", why)] += 1
            return
        self._summed.add(key)
        said = f": {detail[:_LONGEST]!r}" if detail else ""
        log.warning("A request from %s was refused: %s%s", who, why, said)

    def sum_up(self) -> None:
        """Say how many more there were since the last time."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        more, self._more = self._more, Counter()
        self._summed.clear()
        ranked = more.most_common()
        for (who, why), number in ranked[: LINES - 1]:
            log.warning("%d more requests refused from %s in the last minute: %s", number, who, why)
        if rest := ranked[LINES - 1 :]:
            log.warning(
                "%d more requests refused in the last minute, from %d others",
                sum(number for _, number in rest),
                len({who for (who, _), _ in rest}),
            )
        if more:
            # A sender that goes on is not logged at once again, only summed up.
            self._summed.update(key for key, _ in ranked[:LINES])
            self._due = asyncio.get_running_loop().call_later(PERIOD, self.sum_up)
