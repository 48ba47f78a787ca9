"""The grid of sessions: titles that say what it is sorted by, and one line each, painted where its text changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual import events
from textual.geometry import Region
from textual.message import Message

from wa_tui.keys.table import KEY_NAMES, KeyNames
from wa_tui.text.cells import cell_len, fit
from wa_tui.text.columns import Column
from wa_tui.tui.fleet.columns import SORTS, Slots, chosen, layout
from wa_tui.tui.fleet.marks import Marks
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.presenters.rows import row
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces
from wa_tui.tui.style.tables import MARK
from wa_tui.tui.widgets.line_view import Groups
from wa_tui.tui.widgets.rows import CURSOR, NO_CURSOR, Rows
from wa_tui.wire import SessionKey

RISES, FALLS = "▴", "▾"
_MARKED = Piece("◆", Ink.AMBER, bold=True)
_MARKED_CURSOR = Piece("◆", Ink.GREEN, bold=True)
_MAX_CACHED = 2000
_RIGHT = frozenset(
    {
        *(Column.UPTIME, Column.DROPS, Column.RECEIVED, Column.SENT),
        *(Column.ACKED, Column.DELIVERED, Column.FAILED),
    }
)
"""Columns of numbers, whose titles stand above their ends."""


def sign(order: Order, *, backwards: bool) -> str:
    """Return the mark of an order: whether what its column shows grows down the rows, or shrinks."""
    return RISES if order.rises is not backwards else FALLS


def headings(slots: Slots, order: Order, *, backwards: bool) -> Pieces:
    """Return the titles' line, the sorted column's bright and marked; the mark may take the gap after a title."""
    pieces = [Piece(" " * MARK)]
    for slot in slots:
        chosen = SORTS.get(slot.column) is order
        title = f"{slot.column}{sign(order, backwards=backwards) if chosen else ''}"
        if slot.column in _RIGHT:
            title = fit(title, max(slot.width, cell_len(title)), right=True)
        text = fit(title, slot.width + slot.gap)
        pieces.append(Piece(text, Ink.BRIGHT if chosen else Ink.QUIET, chosen))
    return tuple(pieces)


def order_at(slots: Slots, x: int) -> Order | None:
    """Return what a click on the titles sorts by."""
    left = MARK
    for slot in slots:
        if left <= x < left + slot.width + slot.gap:
            return SORTS.get(slot.column)
        left += slot.width + slot.gap
    return None


def order_beside(slots: Slots, order: Order, step: int) -> Order:
    """Return what the next column to the right (1) or left (-1) that can be sorted by sorts by."""
    orders = [SORTS[slot.column] for slot in slots if slot.column in SORTS]
    at = orders.index(order) if order in orders else 0
    return orders[(at + step) % len(orders)]


class SessionGrid(Rows[SessionKey]):
    """Sessions in rows, named by their keys."""

    DEFAULT_CSS = "SessionGrid { height: 1fr; }"

    class Highlighted(Message):
        """The cursor is on another session."""

        def __init__(self, key: SessionKey | None) -> None:
            super().__init__()
            self.key = key

    class Selected(Message):
        """A session was chosen by a double click."""

        def __init__(self, key: SessionKey) -> None:
            super().__init__()
            self.key = key

    class TitleClicked(Message):
        """The title of a column was clicked: the rows are to be sorted by it."""

        def __init__(self, order: Order) -> None:
            super().__init__()
            self.order = order

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._state: FleetState | None = None
        self.marks = Marks()
        self.key_names: Callable[[str], KeyNames] = lambda _: KEY_NAMES
        """What to press on a gateway's sessions, for the next steps."""
        self._names, self._kind = 0, 0
        """Cells of the longest name, and of the longest kind of gateway: the columns are as wide as these take."""
        self._wide = False
        self._columns: tuple[Column, ...] = ()
        self._sorted_by: tuple[Order, bool] = (Order.TROUBLE, False)
        self._cells: dict[SessionKey, tuple[tuple[object, ...], tuple[Pieces, ...]]] = {}

    def show(self, state: FleetState, keys_in_order: list[SessionKey], *, at_once: bool = False) -> None:
        """Show these sessions in this order; while keys are pressed the order waits, unless ``at_once``."""
        self._state = state
        self.troubled = state.troubled
        if (found := (state.longest_name, state.kind_cells)) != (self._names, self._kind):
            self._names, self._kind = found
            self.refresh()
        self._offer(keys_in_order, state.sessions, at_once=at_once)

    def update_rows(self, keys: Iterable[SessionKey]) -> None:
        """Paint what changed in the rows of these sessions, where they are."""
        self.repaint({self._index[key] for key in keys if key in self._index})

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
        self._columns = ()
        self.refresh()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that were chosen, none for those that there is room for."""
        return self._columns

    @columns.setter
    def columns(self, columns: tuple[Column, ...]) -> None:
        if columns != self._columns:
            self._columns = columns
            self.refresh()

    @property
    def slots(self) -> Slots:
        """The columns that are shown."""
        if self._columns:
            return chosen(self._columns, self.width, self._names)
        gateways = len(self._state.gateways) if self._state else 0
        return layout(self.width, gateways, self._wide, self._names, self._kind)

    # Keys and mouse

    def highlighted(self, key: SessionKey | None) -> None:
        self.post_message(self.Highlighted(key))

    def selected(self, key: SessionKey) -> None:
        self.post_message(self.Selected(key))

    def on_click(self, event: events.Click) -> None:
        """Ask to sort by the column whose title was clicked; Textual has the rows see the click too."""
        if event.y < self.TITLES and (order := order_at(self.slots, event.x)) is not None:
            self.post_message(self.TitleClicked(order))

    # Painting

    def line(self, index: int) -> Groups:
        """Return a row: the cursor's mark, then its cells; what was made of the same session is kept."""
        key = self._keys[index]
        mark = self._mark(key)
        state = self._state
        if state is None or (session := state.sessions.get(key)) is None:
            return (mark,)
        receipt = state.receipts.get(session.action or "")
        gateway = state.gateways.get(session.gateway)
        names = self.key_names(session.gateway)
        # All that a row's cells are made of: while these are the same, the cells are.
        made_of = (
            session,
            gateway,
            receipt,
            state.now,
            state.connected,
            state.proof_window_s,
            self.slots,
            names,
        )
        known = self._cells.get(key)
        if known is None or known[0] != made_of:
            if len(self._cells) > _MAX_CACHED:
                # Rows that were scrolled past, and sessions that are gone: those in view are soon made anew.
                self._cells.clear()
            known = self._cells[key] = (made_of, tuple(row(state, key, self.slots, self.palette, names)))
        return (mark, *known[1])

    def _mark(self, key: SessionKey) -> Pieces:
        if key in self.marks:
            return (_MARKED_CURSOR if key == self._cursor else _MARKED,)
        return (CURSOR if key == self._cursor else NO_CURSOR,)

    def titles(self) -> Pieces:
        """Return the titles, with the mark of what the rows are sorted by."""
        order, backwards = self._sorted_by
        return headings(self.slots, order, backwards=backwards)
