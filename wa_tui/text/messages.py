"""What became of a message, in words: of the whole, and of each session that it was tried through."""

from __future__ import annotations

MESSAGE_WORDS: dict[str, str] = {
    "accepted": "under way",
    "verified": "sent",
    "unknown": "unknown",
    "no_effect": "not sent",
    "failed": "not sent",
    "superseded": "superseded",
}
ATTEMPT_WORDS: dict[str, str] = {
    "trying": "trying",
    "sent": "sent",
    "not_sent": "not sent",
    "unknown": "unknown",
}


def content_word(kind: str, length: int) -> str:
    """Return what a message was: its kind, a text's length in characters."""
    return kind if kind != "text" else f"{length} ch"
