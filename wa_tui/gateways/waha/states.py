"""WAHA's words for a session's status, and its engines' codes for why a socket closed, in ours."""

from __future__ import annotations

from typing import NamedTuple

from wa_tui.model.registers import Reason, Status

WORKING = "WORKING"
SCAN = "SCAN_QR_CODE"
FAILED = "FAILED"
STATUSES = {
    "STOPPED": Status.DISCONNECTED,
    "STARTING": Status.INITIALIZING,
    SCAN: Status.QR_PENDING,
    WORKING: Status.CONNECTED,
    FAILED: Status.AUTH_FAILED,
    "PASSKEY_REQUIRED": Status.AUTH_FAILED,
    "PASSKEY_CONFIRMATION_REQUIRED": Status.AUTH_FAILED,
}

_PASSKEYS = {
    "PASSKEY_REQUIRED": "passkey required",
    "PASSKEY_CONFIRMATION_REQUIRED": "confirmation required",
}
"""They want a person, and nothing that can be scanned."""

_BROWSERS = frozenset({"WEBJS", "VENOM", "WPP"})
"""Engines that run a browser. Theirs fail when that dies, and start again by themselves; a socket's fails for a 401."""

_REASONS = {401: Reason.LOGOUT, 403: Reason.BANNED, 440: Reason.CONFLICT}


class State(NamedTuple):
    """How a session is, and why where that is told."""

    status: Status
    reason: Reason | None = None
    detail: str | None = None


def runs_browser(engine: str | None) -> bool:
    """Tell whether an engine runs a browser."""
    return engine in _BROWSERS


def state_of(word: str, engine: str | None, *, is_paired: bool) -> State | None:
    """Return the state that a status means, ``None`` for a word that is none; ``is_paired``: it names its account."""
    status = STATUSES.get(word)
    if status is None:
        return None
    if word == FAILED and runs_browser(engine):
        return State(Status.DISCONNECTED, Reason.OTHER, "the engine failed")
    if word == FAILED and is_paired:
        return State(status, Reason.LOGOUT, "failed, and its account is set")
    if word in _PASSKEYS:
        return State(status, Reason.PASSKEY, _PASSKEYS[word])
    if status is Status.AUTH_FAILED:
        return State(status, Reason.OTHER, word.lower().replace("_", " "))
    return State(status)


def closed_by(code: int | None, detail: str | None) -> State | None:
    """Return what the code means with which a socket closed, ``None`` where it is only to be opened again."""
    reason = _REASONS.get(code or 0)
    if reason is None:
        return None
    status = Status.AUTH_FAILED if reason is Reason.LOGOUT else Status.DISCONNECTED
    return State(status, reason, f"{detail or 'closed'} ({code})")
