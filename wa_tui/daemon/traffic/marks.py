"""How far each session's own counters were counted: what they say more since then is new."""

from __future__ import annotations

from typing import NamedTuple

from wa_tui.model.registers import SessionKey
from wa_tui.model.traffic import FLOWS, Counters, FlowCounts

_REMEMBERED = 20
"""Lives of a gateway's counters that are known to be over: what is told of them late says nothing new."""

MOST = 10_000_000
"""Messages of one flow that a session can have between two tellings: what tells more is broken, and is not counted."""

_NONE = FlowCounts()


class Mark(NamedTuple):
    """How far one session's counters were counted, in one life of them."""

    boot: str
    counts: FlowCounts


class Marks:
    """Told again, out of order or not at all, counters cost nothing: the largest of one life counts.

    Each session has a mark of its own life: one through which nothing went since its gateway restarted was last
    counted in an earlier one.
    """

    def __init__(self) -> None:
        self._marks: dict[SessionKey, Mark] = {}
        self._boots: dict[str, dict[str, None]] = {}
        """Of each gateway the lives of its counters that were told, the one that goes on last."""
        self._begun_before: dict[str, set[str]] = {}
        """Of each gateway the lives that may have begun long before we looked."""
        self._met: dict[SessionKey, Mark] = {}
        """What a session had when we first looked: nothing new, unless what was kept of it says less."""
        self.is_loaded = False
        """Whether all that was kept is here; until then a session without a mark may have one yet."""

    def since_last(self, key: SessionKey, counters: Counters) -> FlowCounts:
        """Return what was not counted yet."""
        boot, mark = counters.boot, self._marks.get(key)
        if not self._goes_on(key.gateway, boot) or (mark is not None and mark == (boot, counters.counts)):
            return _NONE
        if mark is not None:
            # Of another life: this one began at zero.
            known = mark.counts if mark.boot == boot else _NONE
        elif not self.is_loaded or boot in self._begun_before[key.gateway]:
            known = counters.counts
            self._met[key] = Mark(boot, known)
        else:
            known = _NONE
        largest = FlowCounts(*(max(known[flow], counters.counts[flow]) for flow in FLOWS))
        news = _less(largest, known)
        if any(news[flow] > MOST for flow in FLOWS):
            # No account has so many: believed, it would be shown for a day, and hide all that comes after it.
            return _NONE
        self._marks[key] = Mark(boot, largest)
        return news

    def load(self, key: SessionKey, boot: str, counted: FlowCounts) -> FlowCounts:
        """Go on where the last daemon ended; returns what was not counted of what was told since."""
        self._begun_before.setdefault(key.gateway, set()).add(boot)
        met = self._met.pop(key, None)
        if met is None:
            self._marks.setdefault(key, Mark(boot, counted))
            return _NONE
        # Of another life than is kept: it began while nobody looked, at zero.
        return _less(met.counts, counted) if met.boot == boot else met.counts

    def of(self, key: SessionKey) -> Mark | None:
        """Return how far a session's counters were counted; ``None`` where none were."""
        return self._marks.get(key)

    def forget(self, key: SessionKey) -> None:
        """Forget a session that is no more."""
        self._marks.pop(key, None)
        self._met.pop(key, None)

    def _goes_on(self, gateway: str, boot: str) -> bool:
        """Tell whether a life is the one that goes on; one that is new does."""
        boots = self._boots.setdefault(gateway, {})
        if boot in boots:
            return boot == next(reversed(boots))
        self._begun_before.setdefault(gateway, {boot})
        boots[boot] = None
        if len(boots) > _REMEMBERED:
            del boots[next(iter(boots))]
        return True


def _less(counts: FlowCounts, known: FlowCounts) -> FlowCounts:
    return FlowCounts(*(max(0, counts[flow] - known[flow]) for flow in FLOWS))
