"""The texts of a session that a filter looks in."""

from __future__ import annotations

import re
from functools import lru_cache

from wa_tui.wire import Condition, SessionView
from wa_tui.wire.reasons import REASON_WORDS

FIELDS = ("instance", "gateway", "id", "phone", "user", "status", "reason")
"""Names of the fields, those that find most often first."""

WORDED = ("status", "reason")
"""Those that are words, not names."""

_GENERATED = re.compile(r"^user_.+?_instance_")
"""What generated ids begin with: ``us`` must not find them all, but a whole id typed or pasted finds its own."""

_ALSO_CALLED: dict[str, str] = {
    Condition.DISCONNECTED: "down",
    Condition.AUTH_FAILED: "auth_failed down",
    Condition.SCAN_QR: "qr_pending",
    Condition.STARTING: "initializing authenticated",
}
"""What else a status is found by: the header's word, and the gateway's."""

_STATUS_TEXTS = {one: f"{one} {_ALSO_CALLED.get(one, '')}".casefold() for one in Condition}

STATUSES = frozenset(word for text in _STATUS_TEXTS.values() for word in text.split())
"""Every word that a status is found by."""


def text_of(session: SessionView, field: str, status: Condition) -> str:
    """Return one field's text, in one case; ``status`` is the word on screen. Raises KeyError."""
    match field:
        case "instance":
            return (session.instance_name or "").casefold()
        case "gateway":
            return session.gateway.casefold()
        case "id":
            return _GENERATED.sub("", session.session_id).casefold()
        case "phone":
            return f"+{session.phone_number}" if session.phone_number else ""
        case "user":
            return (session.user_id or "").casefold()
        case "status":
            return _STATUS_TEXTS[status]
        case "reason":
            return _reasons(_told(session))
    raise KeyError(field)


def name_of(session: SessionView, field: str) -> str:
    """Return the whole of a field that is a name, as it is; empty where there is none. Raises KeyError."""
    match field:
        case "instance":
            return session.instance_name or ""
        case "gateway":
            return session.gateway
        case "id":
            return session.session_id
        case "phone":
            return session.phone_number or ""
        case "user":
            return session.user_id or ""
    raise KeyError(field)


def names_of(session: SessionView) -> str:
    """Return the texts of all fields that are names, a line each."""
    return _names(
        session.instance_name, session.gateway, session.session_id, session.phone_number, session.user_id
    )


@lru_cache(1 << 15)
def _names(instance: str | None, gateway: str, session_id: str, phone: str | None, user: str | None) -> str:
    """Kept, since every letter of a filter asks for those of all sessions."""
    known = (instance, gateway, _GENERATED.sub("", session_id), f"+{phone}" if phone else "", user)
    return "\n".join((text or "").casefold() for text in known)


def words_of(session: SessionView, status: Condition) -> str:
    """Return the words of all fields that are words, each after a space."""
    return _words(_STATUS_TEXTS[status], *_told(session))


@lru_cache(1 << 12)
def _words(status: str, *told: str | None) -> str:
    """Kept, since most sessions have the same to say."""
    return " ".join(["", *status.split(), *_reasons(told).split()])


def _told(session: SessionView) -> tuple[str | None, ...]:
    return (
        session.reason,
        session.detail,
        session.attention.text if session.attention is not None else None,
        session.attention.action if session.attention is not None else None,
        session.contradiction,
        session.silence,
    )


def _reasons(told: tuple[str | None, ...]) -> str:
    return " ".join(part for part in (REASON_WORDS.get(told[0] or ""), *told) if part).casefold()
