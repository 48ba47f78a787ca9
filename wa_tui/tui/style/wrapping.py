"""Pieces in several lines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wa_tui.text.cells import cell_len, chop_cells
from wa_tui.tui.style.pieces import Piece, Pieces

_TOKEN = re.compile(r"[ \t]+|[^ \t]+")


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
