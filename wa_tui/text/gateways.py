"""What a gateway is and can do, in words a person says."""

from __future__ import annotations

from wa_tui.identity.capabilities import Capability
from wa_tui.identity.kinds import TITLES, GatewayKind
from wa_tui.wire import GatewayView

from .cleaning import clean

PROVES_NOTHING = "this kind proves nothing by itself"

_WORDS = {
    Capability.STOP: "stop",
    Capability.RESTART: "restart",
    Capability.LOGOUT: "log out",
    Capability.DELETE: "delete",
    Capability.PAIRING_CODE: "pairing codes",
    Capability.SEND_MEDIA: "files",
    Capability.RAW_QR: "QR codes as text",
    Capability.LIST_STATUS: "list statuses",
    Capability.LIST_PRESENCE: "list what runs",
    Capability.UPTIME: "tell its uptime",
    Capability.SELF_RESTORE: "restore by itself",
    Capability.WEBHOOK_SETUP: "set up webhooks",
    Capability.SERVER_CHECK: "ask WhatsApp's server",
    Capability.MESSAGE_CHECK: "follow a message",
}
"""What a person asks for first."""

_MISSED = (
    *(Capability.STOP, Capability.RESTART, Capability.LOGOUT, Capability.DELETE),
    *(Capability.PAIRING_CODE, Capability.SEND_MEDIA, Capability.UPTIME),
)
"""What matters where it is missing; the rest is how it is asked."""


def kind_title(kind: str | None) -> str:
    """Return what the makers of a kind call it; a newer daemon may know a kind that we do not."""
    if kind is None:
        return ""
    return TITLES[GatewayKind(kind)] if kind in set(GatewayKind) else clean(kind)


def kind_words(gateway: GatewayView) -> str:
    """Return a gateway's kind with its version, empty while nobody knows."""
    return f"{kind_title(gateway.kind)} {clean(gateway.version or '')}".strip()


def can_words(gateway: GatewayView) -> str:
    """Return what a gateway can do; empty where it has told nothing."""
    known = [word for capability, word in _WORDS.items() if gateway.can(capability)]
    others = sorted(set(gateway.capabilities) - set(_WORDS))
    return ", ".join([*known, *(clean(each).replace("_", " ") for each in others)])


def cannot_words(gateway: GatewayView) -> str:
    """Return what a person may miss at a gateway; empty where nobody knows what it is."""
    if gateway.kind is None:
        return ""
    return ", ".join(_WORDS[capability] for capability in _MISSED if not gateway.can(capability))
