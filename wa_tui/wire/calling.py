"""Whether a gateway or the daemon itself calls a person: one answer for the command line and the monitor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .attention import Attention, AttentionCode
from .condition import utc_now
from .gateways import GatewayView
from .live import DaemonView, StatusView
from .quiet import is_quiet


def gateway_needs(gateway: GatewayView) -> list[Attention]:
    """Return what a gateway needs a person for, the most urgent first; one that restarts once restores by itself."""
    found = list(gateway.attention)
    if (state_need := _of_state(gateway)) is not None:
        # A gateway that is away is the cause of whatever else it needs.
        found.insert(0, state_need)
    return found


def _of_state(gateway: GatewayView) -> Attention | None:
    if gateway.state == "down":
        code, text, action = AttentionCode.GATEWAY_DOWN, "it does not answer", f"see that {gateway.name} runs"
    elif gateway.state == "unauthorised" and gateway.proxy_refuses:
        code, text, action = AttentionCode.PROXY_REFUSES, "a proxy before it refuses us", "see that proxy"
    elif gateway.state == "unauthorised":
        code, text, action = (
            AttentionCode.KEY_REFUSED,
            "it refuses our key",
            "set its api_key to the service's key",
        )
    else:
        return None
    return Attention(code=code, text=gateway.detail or text, action=gateway.advice or action)


def daemon_needs(daemon: DaemonView | None) -> list[Attention]:
    """Return what the daemon itself needs a person for, the most urgent first."""
    return sorted(daemon.attention, key=lambda each: each.code.urgency) if daemon is not None else []


def gateway_calls(gateway: GatewayView, now: datetime) -> list[Attention]:
    """Return what a gateway calls a person for now: nothing while it is quieted."""
    return [] if is_quiet(gateway, now) else gateway_needs(gateway)


def needy(gateways: Iterable[GatewayView], now: datetime) -> list[GatewayView]:
    """Return the gateways that call a person now."""
    return [gateway for gateway in gateways if gateway_calls(gateway, now)]


def quieted(gateways: Iterable[GatewayView], now: datetime) -> list[GatewayView]:
    """Return the gateways that were told to call nobody, or that somebody takes care of, whether they need a person."""
    return [gateway for gateway in gateways if is_quiet(gateway, now)]


def needs_person(view: StatusView) -> int:
    """Return how many sessions and gateways need a person now, and in how many things the daemon itself does."""
    gateways = needy(view.gateways, view.now or utc_now())
    return view.sessions.needs_person + len(gateways) + len(view.daemon.attention)
