"""What was tried with a session, as the cells of a table."""

from __future__ import annotations

from datetime import datetime

from wa_tui.text.cells import fit
from wa_tui.text.cleaning import clean
from wa_tui.tui.log.attempts import Attempt, outcome_word
from wa_tui.tui.presenters.times import DATE, WEEKDAY, when
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces
from wa_tui.tui.style.tables import Column

COLUMNS = (
    Column("WHEN", WEEKDAY, most=DATE, wholly=True),
    Column("BY", 7, shed=1),
    Column("WHAT", 18, most=36),
    Column("OUTCOME", 12, shed=3),
    Column("TOOK", 6, shed=2, right=True),
    Column("TOLD", 16, most=None),
)
_LOOKS: dict[str | None, tuple[str, Ink]] = {
    None: ("…", Ink.AMBER),
    "verified": ("✓", Ink.GREEN),
    "sent": ("✓", Ink.GREEN),
    "failed": ("✖", Ink.RED),
    "no_effect": ("!", Ink.AMBER),
    "not_sent": ("✖", Ink.RED),
    "unknown": ("?", Ink.AMBER),
}


def attempt_cell(attempt: Attempt, title: str, width: int, now: datetime) -> Pieces:
    """Return an attempt's cell in a column."""
    glyph, ink = _LOOKS.get(attempt.outcome, ("·", Ink.QUIET))
    match title:
        case "WHEN":
            return (Piece(when(attempt.at, now, width), Ink.QUIET),)
        case "BY":
            return (Piece(fit(attempt.source, width), Ink.QUIET),)
        case "WHAT":
            return (Piece(clean(attempt.text)),)
        case "OUTCOME":
            return (Piece(f"{glyph} {clean(outcome_word(attempt.outcome))}", ink, bold=ink is not Ink.QUIET),)
        case "TOOK":
            if attempt.ended_at is None:
                return ()
            return (Piece(_took((attempt.ended_at - attempt.at).total_seconds()), Ink.QUIET),)
    return (Piece(clean(attempt.told), Ink.TEXT),)


def _took(seconds: float) -> str:
    return (
        f"{seconds:.1f}s" if seconds < 10 else f"{seconds:.0f}s" if seconds < 600 else f"{seconds / 60:.0f}m"
    )
