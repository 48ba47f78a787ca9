"""Evolution API's words for an instance's state, and its codes for why a socket closed, in ours."""

from __future__ import annotations

from typing import NamedTuple

from wa_tui.model.registers import Reason, Status

STATES = {
    "open": Status.CONNECTED,
    "connecting": Status.INITIALIZING,
    "close": Status.DISCONNECTED,
    "closed": Status.DISCONNECTED,
    "refused": Status.DISCONNECTED,
}
"""``refused``: nobody scanned any of the codes that it showed. With a code to scan ``connecting`` is a QR code's."""

_REASONS = {401: Reason.LOGOUT, 403: Reason.BANNED, 440: Reason.CONFLICT}
"""By ``statusReason`` and ``disconnectionReasonCode``; 401 is a log-out on the phone, one by the API, and a delete."""

_WORDS = {
    401: "logged out",
    403: "banned",
    408: "connection lost",
    428: "connection closed",
    440: "opened elsewhere",
    500: "bad session",
    503: "WhatsApp unavailable",
}
_RESTART_REQUIRED = 515
"""It closes so after each pairing, and opens by itself."""


class Closed(NamedTuple):
    """Why a socket closed."""

    reason: Reason | None = None
    detail: str | None = None


def why(state: str, code: int | None) -> Closed:
    """Return why an instance is in a state; nothing for one that works or starts, and where no code was told."""
    if state == "refused":
        return Closed(Reason.QR_EXPIRED, "no code was scanned")
    if code is None or STATES.get(state) is not Status.DISCONNECTED:
        return Closed()
    return Closed(_REASONS.get(code, Reason.OTHER), f"{_WORDS.get(code, 'closed')} ({code})")


def status_of(state: str, code: int | None) -> Status | None:
    """Return the status that a state is, ``None`` for a word that is none of these."""
    if code == _RESTART_REQUIRED and STATES.get(state) is Status.DISCONNECTED:
        return Status.INITIALIZING
    return STATES.get(state)
