"""Pieces of text in an ink, and how they, or a text's lines in Markdown, become lines of the screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual.strip import Strip

from wa_tui.text.cells import cell_len, chop_cells, cut
from wa_tui.text.cleaning import clean
from wa_tui.tui.style.inks import Ground, Ink
from wa_tui.tui.style.palette import Palette

_TOKEN = re.compile(r"[ \t]+|[^ \t]+")
_MARGIN = 2
_INDENT = 4


class Piece(NamedTuple):
    """A text in one ink. Foreign text must have been cleaned. ``leads`` says where a click on it does, if anywhere."""

    text: str
    ink: Ink = Ink.TEXT
    bold: bool = False
    leads: str = ""


Pieces = tuple[Piece, ...]


def width_of(pieces: Iterable[Piece]) -> int:
    """Return the cells that pieces take."""
    return sum(cell_len(piece.text) for piece in pieces)


def leads_at(pieces: Iterable[Piece], x: int) -> str:
    """Return where a click on a cell of these pieces leads; the space after a piece leads nowhere."""
    left = 0
    for piece in pieces:
        if left <= x < left + cell_len(piece.text.rstrip()):
            return piece.leads
        left += cell_len(piece.text)
    return ""


def padded(pieces: Pieces, width: int) -> Pieces:
    """Return pieces of ``width`` cells at least; the spaces join the last, since they show no ink."""
    missing = width - width_of(pieces)
    if missing <= 0:
        return pieces
    if not pieces:
        return (Piece(" " * missing),)
    last = pieces[-1]
    return (*pieces[:-1], last._replace(text=last.text + " " * missing))


def shortened(pieces: Sequence[Piece], width: int) -> Pieces:
    """Return pieces of ``width`` cells at most, ending in ``…`` where some is missing."""
    kept: list[Piece] = []
    for piece in pieces:
        room = width - width_of(kept)
        if cell_len(piece.text) > room:
            kept.append(piece._replace(text=cut(piece.text, room)))
            break
        kept.append(piece)
    return tuple(kept)


def spread(left: Pieces, right: Pieces, width: int) -> Pieces:
    """Return both with the space between them; the right one goes where there is no room for it."""
    if width_of(left) + width_of(right) + 2 > width:
        return padded(shortened(left, width), width)
    return (*padded(left, width - width_of(right)), *right)


def strip(pieces: Iterable[Piece], width: int, palette: Palette, ground: Ground = Ground.BODY) -> Strip:
    """Return the line, ``width`` cells wide; neighbours of one style become one segment, which saves bytes."""
    segments: list[Segment] = []
    text, style, length = "", palette.style(ground=ground), 0
    for piece in pieces:
        length += cell_len(piece.text)
        own = palette.style(piece.ink, bold=piece.bold, ground=ground)
        # Spaces look the same in any ink of their ground.
        if own is style or piece.text.isspace():
            text += piece.text
            continue
        if text.strip():
            segments.append(Segment(text, style))
            text = ""
        text, style = text + piece.text, own
    text += " " * (width - length)
    segments.append(Segment(text, style))
    line = Strip(segments, max(length, width))
    return line if length <= width else line.crop(0, width)


def wrapped(pieces: Iterable[Piece], first: int, rest: int) -> list[Pieces]:
    """Return lines of at most ``first`` cells, then ``rest``, broken between words where that is possible.

    A no-break space keeps words together.
    """
    lines: list[list[Piece]] = [[]]
    room, gap = max(first, 2), Piece("")
    for piece in pieces:
        for token in _TOKEN.findall(piece.text):
            if token.isspace():
                gap = piece._replace(text=gap.text + token)
                continue
            parts = [token]
            if cell_len(gap.text) + cell_len(token) <= room:
                lines[-1].append(gap)
                room -= cell_len(gap.text)
            else:
                if lines[-1] or room < cell_len(token) <= rest:
                    lines.append([])
                    room = max(rest, 2)
                parts = chop_cells(token, room)
            gap = Piece("")
            for number, part in enumerate(parts):
                if number:
                    lines.append([])
                    room = max(rest, 2)
                lines[-1].append(piece._replace(text=part))
                room -= cell_len(part)
    return [_joined(line) for line in lines]


def _joined(line: list[Piece]) -> Pieces:
    """Return a line whose neighbours of one ink are one piece."""
    joined: list[Piece] = []
    for piece in line:
        if joined and (joined[-1][1:] == piece[1:] or piece.text.isspace()):
            joined[-1] = joined[-1]._replace(text=joined[-1].text + piece.text)
        elif piece.text:
            joined.append(piece)
    return tuple(joined)


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
