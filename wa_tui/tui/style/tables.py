"""Columns of tables, and of labels with values, in the room there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from wa_tui.text.cells import fit
from wa_tui.text.cleaning import clean
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces, padded, wrapped

MARK = 1
"""The cell at the left edge that marks the cursor."""

GAP = 2
"""Cells between two columns."""
LABEL = 13
_NARROW = 60
_BETWEEN = 3


@dataclass(frozen=True)
class Column:
    """A column that takes ``width`` cells and up to ``most`` where there are some to spare.

    One that may take all (``None``) takes half of them before the others, and gives where nothing is left to go.

    ``shed`` is its turn to go on a narrow screen, lowest first; ``None`` stays.
    """

    title: str
    width: int
    most: int | None = 0
    shed: int | None = None
    right: bool = False
    wholly: bool = False
    """It takes ``most`` cells or ``width``, and none between."""


def fitted(columns: Sequence[Column], width: int) -> list[tuple[Column, int]]:
    """Return the columns that ``width`` cells have room for, and the cells of each; the last takes no gap."""
    kept = list(columns)
    for column in sorted((one for one in columns if one.shed is not None), key=lambda one: one.shed or 0):
        if _width(kept) <= width:
            break
        kept.remove(column)
    spare = width - _width(kept)
    others = spare // 2 if any(column.most is None for column in kept) else spare
    grown = {}
    for column in sorted(kept, key=lambda one: one.most is None):
        more = spare if column.most is None else max(min(others, column.most - column.width), 0)
        if column.wholly and column.most is not None and column.width + more < column.most:
            more = 0
        grown[column] = max(column.width + more, 0)
        spare, others = spare - more, others - more
    return _cut([(column, grown[column]) for column in kept if grown[column]], width)


def _cut(shown: list[tuple[Column, int]], width: int) -> list[tuple[Column, int]]:
    """Return what of the columns is left of a screen's edge."""
    while (over := _taken_by([cells for _, cells in shown]) - width) > 0 and shown:
        column, cells = shown.pop()
        if cells > over or not shown:
            return [*shown, (column, max(cells - over, 1))]
    return shown


def _width(columns: Sequence[Column]) -> int:
    return _taken_by([column.width for column in columns])


def _taken_by(cells: Sequence[int]) -> int:
    return MARK + sum(cells) + GAP * (len(cells) - 1)


class Field(NamedTuple):
    """A label and its value: a text in one ink, or ``pieces``."""

    label: str
    text: str = ""
    ink: Ink = Ink.TEXT
    bold: bool = False
    pieces: Pieces = ()

    @property
    def content(self) -> Pieces:
        """The value's pieces."""
        return self.pieces or (Piece(clean(self.text), self.ink, self.bold),)


def fact_lines(facts: Iterable[Field], width: int) -> list[Pieces]:
    """Return facts in lines of at most ``width`` cells."""
    label = LABEL if width >= _NARROW // 2 else LABEL - 2
    lines: list[Pieces] = []
    for fact in facts:
        room = max(width - label, 8)
        first, *rest = wrapped(fact.content, room, room)
        lines.append((Piece(fit(fact.label, label), Ink.QUIET), *first))
        lines += [(Piece(" " * label), *line) for line in rest]
    return lines


def beside(left: Sequence[Pieces], right: Sequence[Pieces], half: int) -> list[Pieces]:
    """Return two columns of lines as one; the left one has ``half`` cells."""
    return [(*padded(one, half), *other) for one, other in zip_longest(left, right, fillvalue=())]


def columns(groups: Sequence[Sequence[Field]], width: int, *, at_least: int = 46) -> list[Pieces]:
    """Return groups of facts beside one another where each gets its room, else one after the other."""
    number = max(1, min(len(groups), width // at_least))
    if number == 1:
        return [line for group in groups for line in fact_lines(group, width)]
    cells = (width - _BETWEEN * (number - 1)) // number
    stacks: list[list[Pieces]] = [[] for _ in range(number)]
    for group in groups:
        lines = fact_lines(group, cells)
        shortest = min(stacks, key=len) if all(stacks) else next(stack for stack in stacks if not stack)
        shortest += [(), *lines] if shortest else lines
    whole = stacks[0]
    for place, stack in enumerate(stacks[1:], 1):
        whole = beside(whole, stack, place * (cells + _BETWEEN))
    return whole
