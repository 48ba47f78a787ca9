"""Markdown as it is written."""

from __future__ import annotations

from collections.abc import Iterator

from wa_tui.text.cleaning import clean
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces, wrapped

_MARGIN = 2
_INDENT = 4


def broken_markdown(line: str, width: int) -> Iterator[Pieces]:
    """Yield a line as it would be pasted; a long one goes on in the next, further in."""
    room = max(width - 2 * _MARGIN, 8)
    parts = wrapped([Piece(clean(line), *_look(line))], room, max(room - _INDENT, 4))
    for number, part in enumerate(parts):
        yield (Piece(" " * (_MARGIN + (_INDENT if number else 0))), *part)


def _look(line: str) -> tuple[Ink, bool]:
    """Return a line's ink, and whether it is bold."""
    if line.startswith("#"):
        return Ink.BRIGHT, True
    if line.startswith("| ---"):
        return Ink.QUIET, False
    return (Ink.AMBER if "**" in line else Ink.TEXT), False
