"""What was tried with a session, by people and by healing: each action with its end, and as the cells of a table."""

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

_OUTCOMES = (
    "verified",
    "no_effect",
    "no effect",
    "unknown",
    "superseded",
    "failed",
    "not_sent",
    "not sent",
    "sent",
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
    """Return what was tried, newest first; an end belongs to the newest open action of its kind and source."""
    found: list[Attempt] = []
    for event in events:
        if event.kind == "action":
            found.append(Attempt(event.id, event.at, event.source, event.text or "action"))
        elif event.kind in ("outcome", "attempt"):
            _end(found, event)
    return found[::-1]


def _end(found: list[Attempt], event: EventView) -> None:
    head, _, ending = event.text.partition(": ")
    outcome = next((word for word in _OUTCOMES if head.endswith(word)), None)
    name = head.removesuffix(outcome or "").strip()
    outcome = outcome and outcome.replace(" ", "_")
    for index in range(len(found) - 1, -1, -1):
        one = found[index]
        same = one.source == event.source and (not name or one.text.startswith(name.split(" ")[0]))
        if event.kind == "outcome" and one.outcome is None and same:
            found[index] = replace(
                one, outcome=outcome or "ended", ending=ending or event.text, ended_at=event.at
            )
            return
    found.append(Attempt(event.id, event.at, event.source, name or event.text, outcome or "ended", ending))


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
