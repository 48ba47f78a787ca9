"""WHY in as many cells as there are: the reason, and what to do about it."""

from __future__ import annotations

from wa_tui.keys.table import KEY_NAMES, KeyNames
from wa_tui.text.cells import cell_len, cut
from wa_tui.text.cleaning import clean
from wa_tui.text.why import Tone, Why
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces

_SEPARATOR = " · "
_LEAST = 8
"""Cells of the reason that the next step must leave, or it stands alone."""
READABLE = 24
"""Cells of the reason that say enough of it beside more of what to do."""

INKS = {Tone.PLAIN: Ink.TEXT, Tone.QUIET: Ink.QUIET, Tone.WARN: Ink.AMBER, Tone.BAD: Ink.RED}


def why_pieces(why: Why, width: int, names: KeyNames = KEY_NAMES, *, readable: int = READABLE) -> Pieces:
    """Return pieces of at most ``width`` cells: the reason is shortened before what to do, and cut before it is.

    ``readable`` are the cells of the reason that more of what to do must leave.
    """
    ink = INKS[why.tone]
    text, hints = clean(why.text), why.hints(names)
    if not text:
        return (Piece(cut(hints[0], width), Ink.QUIET),) if why.care and hints else ()
    if not hints:
        return (Piece(cut(text, width), ink),)
    brief = clean(why.brief) or text
    for hint in hints:
        rest = _SEPARATOR + hint
        for each in (text, brief):
            if cell_len(each + rest) <= width:
                return (Piece(each, ink), Piece(rest, Ink.QUIET))
        if width - cell_len(rest) >= readable:
            return (Piece(cut(text, width - cell_len(rest)), ink), Piece(rest, Ink.QUIET))
    rest = _SEPARATOR + hints[-1]
    if width < cell_len(rest) + _LEAST:
        return (Piece(cut(hints[-1], width), ink),)
    return (Piece(cut(text, width - cell_len(rest)), ink), Piece(rest, Ink.QUIET))
