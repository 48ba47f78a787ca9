"""A gateway's sessions by condition, in words or in as many cells as there are."""

from __future__ import annotations

from collections.abc import Mapping

from wa_tui.tui.style.palette import LOOKS, Ink
from wa_tui.tui.style.pieces import Piece, Pieces, width_of
from wa_tui.wire import Condition

_SHOWN = (
    Condition.CONNECTED,
    Condition.DISCONNECTED,
    Condition.AUTH_FAILED,
    Condition.SCAN_QR,
    Condition.STARTING,
    Condition.CLAIMED,
    Condition.UNKNOWN,
    Condition.OFFLINE,
)
_FIRST_SHED = (
    Condition.OFFLINE,
    Condition.UNKNOWN,
    Condition.STARTING,
    Condition.CLAIMED,
    Condition.CONNECTED,
    Condition.SCAN_QR,
    Condition.DISCONNECTED,
    Condition.AUTH_FAILED,
)
_TOGETHER = "\u00a0"
_OFF = "off "
_NOBODY = (Piece("none", Ink.QUIET),)


def named_conditions(there: Mapping[Condition, int]) -> Pieces:
    """Return how many sessions are in each condition, with its word."""
    pieces: list[Piece] = []
    for condition in _SHOWN:
        if number := there.get(condition):
            look = LOOKS[condition]
            text = f"{look.glyph} {number} {condition}".replace(" ", _TOGETHER)
            pieces += [Piece(text, look.ink, look.bold), Piece("  ")]
    return tuple(pieces) or _NOBODY


def short_conditions(there: Mapping[Condition, int], width: int) -> Pieces:
    """Return how many sessions are in each condition, as glyph and number; ``+9`` are those there is no room for.

    What is down is shed last: a fleet's healthy thousands must not push out the one that is not.
    """
    shown = [condition for condition in _SHOWN if there.get(condition)]
    shed = 0
    for condition in _FIRST_SHED:
        pieces = _short(there, shown, shed)
        if width_of(pieces) <= width:
            break
        if condition in shown and len(shown) > 1:
            shown.remove(condition)
            shed += there[condition]
    return _short(there, shown, shed) or _NOBODY


def _short(there: Mapping[Condition, int], shown: list[Condition], shed: int) -> Pieces:
    pieces: list[Piece] = []
    for condition in shown:
        look = LOOKS[condition]
        # Off by wish and down have one glyph: without its word, and without colours, the one would be the other.
        sign = _OFF if condition is Condition.OFFLINE else look.glyph
        text = f"{sign}{there[condition]}".replace(" ", _TOGETHER)
        pieces += [Piece(" "), Piece(text, look.ink, look.bold)]
    if shed:
        pieces += [Piece(" "), Piece(f"+{shed}", Ink.QUIET)]
    return tuple(pieces[1:])
