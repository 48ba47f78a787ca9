"""What the state of a gateway is called."""

from __future__ import annotations

from wa_tui.wire import GatewayView, gateway_needs

from .attention import need_word
from .events import status_word


def gateway_word(gateway: GatewayView) -> str:
    """Return a gateway's state as a person says it, and where it lets us not in, who it is that does not."""
    if gateway.state == "unauthorised":
        return need_word(gateway_needs(gateway)[0].code)
    return status_word(gateway.state)
