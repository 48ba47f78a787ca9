"""Actions, their receipts and the messages that were sent."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from .sessions import UserId

Outcome = Literal["accepted", "verified", "no_effect", "unknown", "superseded", "failed"]

ActionName = Literal[
    "reconnect",
    "restart",
    "disconnect",
    "logout",
    "new",
    "refresh_qr",
    "pairing_code",
    "rename",
    "set_primary",
    "delete",
    "adopt",
    "send",
    "send_media",
    "snooze",
    "acknowledge",
    "sync",
    "run_job",
    "setup_webhooks",
]

MAY_BE_OUT = "It may have gone out: look at the chat before sending it again."
"""Said of a send whose outcome is unknown."""


class ActionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An action asked for. ``sync`` needs no session, with a gateway it asks that one alone.

    ``new`` may leave ``session_id`` out (one is made from user and instance name). ``send`` needs ``recipient``
    (a phone number with its country code, or a WhatsApp id) and ``message``; ``send_media`` needs ``media_url``
    instead. Either goes through the session named, and through no other unless ``fallback``; with ``user_id`` instead
    of a session through that user's pool. ``rename`` needs ``instance_name``, ``pairing_code`` the account's
    ``phone_number``. ``snooze`` quiets a session, or the gateway where that alone is named, for
    ``minutes`` (two hours where none are given), 0 ends it; ``acknowledge`` does so until it is well again, with
    ``force`` it takes that back. ``run_job`` needs ``job``. ``setup_webhooks`` needs a gateway, which is told to post
    its webhooks to ``url``, or to where the daemon listens. ``force`` repeats what would ask first (reconnect on a
    proven session, restart, logout, delete).
    """

    action: ActionName
    gateway: str | None = None
    session_id: str | None = None
    user_id: UserId | None = None
    instance_name: str | None = None
    phone_number: str | None = None
    recipient: str | None = None
    message: str | None = None
    media_url: str | None = None
    media_type: str | None = None
    caption: str | None = None
    fallback: bool = False
    minutes: int | None = None
    job: str | None = None
    url: str | None = None
    force: bool = False


class AttemptView(msgspec.Struct, frozen=True, kw_only=True):
    """One try to send a message through one session: ``sent``, ``not_sent`` or ``unknown``, ``trying`` while open."""

    gateway: str
    session_id: str
    outcome: str
    text: str = ""
    at: datetime
    ended_at: datetime | None = None
    message_id: str | None = None


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """One message that was asked for: ``action_id`` names its receipt; its content is not kept."""

    action_id: str
    at: datetime
    who: str
    recipient: str
    kind: str = "text"
    """``text``, or the type of its media."""
    length: int = 0
    """Characters of its text or caption."""
    user_id: UserId | None = None
    outcome: Outcome = "accepted"
    text: str = ""
    message_id: str | None = None
    attempts: list[AttemptView] = []


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an action: accepted, then verified (a check proved it), no effect, or unknown."""

    id: str
    action: str
    outcome: Outcome
    text: str = ""
    gateway: str | None = None
    session_id: str | None = None
    who: str = ""
    accepted_at: datetime
    ended_at: datetime | None = None
    message_id: str | None = None
    attempts: list[AttemptView] = []
    """Of a message: the sessions it was tried through, in order."""
    pairing_code: str | None = None
    """Of ``pairing_code``: what to type on the phone. Not kept in the store."""

    @property
    def ended(self) -> bool:
        """Whether the action is over."""
        return self.outcome != "accepted"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal: what happened, to which session on which gateway, and what to do next."""

    error: str
    code: str = "refused"
