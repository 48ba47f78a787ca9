"""The grid's titles: which column the rows are sorted by, which way, and what a click on one means."""

from __future__ import annotations

from wa_tui.text.cells import cell_len, fit
from wa_tui.text.columns import Column
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.style.columns import MARK, Slots
from wa_tui.tui.style.palette import Ink
from wa_tui.tui.style.pieces import Piece, Pieces

SORTS: dict[Column, Order] = {
    Column.STATUS: Order.TROUBLE,
    Column.INSTANCE: Order.INSTANCE,
    Column.PHONE: Order.PHONE,
    Column.USER: Order.USER,
    Column.GATEWAY: Order.GATEWAY,
    Column.AGE: Order.AGE,
    Column.UPTIME: Order.UPTIME,
    Column.PROVEN: Order.PROVEN,
    Column.DROPS: Order.DROPS,
    Column.USED: Order.USED,
    Column.WHY: Order.WHY,
}
"""What each column sorts by."""

RISES, FALLS = "▴", "▾"


def sign(order: Order, *, backwards: bool) -> str:
    """Return the mark of an order: whether what its column shows grows down the rows, or shrinks."""
    return RISES if order.rises is not backwards else FALLS


def headings(slots: Slots, order: Order, *, backwards: bool) -> Pieces:
    """Return the titles' line, the sorted column's bright and marked; the mark may take the gap after a title."""
    pieces = [Piece(" " * MARK)]
    for slot in slots:
        chosen = SORTS.get(slot.column) is order
        title = f"{slot.column}{sign(order, backwards=backwards) if chosen else ''}"
        if slot.column is Column.UPTIME:
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
