"""An event as a line of the log, and what the log says of where its reader is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from wa_tui.keys.table import KeyNames
from wa_tui.text.cells import fit, fit_name
from wa_tui.text.cleaning import clean
from wa_tui.text.counts import many
from wa_tui.text.events import detail, status_word, subject
from wa_tui.tui.presenters.times import SECONDS, iso, when
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import state_look
from wa_tui.tui.style.pieces import Piece, Pieces, shortened
from wa_tui.wire import EventView

_NARROW = 60
_LOUD = frozenset(
    {"contradiction", "unanswered", "missing", "orphan", "unattributed", "stale", "late", "silent", "ghost"}
)


class Times(StrEnum):
    """How the log tells when."""

    NONE = "no times"
    SHORT = "short times"
    ISO = "ISO times"


def event_line(
    event: EventView,
    width: int,
    now: datetime,
    *,
    iso_times: bool = False,
    times: Times = Times.SHORT,
    room: int = SECONDS,
) -> Pieces:
    """Return time (of ``room`` cells), source, whose it is and what happened, in at most ``width`` cells."""
    times = Times.ISO if iso_times and times is Times.SHORT else times
    return shortened((*head(event, width, now, times, room), *story(event, brief=width < 100)), width)


def head(event: EventView, width: int, now: datetime, times: Times, room: int = SECONDS) -> Pieces:
    """Return what stands before the story, in columns; the source goes where there is little room."""
    if times is Times.ISO and width < _NARROW:
        times = Times.SHORT
    short = f"{fit(when(event.at, now, room), room)}  "
    at = {Times.NONE: "", Times.SHORT: short, Times.ISO: f"{iso(event.at)}  "}[times]
    if width < _NARROW:
        return (Piece(at, Ink.QUIET), Piece(fit(subject(event), 11) + " ", Ink.TEXT))
    names = 12 if width < 100 else 16
    return (
        Piece(f"{at}{fit(event.source, 7)}  ", Ink.QUIET),
        Piece(fit_name(subject(event), names) + "  ", Ink.TEXT),
    )


def story(event: EventView, *, brief: bool = False) -> Pieces:
    """Return what happened: a transition (``brief``: only where to) and its reason, or the event's own text."""
    pieces: list[Piece] = []
    if event.before and event.after and event.before != event.after:
        pieces = [_status(event.before), Piece(" → ", Ink.QUIET), _status(event.after)]
        if brief:
            pieces = [Piece("→ ", Ink.QUIET), pieces[-1]]
    reasons = reason_and_text(event)
    if reasons and pieces:
        pieces.append(Piece("   "))
    pieces += reasons
    if not pieces:
        pieces.append(_status(event.after) if event.after else Piece(clean(event.kind), Ink.QUIET))
    return tuple(pieces)


def reason_and_text(event: EventView) -> Pieces:
    """Return the reason and the event's own text, without the transition."""
    text = detail(event)
    return (Piece(text, _ink(event)),) if text else ()


def _status(status: str) -> Piece:
    return Piece(status_word(status), state_look(status).ink)


def _ink(event: EventView) -> Ink:
    if event.kind in _LOUD:
        return Ink.AMBER
    if event.kind == "action" or event.source in ("action", "heal"):
        return Ink.BRIGHT
    return Ink.TEXT


def reading_back(unseen: int, names: KeyNames) -> str:
    """Return that the reader has scrolled back, how many events came in meanwhile, and which key follows again."""
    return f"reading back, {lines(unseen)}{names['log.end']} follows"


def lines(unseen: int) -> str:
    """Return how many came in below: ``+2 lines, ``; nothing where there are none."""
    return f"+{many(unseen, 'line')}, " if unseen else ""
