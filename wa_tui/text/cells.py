"""Foreign text on its way to the screen, in as many cells as there are.

A spacing mark (Devanagari's vowel signs and the like) takes a cell of its own in tmux, xterm and by `wcwidth`, none
by Rich's tables: a row with such a name was as many cells too long, and wrapped. Taken for one cell it is at worst
one too short, on the terminals that give it none.

Rich takes no other table: this puts its own in place of the function that loads it, and leans on ``_unicode_data`` for
what it had loaded, here and nowhere else (read in Rich 15.0.0).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import rich.cells
from rich._unicode_data import load
from rich.cells import CellTable, cell_len, chop_cells

from .cleaning import clean

__all__ = ["ELLIPSIS", "NONE", "cell_len", "chop_cells", "cut", "fit", "fit_name", "wrap"]

ELLIPSIS = "…"
NONE = "–"
"""What stands where there is nothing to say."""
_NAME = 8
"""Cells from which on a name is cut in its middle."""
_FIRST_MARK = 0x300
_TABLE = "load_cell_table"
"""Rich's name for what gives it its table of widths."""


def agree() -> None:
    """Have Rich, and all that measures with it, count spacing marks; done once, before anything is measured."""
    if getattr(rich.cells, _TABLE) is not _load:
        setattr(rich.cells, _TABLE, _load)
        rich.cells.get_character_cell_size.cache_clear()
        rich.cells.cached_cell_len.cache_clear()


def is_spacing_mark(char: str) -> bool:
    """Tell whether it is a mark that takes a cell."""
    return ord(char) >= _FIRST_MARK and unicodedata.category(char) == "Mc"


@cache
def _load(version: str = "auto") -> CellTable:
    table = load(version)
    return table._replace(widths=tuple(_counted(table.widths)))


def _counted(widths: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Yield the ranges without spacing marks, which are one cell wide as all that is in none; wide ones are two."""
    for first, last, width in widths:
        begin = first
        for code in range(first, last + 1) if width == 0 and last >= _FIRST_MARK else ():
            if unicodedata.category(chr(code)) == "Mc":
                if begin < code:
                    yield begin, code - 1, width
                if unicodedata.east_asian_width(chr(code)) == "W":
                    yield code, code, 2
                begin = code + 1
        if begin <= last:
            yield begin, last, width


# Every module that measures text imports it from here: until this line has run, Rich counts otherwise than terminals.
agree()


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Return clean text padded or cut (with ``…``) to exactly ``width`` cells."""
    text = clean(text)
    length = len(text) if text.isascii() else cell_len(text)
    if length > width:
        text = cut(text, width)
        length = cell_len(text)
    padding = " " * (width - length)
    return padding + text if right else text + padding


def fit_name(text: str, width: int) -> str:
    """Return a session's name in exactly ``width`` cells, cut in its middle, for its end tells it apart."""
    text = clean(text)
    if width < _NAME or cell_len(text) <= width:
        return fit(text, width)
    # Names that were cut at their end were all the same in a list of 88: they differ in their last letters.
    tail = _within(reversed(text), width // 2)[::-1]
    head = _within(text, width - 1 - cell_len(tail))
    return fit(f"{head}{ELLIPSIS}{tail}", width)


def cut(text: str, width: int) -> str:
    """Return clean text in at most ``width`` cells, ending in ``…`` where some is missing."""
    text = clean(text)
    if cell_len(text) <= width:
        return text
    if width < 1:
        return ""
    return _within(text, width - 1).rstrip() + ELLIPSIS


def _within(letters: Iterable[str], width: int) -> str:
    """Return as many of the first letters as ``width`` cells hold."""
    used = 0
    kept: list[str] = []
    for char in letters:
        used += cell_len(char)
        if used > width:
            break
        kept.append(char)
    return "".join(kept)


def wrap(text: str, width: int) -> list[str]:
    """Return clean text in lines of at most ``width`` cells, broken between words where that is possible."""
    lines = [""]
    for word in clean(text).split():
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
            continue
        parts = chop_cells(word, max(width, 2))
        lines = [*lines, *parts] if lines[-1] else parts
    return lines
