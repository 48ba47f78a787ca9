"""What a simulated gateway is told at its start: names, delays, limits."""

from __future__ import annotations

from dataclasses import dataclass, field

from wa_tui.identity.kinds import GatewayKind


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the simulated things take, all in seconds; the defaults are the contract's."""

    start: float = 1.0
    """From `init` to a connection or a first QR, give or take a fifth."""
    poll: float = 1.0
    """Between two looks of a waiting `init` at its client."""
    qr_timeout: float = 30.0
    """Until an `init` without a QR answers 408."""
    qr: float = 20.0
    """Until a QR is replaced by the next."""
    scan: float = 0.4
    """From a scan to the connection."""
    destroy: float = 0.15
    restore_delay: float = 5.0
    """From the start of the service to its question for the active sessions."""
    health_interval: float = 30.0
    ack: float = 0.3
    """From a message's leaving to the server's acknowledgement, give or take; a device's takes ten times as long."""
    server_check: float = 10.0
    """How long a question to WhatsApp's server is waited for that nobody answers."""
    traffic_interval: float = 15.0
    """Between two webhooks with counters."""
    latency: float = 0.0
    """Added to every answer."""


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """What one simulated gateway is called, where it posts to and how it behaves."""

    name: str
    api_key: str
    control_plane: str
    kind: GatewayKind = GatewayKind.CONTRACT
    webhook_key: str = ""
    """What its webhooks carry to tell whose they are, in the way of its kind; its `api_key`, if not given."""
    seed: int = 0
    gateway_route: bool = False
    """Whether its name is part of the routes it calls at the control plane."""
    clock_offset: float = 0.0
    uptime: float = 0.0
    """How long it pretends to have been running already, in seconds."""
    max_sessions: int = 0
    """More clients than this are refused; 0 refuses none."""
    starts_at_once: int = 0
    """More browsers than this do not start at once: the others queue, in order; 0 is no limit."""
    traffic: float | None = None
    """How many times the messages of its sessions' rhythms go through them; 0 are those alone that somebody has go.

    `None`: it says nothing of messages, as the contract's original.
    """
    timing: Timing = field(default_factory=Timing)

    def __post_init__(self) -> None:
        """Have the webhooks carry the key where they are given none of their own."""
        object.__setattr__(self, "webhook_key", self.webhook_key or self.api_key)

    @property
    def webhook_url(self) -> str:
        """Where the contract's webhooks go (contract §2)."""
        return f"{self._base}/webhook/"

    @property
    def traffic_url(self) -> str:
        """Where the contract's counters go."""
        return f"{self._base}/traffic/"

    @property
    def foreign_webhook_url(self) -> str:
        """Where the webhooks of the other kinds go, if they are not told by their API; a secret may follow in it."""
        return f"{self.control_plane.rstrip('/')}/api/v1/gateways/{self.name}/webhook"

    @property
    def active_sessions_url(self) -> str:
        """Where it asks what to restore (contract §2)."""
        return f"{self._base}/active-sessions/"

    @property
    def _base(self) -> str:
        route = f"gateways/{self.name}" if self.gateway_route else "sessions"
        return f"{self.control_plane.rstrip('/')}/api/v1/{route}"
