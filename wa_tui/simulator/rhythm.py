"""How many messages a session has at a time of the week, when nobody says otherwise."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

_DAY_S = 86_400
_BUSIEST_H = 13.5
_WEEKEND = (5, 6)
_WEEKEND_SHARE = 0.3
_NIGHT_SHARE = 0.04
_EPOCH_WEEKDAY = 3
"""The epoch began on a Thursday."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One session's: `per_hour` messages in its busiest hour, `shift_h` hours from UTC, `outgoing` of them its own.

    `night` is the share of them that its quietest hour has.
    """

    per_hour: float
    shift_h: float
    outgoing: float
    night: float = _NIGHT_SHARE

    @classmethod
    def of(cls, session_id: str) -> Rhythm:
        """Return the rhythm of a session, the same for the same id: from a few messages an hour to some hundreds."""
        rng = random.Random(f"{session_id}/rhythm")
        return cls(10 ** rng.uniform(0.8, 2.4), rng.uniform(-2, 2), rng.uniform(0.3, 0.6))

    def at(self, epoch: float) -> float:
        """Return the messages an hour that it has at an instant, in seconds since the epoch."""
        days, second = divmod(epoch + self.shift_h * 3600, _DAY_S)
        # A wide hill by day, next to nothing at night.
        hours_off = abs(second / 3600 - _BUSIEST_H)
        by_day = math.exp(-((min(hours_off, 24 - hours_off) / 5) ** 2))
        share = self.night + (1 - self.night) * by_day
        return self.per_hour * share * (_WEEKEND_SHARE if (days + _EPOCH_WEEKDAY) % 7 in _WEEKEND else 1)


def poisson(rng: random.Random, expected: float) -> int:
    """Return how many of something happened of which so many are expected."""
    if expected > 50:
        return max(0, round(rng.gauss(expected, math.sqrt(expected))))
    limit, product, number = math.exp(-expected), rng.random(), 0
    while product > limit:
        product *= rng.random()
        number += 1
    return number
