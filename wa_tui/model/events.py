"""Events: what the daemon appends to its store and shows in its log."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from .facts import Fact
from .registers import Reason, Source
from .session import Basis


class Kind(StrEnum):
    """What an event says about its fact."""

    ADOPTED = "adopted"
    STATUS = "status"
    CHANGED = "changed"
    QR = "qr"
    STALE = "stale"
    LATE = "late"
    HINT = "hint"
    """A webhook without a time of its own says something else than what is known: a check follows."""
    SUPERSEDED = "superseded"
    CONTRADICTION = "contradiction"
    UNANSWERED = "unanswered"
    """A check without an answer."""
    SILENT = "silent"
    """A session's messages stopped, or go on."""
    GHOST = "ghost"
    """WhatsApp's server denies a session, or answers for it again."""
    MISSING = "missing"
    TOMBSTONE = "tombstone"
    ORPHAN = "orphan"
    UNATTRIBUTED = "unattributed"
    REMOVED = "removed"
    HEALING = "healing"
    ACTION = "action"
    ATTEMPT = "attempt"
    OUTCOME = "outcome"
    GATEWAY = "gateway"
    DAEMON = "daemon"


class Event(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A fact that changed a register, contradicted one, or was an action; times in milliseconds, UTC.

    ``at`` is when it happened by our clock, ``recorded`` when we took it in; ``id`` grows by one, 0 until stored.
    """

    at: int
    recorded: int
    source: Source
    kind: Kind
    fact: Fact
    text: str = ""
    gateway: str | None = None
    session_id: str | None = None
    before: str | None = None
    after: str | None = None
    """The status of the session, or the state of the gateway, before and after."""
    reason: Reason | None = None
    detail: str | None = None
    basis: Basis | None = None
    id: int = 0
