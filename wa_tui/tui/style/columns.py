"""The grid's columns, and which of them a terminal of some width has room for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from wa_tui.text.columns import Column

MARK = 1
"""The cell at the left edge that marks the cursor."""

RIBBON_CELLS = 10
_MIN_WHY = 28
_LONGEST_NAME = 40
_WIDE_WHY = 40
_WIDE_RIBBON = 24


class Slot(Struct, frozen=True):
    """A column's place: ``width`` cells for its text and ``gap`` cells after it."""

    column: Column
    width: int
    gap: int = 1


Slots = tuple[Slot, ...]

_SLOTS: Slots = (
    Slot(Column.STATUS, 14, 1),
    Slot(Column.INSTANCE, 14, 1),
    Slot(Column.PHONE, 16, 1),
    Slot(Column.GATEWAY, 7, 1),
    Slot(Column.AGE, 6, 1),
    Slot(Column.RIBBON, RIBBON_CELLS, 1),
    Slot(Column.UPTIME, 5, 1),
    Slot(Column.PROVEN, 6, 1),
)
_SHED = (Column.PHONE, Column.UPTIME, Column.PROVEN, Column.RIBBON, Column.GATEWAY, Column.AGE)
"""What a narrow terminal does without, first to last: what says least about why a session is down, and where."""

_WIDE_SLOTS: Slots = (
    *_SLOTS[:2],
    Slot(Column.ID, 28, 1),
    _SLOTS[2],
    Slot(Column.USER, 6, 1),
    *_SLOTS[3:7],
    Slot(Column.DROPS, 5, 1),
    *_SLOTS[7:],
    Slot(Column.USED, 6, 1),
)
_WIDE_SHED = (
    Column.ID,
    Column.RIBBON,
    Column.UPTIME,
    Column.USED,
    Column.DROPS,
    Column.PROVEN,
    Column.PHONE,
    Column.USER,
    Column.AGE,
    Column.GATEWAY,
)
"""Wide shows what else is known; whole ids take the room of four columns, and go first."""
_MIN_WIDE_WHY = 10
_WIDE_GROWTH = ((Column.INSTANCE, 4), (Column.ID, 12), (Column.INSTANCE, 12))

_GROWTH = (
    (Column.INSTANCE, 2),
    (Column.STATUS, 1),
    (Column.GATEWAY, 2),
    (Column.INSTANCE, 12),
    (Column.PHONE, 2),
    (Column.RIBBON, _WIDE_RIBBON - RIBBON_CELLS),
    (Column.GATEWAY, 6),
)
"""Where spare cells go once WHY has enough."""


@lru_cache(64)
def layout(width: int, gateways: int, wide: bool = False, names: int = 0) -> Slots:
    """Return the columns for a width, all that fit if ``wide``; a lone gateway's is left out early.

    ``names`` are the cells of the longest instance name: it gets what WHY can spare.
    """
    order, reserved = (_WIDE_SHED, _MIN_WIDE_WHY) if wide else (_SHED, _MIN_WHY)
    shed = [column for column in order if column is not Column.GATEWAY or gateways > 1]
    if gateways <= 1 and width < 160:
        shed.insert(0, Column.GATEWAY)
    slots = list(_WIDE_SLOTS if wide else _SLOTS)
    while shed and _taken(slots) + reserved > width:
        dropped = shed.pop(0)
        slots = [slot for slot in slots if slot.column is not dropped]
    return _grown(slots, width, wide, names)


@lru_cache(64)
def chosen(columns: tuple[Column, ...], width: int, names: int = 0) -> Slots:
    """Return these columns for a width, without the last ones where there is no room; WHY has what is left."""
    known = {slot.column: slot for slot in _WIDE_SLOTS}
    slots = [known[column] for column in dict.fromkeys(columns) if column is not Column.WHY]
    while len(slots) > 1 and _taken(slots) + _MIN_WIDE_WHY > width:
        slots.pop()
    return _grown(slots, width, True, names)


def _taken(slots: Iterable[Slot]) -> int:
    return MARK + sum(slot.width + slot.gap for slot in slots)


def _grown(slots: list[Slot], width: int, wide: bool, names: int) -> Slots:
    """Give spare cells to the names first, then to the columns that want them, and what remains to WHY."""
    widths = {slot.column: slot.width for slot in slots}
    if Column.INSTANCE in widths:
        missing = min(names, _LONGEST_NAME) - widths[Column.INSTANCE]
        widths[Column.INSTANCE] += max(min(missing, width - _taken(slots) - _MIN_WHY), 0)
        slots = [Slot(slot.column, widths[slot.column], slot.gap) for slot in slots]
    spare = width - _taken(slots) - (_MIN_WHY if wide else _WIDE_WHY)
    for column, wanted in (*_WIDE_GROWTH, *_GROWTH[1:]) if wide else _GROWTH:
        if column in widths and spare > 0:
            given = min(wanted, spare)
            widths[column] += given
            spare -= given
    grown = [Slot(slot.column, widths[slot.column], slot.gap) for slot in slots]
    rest = width - _taken(grown)
    return (*grown, Slot(Column.WHY, rest, 0)) if rest > 0 else tuple(grown)
