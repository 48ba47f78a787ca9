"""A gateway as the API shows it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from .attention import Attention, AttentionCode
from .quiet import AcknowledgedView


class GatewayHealingView(msgspec.Struct, frozen=True, kw_only=True):
    """Healing at one gateway: each start is a browser, so few run ``at_once``.

    ``paused_until``: while that is ahead, since one session after the other did not start.
    """

    enabled: bool = True
    at_once: int = 0
    starting: int = 0
    waiting: int = 0
    paused_until: datetime | None = None
    why: str = ""


CLAIMED = "claimed"
"""The grade of proof that proves nothing."""


class GatewayView(msgspec.Struct, frozen=True, kw_only=True):
    """One gateway: how it answers and since when; ``latency_ms`` of its last ``/health``, while it answers."""

    name: str
    url: str
    kind: str | None = None
    """What it is: ``contract wwebjs-api evolution waha wppconnect openwa``; ``None`` while nobody knows."""
    version: str | None = None
    """Its version, where it has told."""
    proof: str = "client"
    """The best that a check there can prove, as in `SessionView.proof`."""
    state: str = "unknown"
    """``up slow down restarting returned unauthorised``; ``restarting``: back, and restoring by itself; ``returned``:
    back after it was away, and whether it restarted it does not tell."""
    since: datetime | None = None
    detail: str | None = None
    """Why it is in its state."""
    advice: str = ""
    """What to do about that, and on which machine; empty where nobody is needed."""
    proxy_refuses: bool = False
    """It is ``unauthorised`` since a proxy before it does not let us through; else it refuses our key."""
    attention: list[Attention] = []
    """Why it needs a person besides its state."""
    started_at: datetime | None = None
    seen_at: datetime | None = None
    returned_at: datetime | None = None
    latency_ms: int | None = None
    clock_offset_ms: int | None = None
    restarts: int = 0
    sessions: int = 0
    status_interval_s: float | None = None
    """How often its sessions are checked now, in seconds; a proof counts for twice as long, or, where no check
    proves anything, for the daemon's ``proof_window_s``."""
    webhooks: dict[str, int] = {}
    """Webhooks since the daemon started, by what became of them (applied, duplicate, stale, …); ``counted``: its
    messages are, and nothing else of it is kept."""
    ignored: dict[str, int] = {}
    """Of the ``ignored`` ones how many of each kind of event, where a gateway posts more than states."""
    repeated: dict[str, int] = {}
    """Webhooks without a time of their own that said what was known already, by their status."""
    decoration: dict[str, int] = {}
    """Fields beside a status that had another type than agreed since the daemon started: read for what they plainly
    are, or dropped; the status was taken in."""
    unreadable_rows: int = 0
    """Rows of its last list that name no session: they are left out."""
    gaps: list[tuple[int, int | None]] = []
    """Times of the last 24 h in which it could not be observed: epoch seconds, from and to (``None``: now)."""
    hour: dict[str, int] = {}
    """Its events of the last hour by kind: ``missing`` (webhooks that never came), ``contradiction`` …"""
    per_minute: list[int] = []
    """Its events per minute in the last hour, oldest first; the last one is the minute now running."""
    drift: int = 0
    """Sessions of which its list now says something else than its checks."""
    limit: int | None = None
    """Sessions it can hold, where it says so."""
    capabilities: list[str] = []
    read_only: bool = False
    healing: GatewayHealingView | None = None
    snoozed_until: datetime | None = None
    """Until then it calls nobody, nor do its sessions for what is its trouble."""
    acknowledged: AcknowledgedView | None = None
    """Who takes care of it: the same holds until it has been well for a while."""

    @property
    def proves(self) -> bool:
        """Whether a check can prove that a session there works."""
        return self.proof != CLAIMED

    def can(self, capability: str) -> bool:
        """Tell whether it can do something, by the name that ``capabilities`` have for it."""
        return capability in self.capabilities

    @property
    def is_healing_paused(self) -> bool:
        """Whether healing starts nothing there, or nothing but one session to see whether starts work again."""
        if self.healing is not None and self.healing.paused_until is not None:
            return True
        return any(each.code is AttentionCode.HEALING_PAUSED for each in self.attention)


def kinds_of(gateways: Iterable[GatewayView]) -> list[str]:
    """Return the kinds that gateways are of, sorted: where there are two, lists say which one each is."""
    return sorted({gateway.kind for gateway in gateways if gateway.kind is not None})
