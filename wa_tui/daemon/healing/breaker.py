"""Stops healing on a gateway on which nothing starts any more, and lets one try from time to time. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from wa_tui.config import Healing
from wa_tui.model.registers import HOUR, Reason, SessionKey, milliseconds

LONGEST = 8
"""The longest pause, in first pauses."""

MEMORY = HOUR
"""How long a failure, or a pause after which nobody tried, counts."""


@dataclass(slots=True)
class Breaker:
    """One gateway's; ``open_until`` is ``None`` while it is closed, times in milliseconds of the monotonic clock.

    It opens when the starts of so many different sessions failed with none that worked in between: one session that
    cannot start says nothing of the others.
    """

    policy: Healing
    failing: dict[SessionKey, int] = field(default_factory=dict)
    """When each session's start failed last, since one worked."""
    pauses: int = 0
    """In a row."""
    open_until: int | None = None
    detail: str = ""
    """Of the last start that failed."""
    reason: Reason | None = None
    """What those words were taken for."""
    trying: SessionKey | None = None
    """Whose attempt is under way to see whether starts work again."""

    def succeeded(self) -> bool:
        """Take in a start that worked; tells whether that ends a pause."""
        was_open = self.open_until is not None
        self.failing.clear()
        self.pauses, self.open_until, self.detail, self.reason = 0, None, "", None
        return was_open

    def failed(
        self, key: SessionKey, now: int, detail: str, reason: Reason | None = None, *, tried: bool = False
    ) -> bool:
        """Take in a start that failed; tells whether a pause begins.

        ``tried``: it was the one after a pause. Others that end then began before it, and say nothing new.
        """
        self._age(now)
        if self.open_until is None:
            self.failing[key] = now
            begins = len(self.failing) >= self.policy.breaker_failures
        else:
            begins = tried
        if not begins:
            return False
        pause = self.policy.breaker_pause * min(2**self.pauses, LONGEST)
        self.detail, self.reason = detail, reason
        self.open_until, self.pauses = now + milliseconds(pause), self.pauses + 1
        return True

    def waits(self, now: int) -> bool:
        """Tell whether nothing may be started now."""
        if self.open_until is None:
            return False
        return now < self.open_until or self.trying is not None

    def paused_until(self, now: int) -> int | None:
        """Return when a pause ends; ``None`` when there is none, and while one attempt is under way after it."""
        return self.open_until if self.open_until is not None and now < self.open_until else None

    def enter(self, key: SessionKey) -> None:
        """Begin an attempt: after a pause it is the only one until it has ended."""
        if self.open_until is not None:
            self.trying = key

    def leave(self, key: SessionKey) -> bool:
        """End an attempt; tells whether it was the one after a pause, for which others waited."""
        tried = self.trying == key
        if tried:
            self.trying = None
        return tried

    def _age(self, now: int) -> None:
        if self.open_until is None:
            self.failing = {key: at for key, at in self.failing.items() if now - at <= MEMORY}
        elif now - self.open_until > MEMORY:
            self.succeeded()
