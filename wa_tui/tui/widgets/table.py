"""A table: rows named by their keys, in the columns that there is room for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Generic, TypeVar

from textual.message import Message

from wa_tui.text.cells import fit
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces, padded, shortened, width_of
from wa_tui.tui.style.tables import GAP, Column, fitted
from wa_tui.tui.widgets.line_view import Groups
from wa_tui.tui.widgets.rows import CURSOR, NO_CURSOR, Rows

K = TypeVar("K")
T = TypeVar("T")


class Table(Rows[K], Generic[K, T]):
    """Rows of ``T`` by key; ``cell`` gives the pieces of a row in a column (by title) of so many cells."""

    DEFAULT_CSS = "Table { height: 1fr; }"

    class Highlighted(Message):
        """The cursor is on another row."""

    class Selected(Message):
        """A row was chosen by a double click."""

    def __init__(
        self,
        columns: Sequence[Column],
        cell: Callable[[T, str, int], Pieces],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._columns = columns
        self._cell = cell
        self._rows: Mapping[K, T] = {}
        self._slots: tuple[int, list[tuple[Column, int]]] = (-1, [])

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Change the columns."""
        if columns != self._columns:
            self._columns, self._slots = columns, (-1, [])
            self.refresh()

    def show(self, rows: Mapping[K, T], troubled: Collection[K] = (), *, at_once: bool = False) -> None:
        """Show these rows in their order, some of them in trouble; only those that changed are painted.

        ``at_once``: a person asked for it. Else other rows wait until no keys are pressed.
        """
        self._rows = rows
        self.troubled = troubled
        self._offer(list(rows), rows, at_once=at_once)

    @property
    def cursor_row(self) -> T | None:
        """The row under the cursor, ``None`` without rows."""
        return self._rows.get(self._cursor) if self._cursor is not None else None

    @property
    def row_aimed_at(self) -> T | None:
        """The row that a key pressed now acts on."""
        return self._rows.get(self.aimed_at) if self.aimed_at is not None else None

    @property
    def slots(self) -> list[tuple[Column, int]]:
        """The columns that are shown, and their cells."""
        if self._slots[0] != self.width:
            self._slots = (self.width, fitted(self._columns, self.width))
        return self._slots[1]

    def highlighted(self, key: K | None) -> None:
        self.post_message(self.Highlighted())

    def selected(self, key: K) -> None:
        self.post_message(self.Selected())

    def titles(self) -> Pieces:
        """Return the heading: each column's title, as wide as its cells."""
        cells = [fit(column.title, cells, right=column.right) for column, cells in self.slots]
        return (Piece(" " + (" " * GAP).join(cells), Ink.QUIET),)

    def line(self, index: int) -> Groups:
        key = self._keys[index]
        mark = (CURSOR if key == self._cursor else NO_CURSOR,)
        row = self._rows[key]
        last = self.slots[-1][0]
        filled = (
            _fill(self._cell(row, column.title, cells), cells, 0 if column is last else GAP, column.right)
            for column, cells in self.slots
        )
        return (mark, *filled)


def _fill(pieces: Pieces, cells: int, gap: int, right: bool) -> Pieces:
    """Return a cell's pieces, cut and padded to its place."""
    pieces = shortened(pieces, cells)
    if right and (missing := cells - width_of(pieces)) > 0:
        pieces = (Piece(" " * missing), *pieces)
    return padded(pieces, cells + gap)
