"""The columns of a table, and which of them there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MARK = 1
"""The cell at the left edge that marks the cursor."""

GAP = 2
"""Cells between two columns."""


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
