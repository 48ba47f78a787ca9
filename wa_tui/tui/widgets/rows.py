"""Rows with a cursor that follows its row, however the rows move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import BindingType

from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.look.palette import Ground, Ink
from wa_tui.tui.look.pieces import Piece, Pieces
from wa_tui.tui.widgets.line_view import LineView
from wa_tui.tui.words.text import cut

K = TypeVar("K")

CURSOR = Piece("▌", Ink.GREEN, bold=True)
NO_CURSOR = Piece(" ")


class Rows(LineView, Generic[K]):
    """Base of the sessions' grid and the tables: one line a row, named by its key, under one line of titles."""

    TITLES = 1
    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Context.GRID))

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._keys: list[K] = []
        self._index: dict[K, int] = {}
        self._cursor: K | None = None
        self._left: K | None = None
        """Where the cursor was before a filter hid that row: it goes back there."""
        self._empty = ""

    @property
    def cursor_key(self) -> K | None:
        """The row under the cursor, ``None`` when there are no rows."""
        return self._cursor

    @property
    def keys(self) -> list[K]:
        """The rows' keys, in their order."""
        return list(self._keys)

    def highlighted(self, key: K | None) -> None:
        """The cursor is on another row."""

    def selected(self, key: K) -> None:
        """A row was chosen by a double click."""

    def pressed(self) -> None:
        """Somebody uses the rows."""

    def titles(self) -> Pieces:
        """Return the line of titles."""
        raise NotImplementedError

    def say(self, text: str) -> None:
        """Say why there are no rows, where there are none."""
        if text != self._empty:
            self._empty = text
            if not self._keys:
                self.refresh()

    def move_to(self, key: K) -> None:
        """Put the cursor on a row; nothing happens when there is none of that key."""
        if key in self._index:
            self._move(self._index[key])

    def action_cursor_up(self) -> None:
        """Go to the row above."""
        self._move(self._row - 1)

    def action_cursor_down(self) -> None:
        """Go to the row below."""
        self._move(self._row + 1)

    def action_page_up(self) -> None:
        """Go up by a page."""
        self._move(self._row - self.page)

    def action_page_down(self) -> None:
        """Go down by a page."""
        self._move(self._row + self.page)

    def action_cursor_home(self) -> None:
        """Go to the first row."""
        self._move(0)

    def action_cursor_end(self) -> None:
        """Go to the last row."""
        self._move(len(self._keys) - 1)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a row; a double click chooses it."""
        index = event.y - self.TITLES + self.scroll_offset.y
        if event.y < self.TITLES or index >= len(self._keys):
            return
        self.pressed()
        self._move(index)
        if event.chain == 2:
            self.selected(self._keys[index])

    @property
    def _row(self) -> int:
        return self._index.get(self._cursor, 0) if self._cursor is not None else 0

    def _arrange(self, keys: Sequence[K]) -> None:
        """Put the rows in an order; the view follows the cursor's row if it was in view."""
        if keys is self._keys or keys == self._keys:
            return
        row, seen = self._row, self._is_seen(self._row)
        row_count = len(self._keys)
        self._keys = list(keys) if not isinstance(keys, list) else keys
        self._index = dict(zip(keys, range(len(keys)), strict=True))
        self.fit_to_lines()
        if not row_count or not keys:
            self.refresh()  # what is said where there are no rows
        if self._left in self._index:
            self._set_cursor(self._left)
        elif self._cursor not in self._index:
            self._left = self._left or self._cursor
            self._set_cursor(keys[min(row, len(keys) - 1)] if keys else None)
        if seen:
            self._reveal(self._row)

    def _set_cursor(self, key: K | None) -> None:
        if key == self._left:
            self._left = None
        if key != self._cursor:
            self._cursor = key
            self.highlighted(key)

    def _move(self, row: int) -> None:
        if not self._keys:
            return
        row = max(0, min(row, len(self._keys) - 1))
        self._left = None
        self._set_cursor(self._keys[row])
        self._reveal(row)
        self.repaint()

    def _is_seen(self, row: int) -> bool:
        return 0 <= row - self.scroll_offset.y < self.page

    def _reveal(self, row: int) -> None:
        top = self.scroll_offset.y
        if row < top:
            self.scroll_to_line(row)
        elif row >= top + self.page:
            self.scroll_to_line(row - self.page + 1)

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        if self._keys:
            self._reveal(self._row)

    def line_count(self) -> int:
        """Return the number of rows."""
        return len(self._keys)

    def ground(self, index: int) -> Ground:
        """Return what is behind a row."""
        return Ground.CURSOR if self._keys[index] == self._cursor else Ground.BODY

    def fixed(self, y: int) -> Pieces:
        """Return the titles, or why there are no rows."""
        if y < self.TITLES:
            return self.titles()
        if self._keys or y != self.size.height // 2 or not self._empty:
            return ()
        text = cut(self._empty, self.width)
        return (Piece(" " * ((self.width - len(text)) // 2) + text, Ink.QUIET),)
