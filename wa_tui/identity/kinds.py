"""The kinds of gateways that wa-tui drives."""

from __future__ import annotations

from enum import StrEnum


class GatewayKind(StrEnum):
    """What a gateway is: it decides what is asked of it, and what its words and its webhooks mean."""

    CONTRACT = "contract"
    """The mission's Node service, the bundled one, and whatever else keeps that contract."""
    WWEBJS_API = "wwebjs-api"
    EVOLUTION = "evolution"
    WAHA = "waha"
    WPPCONNECT = "wppconnect"
    OPENWA = "openwa"


TITLES = {
    GatewayKind.CONTRACT: "WhatsApp Node service",
    GatewayKind.WWEBJS_API: "wwebjs-api",
    GatewayKind.EVOLUTION: "Evolution API",
    GatewayKind.WAHA: "WAHA",
    GatewayKind.WPPCONNECT: "WPPConnect Server",
    GatewayKind.OPENWA: "OpenWA",
}
"""What their makers call them."""

AUTO = "auto"
"""In a configuration, for a gateway that is asked what it is."""
