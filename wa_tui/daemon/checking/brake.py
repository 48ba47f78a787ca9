"""Keeps what an answer asks for from asking for ever: each time it waits longer (design §9, rule 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from wa_tui.model.registers import SECOND

from ..clock import Clock

T = TypeVar("T")

FREE = 4
"""How often in a row something is asked for at once: a start alone has several webhooks."""

FIRST, LONGEST = 1.0, 60.0
"""The wait after that, in seconds: it doubles each time. No more than once a minute is the budget in the long run."""

CALM = 30.0
"""Seconds without being asked for after which all is forgotten; never less than twice the last wait."""


@dataclass(slots=True)
class _Run:
    times: int
    last: int
    """When it was, or will be, asked for last, by the monotonic clock."""
    wait: float


class Brake(Generic[T]):
    """Says how long to wait before something is asked for once more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._runs: dict[T, _Run] = {}

    def wait(self, key: T) -> float:
        """Return for how many seconds to wait now, and count that it is asked for after them."""
        now = self._clock.monotonic()
        run = self._runs.get(key)
        if run is None or now - run.last > max(CALM, 2 * run.wait) * SECOND:
            run = self._runs[key] = _Run(0, now, 0.0)
        run.times += 1
        if run.times > FREE:
            run.wait = min(LONGEST, FIRST * 2.0 ** min(run.times - FREE - 1, 30))
        run.last = now + int(run.wait * SECOND)
        return run.wait

    def forget(self, key: T) -> None:
        """Forget how often something was asked for."""
        self._runs.pop(key, None)
