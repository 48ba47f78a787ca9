"""How far each session's own counters were counted: what they say more since then is new."""

from __future__ import annotations

from wa_tui.model.registers import SessionKey
from wa_tui.model.traffic import FLOWS, Counters, FlowCounts

_REMEMBERED = 20
"""Lives of a gateway's counters that are known to be over: what is told of them late says nothing new."""


class Marks:
    """Told again, out of order or not at all, counters cost nothing: the largest of one life counts."""

    def __init__(self) -> None:
        self._counted: dict[SessionKey, FlowCounts] = {}
        self._boots: dict[str, dict[str, None]] = {}
        """Of each gateway the lives of its counters, the one that goes on last."""
        self._first: dict[str, str] = {}
        """Of each gateway the life that began before we looked."""

    def since_last(self, key: SessionKey, counters: Counters) -> FlowCounts:
        """Return what was not counted yet; what a session had before we first looked is nothing new."""
        boots, boot = self._boots.setdefault(key.gateway, {}), counters.boot
        if boot not in boots:
            self._first.setdefault(key.gateway, boot)
            self._begin(key.gateway, boots, boot)
        elif boot != next(reversed(boots)):
            return FlowCounts()
        known = self._counted.get(key)
        if known is None:
            known = counters.counts if boot == self._first[key.gateway] else FlowCounts()
        largest = FlowCounts(*(max(known[flow], counters.counts[flow]) for flow in FLOWS))
        self._counted[key] = largest
        return FlowCounts(*(largest[flow] - known[flow] for flow in FLOWS))

    def _begin(self, gateway: str, boots: dict[str, None], boot: str) -> None:
        """Begin at zero again."""
        boots[boot] = None
        if len(boots) > _REMEMBERED:
            del boots[next(iter(boots))]
        for key in [key for key in self._counted if key.gateway == gateway]:
            del self._counted[key]
