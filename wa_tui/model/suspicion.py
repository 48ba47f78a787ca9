"""When a silence is strange, by a session's rhythm and by how the other sessions of its gateway fare.

Nobody is called because of a silence that may be one of many a day. It is looked into first, and what is strange is
noted; where nobody can ask WhatsApp's server only a silence that outlasts three times the longest one calls a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

import msgspec

from .registers import HOUR, MINUTE
from .rhythm import HALF, LATEST, PATIENCE, Rhythm

STRANGE = 5.0
"""Stirs expected in a silence from which on it is strange: one gap of 150 is so long by chance."""

LASTING = 3.0
"""How many times the usual longest gap a silence lasts before it calls a person."""

SHORTEST_CALL = HOUR
"""A silence calls nobody before."""

LATELY = 6
"""Hours in which a session shows how its day is."""

WINDOWS = (2, LATELY, 24)
"""Hours in which those beside it do: as a holiday begins, in the midst of it, and the morning after."""

ENOUGH = 10
"""Messages expected from which on the share of them that there was says anything of the day."""

ENOUGH_OTHERS = 3
"""Other sessions from which on they say anything of the day."""

FLEETWIDE = 20.0
"""Stirs expected in a silence of all of a gateway's sessions from which on it calls a person: a holiday has a few."""

WORST = 0.15
"""The share of a gateway's sessions that may have a holiday of their own: their share of the usual counts for all."""


class Doubt(IntEnum):
    """How strange a silence is."""

    NONE = 0
    DUE = 1
    """Longer than usual: it is looked into."""
    STRANGE = 2
    """It is noted as well."""
    LASTING = 3
    """It calls a person where nothing explains it."""


class Quiet(msgspec.Struct, frozen=True, gc=False):
    """A session that is silent now; instants are local ones, as those of `Rhythm`."""

    rhythm: Rhythm
    since: int
    """When its last message was, or since when it could be heard of at all."""
    asks_server: bool
    """Whether WhatsApp's server can be asked about it."""
    stirs: float = 0.0
    """Stirs expected in the silence so far, those of each hour by the share of its usual traffic that there was."""
    explained_at: int | None = None
    """When the server was asked last in this silence, and said that all is fine."""
    times: int = 0
    """How often it did."""

    def due_at(self) -> int:
        """Return when it is to be looked into."""
        if not self.asks_server or self.explained_at is None:
            return self.rhythm.due(self.since)
        wait = min(LATEST, PATIENCE << min(self.times, 8))
        return max(self.explained_at + wait, self.rhythm.due(self.explained_at))

    def doubt(self, now: int) -> Doubt:
        """Return how strange the silence is by now."""
        if now < self.due_at():
            return Doubt.NONE
        if self.explained_at is None and self._lasts(now):
            return Doubt.LASTING
        if self.asks_server and self.stirs < STRANGE:
            return Doubt.DUE
        return Doubt.STRANGE

    def _lasts(self, now: int) -> bool:
        # A night is no part of the hour.
        began = self.rhythm.reached(self.since, HALF)
        return now - began >= SHORTEST_CALL and self.stirs >= LASTING * self.rhythm.longest


def own_share(was: int, usual: float) -> float:
    """Return how much of its usual traffic a session had before it fell silent."""
    return min(1.0, was / usual) if usual >= ENOUGH else 1.0


def share_of(fleet: Iterable[tuple[int, float]]) -> float:
    """Return how much of their usual traffic a gateway's sessions have, by those that have the least of it.

    Each pair is what a session had in some hours, and what it usually has in them.
    """
    shares = sorted(min(1.0, was / usual) for was, usual in fleet if usual >= ENOUGH)
    return shares[int(WORST * len(shares))] if len(shares) > ENOUGH_OTHERS else 1.0


assert PATIENCE < LATEST < SHORTEST_CALL + MINUTE
