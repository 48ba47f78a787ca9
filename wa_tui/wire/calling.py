"""Whether a gateway or the daemon itself calls a person: one answer for the command line and the monitor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from .attention import Attention, AttentionCode
from .condition import utc_now
from .gateways import GatewayView
from .live import DaemonView, StatusView
from .quiet import is_quiet
from .sessions import SessionView


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


_AT_ITS_GATEWAY = frozenset(
    {
        AttentionCode.SCAN_QR,
        AttentionCode.GHOST,
        AttentionCode.SILENT,
        AttentionCode.DOWN,
        AttentionCode.UNWANTED,
        AttentionCode.ORPHAN,
    }
)
"""What nobody can mend while the gateway of the session is away."""


def waits_for(code: AttentionCode, gateway: GatewayView | None) -> bool:
    """Tell whether what a session needs can be done only once its gateway, which is away, can be asked again."""
    if gateway is None or gateway.state not in ("down", "unauthorised"):
        return False
    return code in _AT_ITS_GATEWAY


def session_need(session: SessionView, gateway: GatewayView | None) -> Attention | None:
    """Return what a session needs a person for, as far as that can be done while its gateway is as it is."""
    return None if session.attention is None else at_gateway(session.attention, gateway)


def at_gateway(need: Attention, gateway: GatewayView | None) -> Attention:
    """Return what a session needs, and that it waits for its gateway, where it does."""
    if gateway is None or not waits_for(need.code, gateway):
        return need
    comes = "answers" if gateway.state == "down" else "lets us in"
    return msgspec.structs.replace(need, action=f"once gateway {gateway.name} {comes}, {need.action}")


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
