"""When a gateway that somebody takes care of is well again: not at its first answer, it may be gone a minute later."""

from __future__ import annotations

from collections.abc import Callable

from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import MINUTE, GatewayState
from wa_tui.wire import Attention

from ..clock import Clock

CALM = 5 * MINUTE
"""How long a gateway must have answered since it was away or somebody took it on, and needs nobody."""

_WELL = frozenset({GatewayState.UP, GatewayState.SLOW})


class Calm:
    """Knows which gateways are calm; ``needs`` returns what one needs a person for besides its state."""

    def __init__(self, fleet: Fleet, clock: Clock, needs: Callable[[str], list[Attention]]) -> None:
        self._fleet = fleet
        self._clock = clock
        self._needs = needs

    def __call__(self, name: str) -> bool:
        """Tell whether a gateway has been well for so long that nobody needs to take care of it."""
        gateway = self._fleet.gateway(name)
        if gateway.state not in _WELL or self._needs(name):
            return False
        taken_on = gateway.acknowledged.at if gateway.acknowledged is not None else 0
        # Not since its state: one that is slow now and then is not away.
        return self._clock.now() - max(gateway.returned_at, taken_on) >= CALM
