"""Rows in an order, and the cursor: it is on top until a person moves it, and stays on its row from then on."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Sequence
from typing import Generic, TypeVar

from textual.timer import Timer

from wa_tui.tui.widgets.line_view import LineView
from wa_tui.tui.widgets.seen import SeenRows

K = TypeVar("K")


class ArrangedRows(LineView, Generic[K]):
    """Base of `Rows`: one line a row, named by its key.

    While keys are pressed the rows keep their places; a new order is taken ``idle_s`` seconds after the last one.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.idle_s = 1.5
        self.monotonic: Callable[[], float] = time.monotonic
        self._pressed_at = float("-inf")
        self._waiting: Timer | None = None
        self._pending: Sequence[K] | None = None
        self._keys: list[K] = []
        self._index: dict[K, int] = {}
        self._cursor: K | None = None
        self._is_moved = False
        """Whether a person put the cursor where it is; until then it is on the first row."""
        self._left: K | None = None
        """Where the cursor was before a filter hid that row: it goes back there."""
        self._seen: SeenRows[K] = SeenRows()

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

    def pressed(self) -> None:
        """Note that a person presses keys here: the rows keep their places meanwhile."""
        self._pressed_at = self.monotonic()

    def line_count(self) -> int:
        return len(self._keys)

    @property
    def _row(self) -> int:
        return self._index.get(self._cursor, 0) if self._cursor is not None else 0

    def _offer(self, keys: Sequence[K], known: Container[K], *, at_once: bool = False) -> None:
        """Show rows in this order, once no keys are pressed, or ``at_once`` where a person asked for it.

        Until then those that are not ``known`` any more go.
        """
        if at_once or not self._keys or not self._is_busy:
            self._pending = None
            self._arrange(keys)
            if at_once:
                self._seen.move(self._cursor)
        else:
            self._pending = keys
            # Those that are gone go at once: a key on a row of nothing would act on nothing.
            if any(key not in known for key in self._keys):
                self._arrange([key for key in self._keys if key in known])
            self._await_idle()
        self.repaint()

    @property
    def _is_busy(self) -> bool:
        return self.monotonic() - self._pressed_at < self.idle_s

    def _await_idle(self) -> None:
        if self._waiting is None:
            # One timer, which looks again at its end: each key press puts that off.
            self._waiting = self.set_timer(self.idle_s, self._place)

    def _place(self) -> None:
        """Apply the pending order."""
        self._waiting = None
        if self._pending is None:
            return
        if self._is_busy:
            self._await_idle()
            return
        keys, self._pending = self._pending, None
        self._arrange(keys)
        self.repaint()

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
        if not self._is_moved:
            self._set_cursor(keys[0] if keys else None)
        elif self._left in self._index:
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
        """Put the cursor on a row for a person. To go where it is already is no move: it stays on top."""
        if not self._keys:
            return
        key = self._keys[max(0, min(row, len(self._keys) - 1))]
        self._is_moved |= key != self._cursor
        self._left = None
        self._set_cursor(key)
        self._seen.move(key)
        self._reveal(self._row)
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
        if self._keys:
            self._reveal(self._row)
