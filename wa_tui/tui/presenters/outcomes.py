"""The outcome of a request, as one line for the person."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from wa_tui.wire import Receipt

Level = Literal["quiet", "good", "warn", "bad"]

_LEVELS: dict[str, Level] = {
    "accepted": "quiet",
    "verified": "good",
    "no_effect": "warn",
    "unknown": "warn",
    "superseded": "warn",
    "failed": "bad",
}
OUTCOME_WORDS = {"no_effect": "no effect", "unknown": "outcome unknown"}
"""Outcomes as a person says them, where that differs."""

_GLYPHS: dict[Level, str] = {"quiet": "…", "good": "✓", "warn": "!", "bad": "✖"}


class Notice(Struct, frozen=True):
    """One line for the person. Of a request ``outcome`` is the line without its subject, ``receipt`` the newest."""

    text: str
    level: Level
    receipt: Receipt | None = None
    outcome: str = ""

    @property
    def glyph(self) -> str:
        """The level as a sign, for screens without colour."""
        return _GLYPHS[self.level]

    @property
    def final(self) -> bool:
        """Whether nothing more will be told about this request."""
        return self.receipt is None or self.receipt.ended


def notice_of(receipt: Receipt, what: str) -> Notice:
    """Put a receipt into a line; a sync's own text says it all."""
    level = _LEVELS.get(receipt.outcome, "warn")
    if receipt.action == "sync" and receipt.ended and receipt.text:
        return Notice(receipt.text, level, receipt)
    outcome = OUTCOME_WORDS.get(receipt.outcome, receipt.outcome)
    if receipt.text:
        outcome += f" · {receipt.text}"
    if receipt.message_id:
        outcome += f" · message {receipt.message_id}"
    return Notice(f"{what}: {outcome}", level, receipt, outcome)


def refusal_of(error: Exception, what: str) -> Notice:
    """Put the daemon's refusal of a request into a line."""
    return Notice(f"{what} refused: {error}", "bad", outcome=f"refused: {error}")


def doubt_of(detail: str, what: str) -> Notice:
    """Put into a line that the outcome of a request is unknown, and why."""
    outcome = f"outcome unknown{detail}"
    return Notice(f"{what}: {outcome}", "warn", outcome=outcome)
