"""The attempts of a session, by people and by healing: each action with its end, and as the cells of a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from wa_tui.text.cells import fit
from wa_tui.text.cleaning import clean
from wa_tui.tui.presenters.times import DATE, WEEKDAY, when
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces
from wa_tui.tui.style.tables import Column
from wa_tui.wire import EventView

_LOOKS: dict[str | None, tuple[str, Ink]] = {
    None: ("…", Ink.AMBER),
    "verified": ("✓", Ink.GREEN),
    "sent": ("✓", Ink.GREEN),
    "failed": ("✖", Ink.RED),
    "no_effect": ("!", Ink.AMBER),
    "not_sent": ("✖", Ink.RED),
    "unknown": ("?", Ink.AMBER),
}


@dataclass(frozen=True)
class Attempt:
    """One action: ``outcome`` is ``None`` while it has no end; ``ended_at`` where its beginning is known too."""

    id: int
    at: datetime
    source: str
    text: str
    outcome: str | None = None
    ending: str = ""
    ended_at: datetime | None = None


def attempts(events: Iterable[EventView]) -> list[Attempt]:
    """Return what was tried, newest first. An action's end belongs to its beginning; each try to send stands alone."""
    found: list[Attempt] = []
    begun: dict[str, int] = {}
    for event in events:
        action = event.action
        if action is None:
            continue
        if action.outcome is None:
            begun[action.id] = len(found)
            found.append(Attempt(event.id, event.at, event.source, event.text or action.name))
            continue
        ending = event.text.partition(": ")[2]
        at = begun.pop(action.id, None) if event.kind == "outcome" else None
        if at is None:
            name = action.name.replace("_", " ")
            found.append(Attempt(event.id, event.at, event.source, name, action.outcome, ending))
        else:
            found[at] = replace(
                found[at], outcome=action.outcome, ending=ending or event.text, ended_at=event.at
            )
    return found[::-1]


class AttemptColumn(StrEnum):
    """A column of what was tried; the value is its title."""

    WHEN = "WHEN"
    BY = "BY"
    WHAT = "WHAT"
    OUTCOME = "OUTCOME"
    TOOK = "TOOK"
    TOLD = "TOLD"


COLUMNS = (
    Column(AttemptColumn.WHEN, WEEKDAY, most=DATE, wholly=True),
    Column(AttemptColumn.BY, 7, shed=1),
    Column(AttemptColumn.WHAT, 18, most=36),
    Column(AttemptColumn.OUTCOME, 12, shed=3),
    Column(AttemptColumn.TOOK, 6, shed=2, right=True),
    Column(AttemptColumn.TOLD, 16, most=None),
)


def attempt_cell(attempt: Attempt, title: str, width: int, now: datetime) -> Pieces:
    """Return an attempt's cell in a column."""
    glyph, ink = _LOOKS.get(attempt.outcome, ("·", Ink.QUIET))
    match title:
        case AttemptColumn.WHEN:
            return (Piece(when(attempt.at, now, width), Ink.QUIET),)
        case AttemptColumn.BY:
            return (Piece(fit(attempt.source, width), Ink.QUIET),)
        case AttemptColumn.WHAT:
            return (Piece(clean(attempt.text)),)
        case AttemptColumn.OUTCOME:
            return (Piece(f"{glyph} {clean(outcome_word(attempt.outcome))}", ink, bold=ink is not Ink.QUIET),)
        case AttemptColumn.TOOK:
            if attempt.ended_at is None:
                return ()
            return (Piece(_took((attempt.ended_at - attempt.at).total_seconds()), Ink.QUIET),)
    return (Piece(clean(attempt.ending), Ink.TEXT),)


def _took(seconds: float) -> str:
    return (
        f"{seconds:.1f}s" if seconds < 10 else f"{seconds:.0f}s" if seconds < 600 else f"{seconds / 60:.0f}m"
    )


def outcome_word(outcome: str | None) -> str:
    """Return an outcome as a person says it."""
    return "under way" if outcome is None else outcome.replace("_", " ")
