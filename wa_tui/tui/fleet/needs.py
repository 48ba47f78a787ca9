"""Which sessions need a person, and what for, in one word to count by."""

from __future__ import annotations

import re
from datetime import datetime

from wa_tui.tui.words.text import clean, cut
from wa_tui.wire import Condition, SessionView

_WORDS = (
    (re.compile(r"\bflap", re.IGNORECASE), "flapping"),
    (re.compile(r"\bconflict", re.IGNORECASE), "conflict"),
    (re.compile(r"\bbann?(ed)?\b", re.IGNORECASE), "banned"),
    (re.compile(r"\bqr\b|\bscan", re.IGNORECASE), "QR"),
)
_LONGEST = 14


def need(session: SessionView, found: Condition) -> str | None:
    """Return what a session needs a person for (``QR conflict flapping …``), ``None`` when nobody is needed."""
    if session.attention is None:
        return None
    for pattern, word in _WORDS:
        if pattern.search(session.attention):
            return word
    if found is Condition.SCAN_QR:
        return "QR"
    return cut(re.split(r"[,:;·(]", clean(session.attention))[0].strip(), _LONGEST) or "other"


def is_snoozed(session: SessionView, now: datetime) -> bool:
    """Tell whether a session calls nobody for now, whatever it needs."""
    return session.snoozed_until is not None and session.snoozed_until > now


def is_trouble(session: SessionView) -> bool:
    """Tell whether a session is in trouble whatever its status: a person is needed, or what is and should be differ."""
    unwanted = session.status == "connected" and session.desired == "offline"
    return session.attention is not None or session.contradiction is not None or session.orphan or unwanted
