"""Which sessions need a person, and what for, in one word to count by."""

from __future__ import annotations

import re

from wa_tui.tui.words.text import clean, cut
from wa_tui.wire import Condition, SessionView

_WORDS = (
    (re.compile(r"\bflap", re.IGNORECASE), "flapping"),
    (re.compile(r"\bconflict", re.IGNORECASE), "conflict"),
    (re.compile(r"\bbann?(ed)?\b", re.IGNORECASE), "banned"),
    (re.compile(r"\bqr\b|\bscan", re.IGNORECASE), "QR"),
)
_LONGEST = 24


def need(session: SessionView, found: Condition) -> str | None:
    """Return what a session needs a person for (``QR conflict flapping …``), ``None`` when nobody is needed."""
    if session.attention is None:
        return None
    if session.reason in ("banned", "conflict"):
        return session.reason
    if session.healing is not None and session.healing.state in ("exhausted", "flapping"):
        return session.healing.state
    for pattern, word in _WORDS:
        if pattern.search(session.attention):
            return word
    if found is Condition.SCAN_QR:
        return "QR"
    return cut(re.split(r"[,:;·(]", clean(session.attention))[0].strip(), _LONGEST) or "other"
