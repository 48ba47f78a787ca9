"""The grid's columns, and which of them a terminal of some width has room for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from wa_tui.text.columns import Column
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.style.tables import MARK

RIBBON_CELLS = 10
_MIN_WHY = 28
_LONGEST_NAME = 40
_WIDE_WHY = 40
_ROOMY = 100
"""Cells from which on, beside the scrollbar's, the other columns leave WHY all of these."""
_WITH_LAST = 119
"""Cells from which on the usual grid shows when the last message went through."""
_WIDE_RIBBON = 24


class Slot(Struct, frozen=True):
    """A column's place: ``width`` cells for its text and ``gap`` cells after it."""

    column: Column
    width: int
    gap: int = 1


Slots = tuple[Slot, ...]


class _Declared(Struct, frozen=True):
    """A column: its cells at least, what it sorts by, and its turn to go where a narrow terminal has no room.

    ``shed`` is that turn in the usual grid, ``wide_shed`` in the wide one; ``None`` stays. What says least about why
    a session is down, and where, goes first.
    """

    column: Column
    width: int
    order: Order | None = None
    shed: int | None = None
    wide_shed: int | None = None
    is_wide: bool = False
    """Whether only the wide grid has it."""
    is_chosen: bool = False
    """Whether only a view has it that names it."""


_DECLARED = (
    _Declared(Column.STATUS, 14, Order.TROUBLE),
    _Declared(Column.INSTANCE, 13, Order.INSTANCE),
    # A whole id takes the room of four columns, and goes first.
    _Declared(Column.ID, 28, wide_shed=0, is_wide=True),
    _Declared(Column.PHONE, 16, Order.PHONE, shed=1, wide_shed=3),
    _Declared(Column.USER, 6, Order.USER, wide_shed=12, is_wide=True),
    _Declared(Column.GATEWAY, 7, Order.GATEWAY, shed=6, wide_shed=14),
    _Declared(Column.KIND, 10, shed=3, wide_shed=9),
    _Declared(Column.AGE, 6, Order.AGE, shed=7, wide_shed=13),
    _Declared(Column.RIBBON, RIBBON_CELLS, shed=5, wide_shed=4),
    # Beside it, and as far back.
    _Declared(Column.TRAFFIC, 12, Order.TRAFFIC, wide_shed=1, is_wide=True),
    _Declared(Column.UPTIME, 5, Order.UPTIME, shed=0, wide_shed=5),
    _Declared(Column.DROPS, 5, Order.DROPS, wide_shed=2, is_wide=True),
    _Declared(Column.PROVEN, 6, Order.PROVEN, shed=4, wide_shed=11),
    _Declared(Column.RECEIVED, 6, Order.RECEIVED, wide_shed=8, is_wide=True),
    _Declared(Column.SENT, 6, Order.SENT, wide_shed=7, is_wide=True),
    _Declared(Column.ACKED, 7, Order.ACKED, is_chosen=True),
    _Declared(Column.DELIVERED, 7, Order.DELIVERED, is_chosen=True),
    _Declared(Column.FAILED, 8, Order.FAILED, is_chosen=True),
    _Declared(Column.LAST, 5, Order.LAST, shed=2, wide_shed=10),
    _Declared(Column.USED, 6, Order.USED, wide_shed=6, is_wide=True),
    # It has what the others leave.
    _Declared(Column.WHY, 0, Order.WHY),
)

SORTS: dict[Column, Order] = {one.column: one.order for one in _DECLARED if one.order is not None}
"""What each column sorts by."""

ORDERS: dict[str, Order] = {column.typed: order for column, order in SORTS.items()}
"""Orders by the name of their column, as a command names it."""


def _slots(*, wide: bool) -> Slots:
    return tuple(
        Slot(one.column, one.width)
        for one in _DECLARED
        if one.width and not one.is_chosen and (wide or not one.is_wide)
    )


def _shed(*, wide: bool) -> list[Column]:
    """Return what a narrow terminal does without, first to last."""
    turns = [(one.wide_shed if wide else one.shed, one.column) for one in _DECLARED]
    return [column for turn, column in sorted((turn, column) for turn, column in turns if turn is not None)]


_SLOTS, _WIDE_SLOTS = _slots(wide=False), _slots(wide=True)
_SHED, _WIDE_SHED = _shed(wide=False), _shed(wide=True)
_MIN_WIDE_WHY = 10
_WIDE_GROWTH = ((Column.INSTANCE, 5), (Column.ID, 12), (Column.INSTANCE, 12))

_GROWTH = (
    (Column.INSTANCE, 3),
    (Column.LAST, 1),
    (Column.STATUS, 1),
    (Column.GATEWAY, 2),
    (Column.INSTANCE, 12),
    (Column.PHONE, 2),
    (Column.RIBBON, _WIDE_RIBBON - RIBBON_CELLS),
    (Column.GATEWAY, 6),
    (Column.TRAFFIC, 12),
)
"""Where spare cells go once WHY has enough."""


@lru_cache(64)
def layout(width: int, gateways: int, wide: bool = False, names: int = 0, kind: int = 0) -> Slots:
    """Return the columns for a width, all that fit if ``wide``; a lone gateway's is left out early.

    ``names`` are the cells of the longest instance name: it gets what WHY can spare. ``kind`` are those of the longest
    kind of gateway where there are two, else 0.
    """
    order, slots = (_WIDE_SHED, _WIDE_SLOTS) if wide else (_SHED, _SLOTS)
    least = _WIDE_WHY if width >= _ROOMY and not wide else _MIN_WHY
    room = width - (_MIN_WIDE_WHY if wide else least)
    shed = [column for column in order if column is not Column.GATEWAY or gateways > 1]
    if gateways <= 1 and width < 160:
        shed.insert(0, Column.GATEWAY)
    known = _with_kind(slots, kind)
    if not wide and width < _WITH_LAST:
        known = [slot for slot in known if slot.column is not Column.LAST]
    kept, gone = list(known), list[Column]()
    while shed and _width(kept) > room:
        dropped = shed.pop(0)
        if dropped is Column.KIND and kind:
            # What goes before it may stay where it has no room either.
            return layout(width, gateways, wide, names)
        gone.append(dropped)
        kept = [slot for slot in kept if slot.column is not dropped]
    if least == _WIDE_WHY or gone[-1:] == [Column.PHONE]:
        kept = _with_returned(kept, known, gone, room)
    return _grown(kept, width, wide, names, least)


def _with_returned(kept: list[Slot], known: list[Slot], gone: list[Column], room: int) -> list[Slot]:
    """Put back what has room beside all that goes after it: a wide column leaves room for a narrow one.

    Uptime yields to the last message: it does not come back where that has no room.
    """
    shown = {slot.column for slot in kept}
    for column in reversed(gone):
        if column is Column.UPTIME and Column.LAST in gone:
            continue
        more = [slot for slot in known if slot.column in {*shown, column}]
        if _width(more) <= room:
            kept, shown = more, {*shown, column}
    return kept


def _with_kind(slots: Slots, kind: int) -> list[Slot]:
    """Return the columns with one of so many cells for the kind, or without one."""
    found = [Slot(slot.column, kind) if slot.column is Column.KIND else slot for slot in slots]
    return [slot for slot in found if slot.width]


@lru_cache(64)
def chosen(columns: tuple[Column, ...], width: int, names: int = 0) -> Slots:
    """Return these columns for a width, without the last ones where there is no room; WHY has what is left."""
    known = {one.column: Slot(one.column, one.width) for one in _DECLARED}
    slots = [known[column] for column in dict.fromkeys(columns) if column is not Column.WHY]
    while len(slots) > 1 and _width(slots) + _MIN_WIDE_WHY > width:
        slots.pop()
    return _grown(slots, width, False, names, _MIN_WHY)


def _width(slots: Iterable[Slot]) -> int:
    return MARK + sum(slot.width + slot.gap for slot in slots)


def _grown(slots: list[Slot], width: int, wide: bool, names: int, least: int) -> Slots:
    """Give spare cells to the names first, then to the columns that want them, and what remains to WHY.

    Names leave WHY ``least`` cells.
    """
    widths = {slot.column: slot.width for slot in slots}
    if Column.INSTANCE in widths:
        missing = min(names, _LONGEST_NAME) - widths[Column.INSTANCE]
        widths[Column.INSTANCE] += max(min(missing, width - _width(slots) - least), 0)
        slots = [Slot(slot.column, widths[slot.column], slot.gap) for slot in slots]
    spare = width - _width(slots) - (_MIN_WHY if wide else _WIDE_WHY)
    for column, wanted in (*_WIDE_GROWTH, *_GROWTH[1:]) if wide else _GROWTH:
        if column in widths and spare > 0:
            given = min(wanted, spare)
            widths[column] += given
            spare -= given
    grown = [Slot(slot.column, widths[slot.column], slot.gap) for slot in slots]
    rest = width - _width(grown)
    return (*grown, Slot(Column.WHY, rest, 0)) if rest > 0 else tuple(grown)
