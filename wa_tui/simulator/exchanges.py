"""Requests to a gateway and webhooks from it, for tests to compare with what the daemon stored."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

_KEPT = 100_000


class Entry(msgspec.Struct):
    """One request received or one webhook to be sent at `t`; `answered` is its HTTP status or why there is none.

    A webhook may wait for others, or on its way: `answered_at` is when its answer came.
    """

    n: int
    t: float
    kind: str
    method: str
    path: str
    body: Any
    answered: int | str | None = None
    answered_at: float | None = None


class ExchangeLog:
    """The last 100,000 requests and webhooks of one gateway, numbered from 1."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self._clock = clock
        self._count = 0

    def add(self, kind: str, method: str, path: str, body: Any) -> Entry:
        """Append an entry and return it, so that its answer can be filled in."""
        self._count += 1
        entry = Entry(self._count, self._clock(), kind, method, path, body)
        self._entries.append(entry)
        return entry

    @property
    def count(self) -> int:
        """How many there were, those that are not kept any more among them."""
        return self._count

    def answer(self, webhook: Entry, answered: int | str) -> None:
        """Note the answer to a webhook that was sent."""
        webhook.answered, webhook.answered_at = answered, self._clock()

    def after(self, n: int) -> list[Entry]:
        """Return the entries numbered above `n`, oldest first."""
        if not self._entries:
            return []
        # Numbers have no gaps: what was asked for stands that far behind the oldest that is kept.
        skip = max(0, n + 1 - self._entries[0].n)
        return list(itertools.islice(self._entries, skip, None))
