"""The grid of sessions: one line each, painted again only where its text changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.timer import Timer

from wa_tui.tui.fleet.marks import Marks
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.fleet.state import FleetState, Key
from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.look.columns import Slots, layout
from wa_tui.tui.look.palette import Ground, Ink
from wa_tui.tui.look.pieces import Piece, Pieces
from wa_tui.tui.look.rows import row
from wa_tui.tui.widgets.headings import headings, order_at
from wa_tui.tui.widgets.line_view import Groups, LineView
from wa_tui.tui.words.text import cut

_CURSOR = Piece("▌", Ink.GREEN, bold=True)
_NO_CURSOR = Piece(" ")
_MARKED = Piece("◆", Ink.AMBER, bold=True)
_MARKED_CURSOR = Piece("◆", Ink.GREEN, bold=True)
_MAX_CACHED = 2000


class SessionGrid(LineView):
    """Sessions in rows, named by their keys: the cursor stays on its session however the rows move.

    While keys are pressed the rows keep their places; a new order is taken ``idle_s`` seconds after the last one.
    """

    TITLES = 1
    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Context.GRID))
    DEFAULT_CSS = "SessionGrid { height: 1fr; }"

    class Highlighted(Message):
        """The cursor is on another session."""

        def __init__(self, key: Key | None) -> None:
            super().__init__()
            self.key = key

    class Selected(Message):
        """A session was chosen by a double click."""

        def __init__(self, key: Key) -> None:
            super().__init__()
            self.key = key

    class TitleClicked(Message):
        """The title of a column was clicked: the rows are to be sorted by it."""

        def __init__(self, order: Order) -> None:
            super().__init__()
            self.order = order

    def __init__(
        self,
        *,
        id: str | None = None,
        classes: str | None = None,
        idle_s: float = 1.5,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.idle_s = idle_s
        self._monotonic = monotonic
        self._pressed_at = float("-inf")
        self._state: FleetState | None = None
        self._keys: list[Key] = []
        self._index: dict[Key, int] = {}
        self._pending: list[Key] | None = None
        self._waiting: Timer | None = None
        self._cursor: Key | None = None
        self._left: Key | None = None
        """Where the cursor was before a filter hid that session: it goes back there."""
        self.marks = Marks()
        self._wide = False
        self._sorted_by: tuple[Order, bool] = (Order.TROUBLE, False)
        self._cells: dict[Key, tuple[tuple[object, ...], tuple[Pieces, ...]]] = {}
        self._empty = ""

    @property
    def cursor_key(self) -> Key | None:
        """The session under the cursor, ``None`` when there are no rows."""
        return self._cursor

    @property
    def keys(self) -> list[Key]:
        """The sessions in the order of their rows."""
        return list(self._keys)

    def show(self, state: FleetState, keys_in_order: list[Key], *, at_once: bool = False) -> None:
        """Show these sessions in this order; while keys are pressed the order waits, unless ``at_once``."""
        self._state = state
        if at_once or not self._keys or not self._is_busy:
            self._pending = None
            self._arrange(keys_in_order)
        else:
            self._pending = keys_in_order
            if any(key not in state.sessions for key in self._keys):
                self._arrange([key for key in self._keys if key in state.sessions])
            self._await_idle()
        self.repaint()

    def update_rows(self, keys: Iterable[Key]) -> None:
        """Paint what changed in the rows of these sessions, where they are."""
        self.repaint({self._index[key] for key in keys if key in self._index})

    def say(self, text: str) -> None:
        """Say why there are no rows, where there are none."""
        if text != self._empty:
            self._empty = text
            if not self._keys:
                self.refresh()

    def move_to(self, key: Key) -> None:
        """Put the cursor on a session; nothing happens when it has no row."""
        if key in self._index:
            self._move(self._index[key])

    def sort_by(self, order: Order, *, backwards: bool) -> None:
        """Say in the titles what the rows are sorted by."""
        if (order, backwards) != self._sorted_by:
            self._sorted_by = (order, backwards)
            self.refresh(Region(0, 0, self.width, 1))

    @property
    def wide(self) -> bool:
        """Whether all columns that fit are shown."""
        return self._wide

    @wide.setter
    def wide(self, wide: bool) -> None:
        self._wide = wide
        self.refresh()

    @property
    def slots(self) -> Slots:
        """The columns that are shown."""
        return layout(self.width, len(self._state.gateways) if self._state else 0, self._wide)

    # Keys and mouse

    def on_key(self) -> None:
        """Note that somebody is typing."""
        self._pressed_at = self._monotonic()

    def action_cursor_up(self) -> None:
        """Go to the session above."""
        self._move(self._row - 1)

    def action_cursor_down(self) -> None:
        """Go to the session below."""
        self._move(self._row + 1)

    def action_page_up(self) -> None:
        """Go up by a page."""
        self._move(self._row - self.page)

    def action_page_down(self) -> None:
        """Go down by a page."""
        self._move(self._row + self.page)

    def action_cursor_home(self) -> None:
        """Go to the first session."""
        self._move(0)

    def action_cursor_end(self) -> None:
        """Go to the last session."""
        self._move(len(self._keys) - 1)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a row; a double click chooses it."""
        index = event.y - self.TITLES + self.scroll_offset.y
        if event.y < self.TITLES and (order := order_at(self.slots, event.x)) is not None:
            self.post_message(self.TitleClicked(order))
        if event.y < self.TITLES or index >= len(self._keys):
            return
        self._pressed_at = self._monotonic()
        self._move(index)
        if event.chain == 2:
            self.post_message(self.Selected(self._keys[index]))

    # Order and cursor

    @property
    def _is_busy(self) -> bool:
        return self._monotonic() - self._pressed_at < self.idle_s

    @property
    def _row(self) -> int:
        return self._index.get(self._cursor, 0) if self._cursor is not None else 0

    def _await_idle(self) -> None:
        if self._waiting is None:
            self._waiting = self.set_timer(self.idle_s, self._settle)

    def _settle(self) -> None:
        """Take the order that waited."""
        self._waiting = None
        if self._pending is None:
            return
        if self._is_busy:
            self._await_idle()
            return
        keys, self._pending = self._pending, None
        assert self._state is not None
        self._arrange([key for key in keys if key in self._state.sessions])
        self.repaint()

    def _arrange(self, keys: list[Key]) -> None:
        """Put the rows in an order; the view follows the cursor's session if it was in view."""
        if keys is self._keys or keys == self._keys:
            return
        row, seen = self._row, self._is_seen(self._row)
        row_count = len(self._keys)
        self._keys = keys
        self._index = {key: number for number, key in enumerate(keys)}
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

    def _set_cursor(self, key: Key | None) -> None:
        if key == self._left:
            self._left = None
        if key != self._cursor:
            self._cursor = key
            self.post_message(self.Highlighted(key))

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

    # Painting

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        if self._keys:
            self._reveal(self._row)

    def line_count(self) -> int:
        """Return the number of rows."""
        return len(self._keys)

    def line(self, index: int) -> Groups:
        """Return a row: the cursor's mark, then its cells; what was made of the same session is kept."""
        key = self._keys[index]
        mark = self._mark(key)
        state = self._state
        if state is None or (session := state.sessions.get(key)) is None:
            return (mark,)
        receipt = state.receipts.get(session.action or "")
        gateway = state.gateways.get(session.gateway)
        made_of = (session, gateway, receipt, state.now, state.connected, state.proof_window_s, self.slots)
        known = self._cells.get(key)
        if known is None or known[0] != made_of:
            if len(self._cells) > _MAX_CACHED:
                self._cells.clear()
            known = self._cells[key] = (made_of, tuple(row(state, key, self.slots, self.palette)))
        return (mark, *known[1])

    def _mark(self, key: Key) -> Pieces:
        if key in self.marks:
            return (_MARKED_CURSOR if key == self._cursor else _MARKED,)
        return (_CURSOR if key == self._cursor else _NO_CURSOR,)

    def ground(self, index: int) -> Ground:
        """Return what is behind a row."""
        return Ground.CURSOR if self._keys[index] == self._cursor else Ground.BODY

    def fixed(self, y: int) -> Pieces:
        """Return the titles, or why there are no rows."""
        if y < self.TITLES:
            order, backwards = self._sorted_by
            return headings(self.slots, order, backwards=backwards)
        if self._keys or y != self.size.height // 2 or not self._empty:
            return ()
        text = cut(self._empty, self.width)
        return (Piece(" " * ((self.width - len(text)) // 2) + text, Ink.QUIET),)
