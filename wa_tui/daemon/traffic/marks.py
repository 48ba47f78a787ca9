"""How far each session's own counters were counted: what they say more since then is new."""

from __future__ import annotations

from wa_tui.model.registers import SessionKey
from wa_tui.model.traffic import FLOWS, Counters, FlowCounts

_REMEMBERED = 20
"""Lives of a gateway's counters that are known to be over: what is told of them late says nothing new."""

_NONE = FlowCounts()


class Marks:
    """Told again, out of order or not at all, counters cost nothing: the largest of one life counts."""

    def __init__(self) -> None:
        self._counted: dict[SessionKey, FlowCounts] = {}
        self._boots: dict[str, dict[str, None]] = {}
        """Of each gateway the lives of its counters, the one that goes on last."""
        self._first: dict[str, str] = {}
        """Of each gateway the life that went on when we first looked, and that may have begun long before."""
        self._met: dict[SessionKey, FlowCounts] = {}
        """What a session had by then: nothing new, unless what was kept of it says less."""

    def since_last(self, key: SessionKey, counters: Counters) -> FlowCounts:
        """Return what was not counted yet."""
        boots, boot = self._boots.setdefault(key.gateway, {}), counters.boot
        if boot not in boots:
            self._begin(key.gateway, boots, boot)
        elif boot != next(reversed(boots)):
            return _NONE
        known = self._counted.get(key)
        if known is None and boot == self._first[key.gateway]:
            self._met[key] = known = counters.counts
        elif known is None:
            known = _NONE
        largest = FlowCounts(*(max(known[flow], counters.counts[flow]) for flow in FLOWS))
        self._counted[key] = largest
        return _less(largest, known)

    def load(self, key: SessionKey, boot: str, counted: FlowCounts) -> FlowCounts:
        """Go on where the last daemon ended; returns what was not counted of what was told since."""
        boots = self._boots.setdefault(key.gateway, {})
        met = self._met.pop(key, None)
        if not boots:
            self._first[key.gateway] = boot
            boots[boot] = None
        if boot != next(reversed(boots)):
            # Another life began while nobody looked: at zero.
            return _NONE if met is None else met
        if met is not None:
            return _less(met, counted)
        self._counted.setdefault(key, counted)
        return _NONE

    def of(self, key: SessionKey) -> tuple[str, FlowCounts]:
        """Return how far a session's counters were counted, and of which life; without one where none were."""
        counted = self._counted.get(key)
        return ("", _NONE) if counted is None else (next(reversed(self._boots[key.gateway])), counted)

    def _begin(self, gateway: str, boots: dict[str, None], boot: str) -> None:
        """Begin at zero again."""
        self._first.setdefault(gateway, boot)
        boots[boot] = None
        if len(boots) > _REMEMBERED:
            del boots[next(iter(boots))]
        for known in (self._counted, self._met):
            for key in [key for key in known if key.gateway == gateway]:
                del known[key]


def _less(counts: FlowCounts, known: FlowCounts) -> FlowCounts:
    return FlowCounts(*(max(0, counts[flow] - known[flow]) for flow in FLOWS))
