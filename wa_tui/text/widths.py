"""How many cells letters take, where terminals and Rich do not agree.

A spacing mark (Devanagari's vowel signs and the like) takes a cell of its own in tmux, xterm and by `wcwidth`, none
by Rich's tables: a row with such a name was as many cells too long, and wrapped. Taken for one cell it is at worst
one too short, on the terminals that give it none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

import rich.cells
from rich._unicode_data import load
from rich.cells import CellTable

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
