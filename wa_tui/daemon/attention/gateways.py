"""Why a gateway cannot be asked, and what to do about it on which machine."""

from __future__ import annotations

from wa_tui.gateways import machine
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import GatewayState


def cause_of(gateway: Gateway) -> str:
    """Return why it is in its state, as far as anybody knows."""
    return (gateway.detail or "it does not answer").rstrip(" .")


def advice_of(gateway: Gateway, url: str) -> str:
    """Return what to do about a gateway's state, as who told its cause knew it; empty where nobody is needed."""
    if gateway.state not in (GatewayState.DOWN, GatewayState.UNAUTHORISED):
        return ""
    if gateway.advice:
        return gateway.advice
    host = machine(url)
    if gateway.state is GatewayState.DOWN:
        return f"see that {gateway.name} runs on {host}"
    if gateway.proxy_refuses:
        return "have the proxy before it let wa-tui through, or set headers of this gateway"
    return f"set the api_key of {gateway.name} to its service's key"
