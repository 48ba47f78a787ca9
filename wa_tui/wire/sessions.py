"""A session as the API shows it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from .attention import Attention
from .quiet import AcknowledgedView
from .traffic import GhostView, SilentView, TrafficView

SessionKey = tuple[str, str]
"""A gateway's name and a session's id there: nobody else's."""

UserId = str
"""The text of a user's id: ``007`` is not ``7``."""

HealingState = Literal["waiting", "starting", "held", "flapping", "exhausted"]


class HealingView(msgspec.Struct, frozen=True, kw_only=True):
    """What healing does for a session that is down; the gateway's own trouble is in `GatewayView.healing`.

    ``waiting`` for its turn at ``next_at``; ``starting`` now; ``held`` back while ``why`` lasts (its gateway is
    down or restores by itself); ``flapping`` and ``exhausted`` (its budget of the hour) call a person and try again at
    ``next_at`` all the same.
    """

    state: HealingState
    attempts: int = 0
    """Attempts since it was last connected."""
    next_at: datetime | None = None
    why: str = ""


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """One session. ``proven_at`` is when a check or an acknowledgement last proved it connected while it stayed so."""

    gateway: str
    session_id: str
    user_id: UserId | None = None
    instance_name: str | None = None
    status: str = "unknown"
    status_since: datetime | None = None
    credentials: str = "unknown"
    desired: str = "online"
    reason: str | None = None
    detail: str | None = None
    """The gateway's own words for the reason. Foreign text."""
    phone_number: str | None = None
    is_primary: bool = False
    connected_at: datetime | None = None
    observed_at: datetime | None = None
    proven_at: datetime | None = None
    proven_by: str | None = None
    """What brought the proof: ``sync`` (the periodic check, or one a change called for), ``action``, ``heal``,
    ``traffic`` (an acknowledgement by WhatsApp)."""
    proof: str | None = None
    """How strong that is, weakest first: ``claimed client server delivered``; ``claimed`` is no proof."""
    server_at: datetime | None = None
    """When WhatsApp's server last answered for it, or acknowledged a message; at most as new as ``proven_at``."""
    delivered_at: datetime | None = None
    """When a recipient's device last acknowledged a message; at most as new as ``server_at``."""
    used_at: datetime | None = None
    """When a message was last sent through it."""
    qr: str | None = None
    """Digest of the current QR code; its payload is at ``/qr``. ``None``: no code, or expired."""
    qr_expires_at: datetime | None = None
    action: str | None = None
    """Id of the action under way."""
    attention: Attention | None = None
    """Why a person is needed; ``None`` when nobody is, as while healing works on it."""
    contradiction: str | None = None
    unanswered: str | None = None
    """Why the last check has no answer, while that lasts."""
    orphan: bool = False
    """Deleted, and its gateway still runs its client: offered for disconnect or adoption."""
    healing: HealingView | None = None
    snoozed_until: datetime | None = None
    """Until then it calls nobody, whatever ``attention`` says."""
    acknowledged: AcknowledgedView | None = None
    drops: int = 0
    """How often it stopped being connected in the last 24 h; what somebody disconnected did not drop."""
    history: list[tuple[int, str]] = []
    """The last 24 h: (epoch seconds, code) from then on; codes in `History`."""
    traffic: TrafficView | None = None
    """How many messages go through it; ``None``: its gateway tells nothing of them."""
    silent: SilentView | None = None
    """Its messages stopped, and nothing explains it yet: a condition beside the status."""
    ghost: GhostView | None = None
    """It says connected and does not work: a condition beside the status."""

    @property
    def key(self) -> SessionKey:
        """Gateway and session id."""
        return (self.gateway, self.session_id)

    @property
    def condition_since(self) -> datetime | None:
        """Since when it is in its condition: as a ghost, or in its status."""
        return self.status_since if self.ghost is None else self.ghost.since

    @property
    def silent_since(self) -> datetime | None:
        """Since when nothing goes through it: silent against its habit, or a ghost; ``None``: it is neither."""
        return min((each.since for each in (self.silent, self.ghost) if each is not None), default=None)

    @property
    def is_unlinked(self) -> bool:
        """Whether no phone is linked to it, as far as is known: it waits for its scan, or was logged out."""
        if self.status in ("connected", "authenticated"):
            return False
        return self.status == "qr_pending" or self.credentials == "needs_scan"

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self.instance_name or self.session_id


class History(StrEnum):
    """The codes of `SessionView.history`."""

    CONNECTED = "c"
    STARTING = "s"
    QR = "q"
    DOWN = "d"
    OFF = "o"
    UNOBSERVED = "u"


class QrView(msgspec.Struct, frozen=True, kw_only=True):
    """A session's current QR code: raw text or a PNG data URL, as the gateway sent it."""

    digest: str
    payload: str
    expires_at: datetime
