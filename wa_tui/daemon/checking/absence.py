"""What a failed call says of the gateway itself: away, not letting us in, or nothing."""

from __future__ import annotations

from wa_tui.gateways import GatewayError, Intercepted, Unauthorised, Unreachable
from wa_tui.model.facts import Authorised, Unhealthy


def absence(gateway: str, at: int, error: GatewayError) -> Authorised | Unhealthy | None:
    """Return the fact that a gateway is away, or that it or a proxy before it lets us not in; ``None``: it may be well.

    A proxy that got no answer to one call may have waited for one client: whether all is down the health check tells.
    """
    match error:
        case Unauthorised():
            return Authorised(gateway, at, accepted=False, detail=error.detail, advice=error.advice)
        case Intercepted() if error.refuses:
            return Authorised(
                gateway, at, accepted=False, detail=error.detail, advice=error.advice, by_proxy=True
            )
        case Unreachable():
            return Unhealthy(gateway, at, error.detail, refused=error.refused, advice=error.advice)
    return None
