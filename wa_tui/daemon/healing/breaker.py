"""Stops healing on a gateway on which start after start fails, and lets one try from time to time. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from wa_tui.config import Healing
from wa_tui.model.registers import milliseconds

LONGEST = 8
"""The longest pause, in first pauses."""


@dataclass(slots=True)
class Breaker:
    """One gateway's; ``open_until`` is ``None`` while it is closed, times in milliseconds."""

    policy: Healing
    failures: int = 0
    open_until: int | None = None
    words: str = ""
    trying: bool = False
    """One attempt is under way to see whether starts work again."""

    def succeeded(self) -> bool:
        """Take in a start that worked; tells whether that ends a pause."""
        was_open = self.open_until is not None
        self.failures, self.open_until, self.words = 0, None, ""
        return was_open

    def failed(self, now: int, words: str) -> bool:
        """Take in a start that failed; tells whether a pause begins."""
        self.failures += 1
        over = self.failures - self.policy.breaker_failures
        if over < 0 or self.waits(now):
            return False
        self.words = words
        self.open_until = now + milliseconds(self.policy.breaker_pause * min(2**over, LONGEST))
        return True

    def waits(self, now: int) -> bool:
        """Tell whether nothing may be started now."""
        if self.open_until is None:
            return False
        return now < self.open_until or self.trying

    def next_try(self, now: int) -> int | None:
        """Return when it is worth asking again; ``None`` while one attempt is under way."""
        return self.open_until if self.open_until is not None and now < self.open_until else None

    def enter(self) -> None:
        """Begin an attempt: after a pause it is the only one until it has ended."""
        self.trying = self.open_until is not None

    def leave(self) -> bool:
        """End an attempt; tells whether others waited for it."""
        tried, self.trying = self.trying, False
        return tried
