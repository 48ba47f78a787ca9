"""When a gateway that somebody takes care of is well again: not at its first answer, it may be gone a minute later."""

from __future__ import annotations

from wa_tui.model.registers import MINUTE, GatewayState

from ..core import Core

CALM = 5 * MINUTE
"""How long a gateway must have answered since it was away or somebody took it on, and needs nobody."""

_WELL = frozenset({GatewayState.UP, GatewayState.SLOW})


def is_calm(core: Core, name: str) -> bool:
    """Tell whether a gateway has been well for so long that nobody needs to take care of it."""
    gateway = core.fleet.gateway(name)
    if gateway.state not in _WELL or core.attention(name):
        return False
    taken_on = gateway.acknowledged.at if gateway.acknowledged is not None else 0
    # Not since its state: one that is slow now and then is not away.
    return core.clock.now() - max(gateway.returned_at, taken_on) >= CALM
