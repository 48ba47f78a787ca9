"""Gateways that restart again and again: their sessions come back by themselves each time, and are gone each time."""

from __future__ import annotations

from collections import deque

from wa_tui.model.registers import MINUTE
from wa_tui.wire import Attention, AttentionCode

from ..clock import Clock
from ..recording.change import Change

MANY = 4
"""Restarts within `WINDOW` that call a person: a deployment, or the search for a mistake, restarts it less often."""

WINDOW = 30 * MINUTE

CALM = 10 * MINUTE
"""How long after its last restart a gateway calls nobody any more."""


class Restarts:
    """When each gateway restarted lately, by the monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, int] = {}
        """How many restarts of each gateway are known."""
        self._times: dict[str, deque[int]] = {}

    def know(self, gateway: str, restarts: int) -> None:
        """Take in how often a gateway had restarted before."""
        self._seen[gateway] = restarts

    def listen(self, change: Change) -> None:
        """Notice restarts."""
        for name, gateway in change.gateways.items():
            if gateway.restarts > self._seen.get(name, 0):
                self._times.setdefault(name, deque()).append(self._clock.monotonic())
            self._seen[name] = gateway.restarts

    def attention(self, gateway: str) -> list[Attention]:
        """Return whether a gateway needs a person, since something ends it time and again."""
        now, times = self._clock.monotonic(), self._times.get(gateway, deque())
        while times and now - times[0] > WINDOW:
            times.popleft()
        if len(times) < MANY or now - times[-1] > CALM:
            return []
        minutes = max(1, (now - times[0] + MINUTE - 1) // MINUTE)
        return [
            Attention(
                code=AttentionCode.GATEWAY_RESTARTS,
                text=f"it restarted {len(times)} times in {minutes} min, and its sessions are gone each time",
                action="find what ends it: the end of the service's own log, and `dmesg` where memory ran out",
            )
        ]
