"""One session under healing: its attempts, its drops, and when it may be tried again. Pure but for its dice."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from wa_tui.config import Healing
from wa_tui.model.registers import HOUR, MINUTE, SECOND, milliseconds
from wa_tui.text.counts import many
from wa_tui.wire import HealingState

SLOWLY = 0.75
"""The share of the longest back-off after which one that is obstructed is tried again, at the earliest."""


@dataclass(slots=True)
class SessionRecovery:
    """Times in milliseconds, by the monotonic clock. ``tries``, ``failures`` and ``drops`` outlive a recovery.

    Kept small: a gateway may go down with thousands.
    """

    policy: Healing
    dice: random.Random
    attempts: int = 0
    """Since it was last connected."""
    tries: list[int] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    """When tries ended that failed; the others worked, and it dropped again."""
    drops: list[int] = field(default_factory=list)
    state: HealingState | None = None
    """``None`` while there is nothing to say: it starts by itself, or is well."""
    next_at: int | None = None
    why: str = ""
    last_detail: str = ""
    obstructed: bool = False
    """The last attempt met what no start mends: it is tried slowly until that is gone, whatever its budget."""
    wake: asyncio.Event | None = None
    """Set when something about the session or its gateway changed; ``None`` while no worker looks after it."""
    shown: object = None
    """What was told of it last."""
    called: frozenset[HealingState] = frozenset()
    """For what a person was called: once each time it begins."""

    def dropped(self, at: int) -> None:
        """Take in that it was connected and is not any more."""
        self.drops.append(at)

    def tried(self, at: int) -> None:
        """Take in that an attempt begins."""
        self.attempts += 1
        self.tries.append(at)

    def failed(self, at: int, detail: str, *, obstructed: bool = False) -> None:
        """Take in that the attempt was in vain; an obstructed one costs nothing, and is no part of the budget."""
        self.last_detail, self.obstructed = detail, obstructed
        if obstructed:
            self.tries.pop()
        else:
            self.failures.append(at)

    def untried(self) -> None:
        """Take back the attempt that began last: nothing is learnt from it."""
        self.attempts = max(0, self.attempts - 1)
        self.tries.pop()

    def recovered(self) -> None:
        """Take in that it is connected."""
        self.attempts = 0
        self.last_detail, self.obstructed = "", False
        self.called -= {"exhausted"}

    def flaps(self, now: int) -> bool:
        """Tell whether it dropped too often lately: more than ``flapping_drops`` times."""
        if len(self.drops) <= self.policy.flapping_drops:
            return False
        window = milliseconds(self.policy.flapping_window)
        _forget(self.drops, now - window)
        return len(self.drops) > self.policy.flapping_drops

    def restless(self, now: int) -> bool:
        """Tell whether it flaps, and where it does no more, let a person be called the next time."""
        flaps = self.flaps(now)
        if self.called and not flaps:
            self.called -= {"flapping"}
        return flaps

    def flapping_until(self, now: int) -> int:
        """Return when it will have been calm for long enough, should it not drop again."""
        window = milliseconds(self.policy.flapping_window)
        return self.drops[-self.policy.flapping_drops - 1] + window if self.flaps(now) else now

    def flapping_words(self) -> str:
        """Say how often it dropped."""
        minutes = max(1, round(self.policy.flapping_window * SECOND / MINUTE))
        return f"flapping: {len(self.drops)} drops in {minutes} min"

    def exhausted(self, now: int) -> bool:
        """Tell whether its attempts of the last hour are used up."""
        _forget(self.tries, now - HOUR)
        _forget(self.failures, now - HOUR)
        return len(self.tries) >= self.policy.attempts_per_hour

    def exhausted_words(self) -> str:
        """Say what came of its attempts: it failed to start, dropped again each time, or some of both."""
        tries, failed = len(self.tries), min(len(self.failures), len(self.tries))
        attempts = many(tries, "attempt")
        last = f": {self.last_detail}" if self.last_detail else ""
        if failed == tries:
            return f"{attempts} in an hour failed{last}"
        if failed:
            return f"{attempts} in an hour, {failed} of them failed{last}"
        return f"started {'once' if tries == 1 else f'{tries} times'} in an hour, dropped again each time"

    def due(self, now: int) -> int:
        """Return when the next attempt may begin: back-off with full jitter, later where it flaps or is exhausted."""
        policy = self.policy
        if self.obstructed:
            return now + milliseconds(self.dice.uniform(SLOWLY * policy.backoff_max, policy.backoff_max))
        longest = min(policy.backoff_max, policy.backoff_min * 2.0 ** min(self.attempts, 30))
        due = now + milliseconds(self.dice.uniform(0.0, longest))
        if self.flaps(now):
            due = max(due, self.drops[-1] + milliseconds(policy.backoff_max))
        if self.exhausted(now):
            due = max(due, self.tries[-policy.attempts_per_hour] + HOUR)
        return due


def _forget(times: list[int], before: int) -> None:
    del times[: next((index for index, at in enumerate(times) if at > before), len(times))]
