"""The terminal's cells: what they are to show, what they show, and the bytes from one to the other."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from textual.strip import Strip

from wa_tui.text.cells import is_spacing_mark
from wa_tui.tui.output.pens import PLAIN, Pen, blank_of, pen_of, step
from wa_tui.tui.output.textual_internals import ChopsUpdate, LayoutUpdate

Cell = tuple[str, Pen]
"""A letter and its pen; a wide letter is followed by a cell without one, a mark joins the letter before it."""

_GAP = 4
"""Cells that are sent anew rather than jumped over."""

_RUBBED = 8
"""Blank cells at a line's end that are erased rather than written."""

_EMPTY: Cell = (" ", PLAIN)


class Canvas:
    """Takes Textual's updates, and gives what differs; what changed last comes first where not all may be sent."""

    def __init__(self, colors: ColorSystem = ColorSystem.TRUECOLOR) -> None:
        self._colors = colors
        self._width = 0
        self._wanted: list[list[Cell]] = []
        self._shown: list[list[Cell] | None] = []
        self._changed: dict[int, int] = {}
        """Rows that differ, and the update that changed each last."""
        self._updates = 0

    @property
    def differs(self) -> bool:
        """Whether the terminal shows anything else than it is to show."""
        return bool(self._changed)

    def shows(self, y: int) -> bool:
        """Tell whether a row on the terminal is what it is to be."""
        return y not in self._changed

    def forget(self) -> None:
        """Forget what the terminal shows: something else wrote on it."""
        self._shown = [None] * len(self._wanted)
        self._changed = dict.fromkeys(range(len(self._wanted)), self._updates)

    def draw(self, update: LayoutUpdate | ChopsUpdate) -> None:
        """Take in an update."""
        self._updates += 1
        if isinstance(update, LayoutUpdate):
            region = update.region
            self._fit(region.width, region.height)
            for y, strips in enumerate(update.strips):
                row: list[Cell] = []
                for strip in strips:
                    row += self._cells(strip)
                self._want(y, row)
            return
        self._fit(update.chop_ends[0][-1], len(update.chops))
        for y in dict.fromkeys(y for y, _, _ in update.spans):
            row = list(self._wanted[y])
            for x, chop in update.chops[y].items():
                if chop is not None:
                    cells = self._cells(chop)
                    row[x : x + len(cells)] = cells
            self._want(y, row)

    def frame(self, limit: int, *, grounds: bool = True, erase: bool = False) -> str:
        """Return what brings the terminal nearer to what it is to show, in not many more bytes than ``limit``.

        Without ``grounds`` empty lines are left for later on a terminal of which nothing is known. ``erase`` has it
        erase the empty ends of lines: shorter, but not every terminal does that in the colour it is told.
        """
        parts: list[str] = []
        pen, size = PLAIN, 0
        bare = {y for y in self._changed if self._shown[y] is None and _is_empty(self._wanted[y])}
        for y in sorted(self._changed, key=lambda y: (y in bare, -self._changed[y], y)):
            # A row is sent whole or not: half of one would be a wrong row until the line is free again.
            if size >= limit or (y in bare and not grounds):
                break
            text, pen = self._row(y, pen, erase)
            size += len(text.encode())
            parts.append(text)
            self._shown[y] = self._wanted[y]
            del self._changed[y]
        parts.append(step(pen, PLAIN))
        return "".join(parts)

    def _fit(self, width: int, height: int) -> None:
        if (width, height) != (self._width, len(self._wanted)):
            self._width = width
            self._wanted = [[_EMPTY] * width for _ in range(height)]
            self.forget()

    def _want(self, y: int, row: list[Cell]) -> None:
        del row[self._width :]
        if row != self._wanted[y]:
            self._wanted[y] = row
            self._changed[y] = self._updates
            if row == self._shown[y]:
                del self._changed[y]

    def _cells(self, strip: Strip) -> list[Cell]:
        cells: list[Cell] = []
        for text, style, control in strip:
            if control:
                continue
            pen = pen_of(style, self._colors)
            if not _is_narrow(text):
                _add_wide(cells, text, pen)
            elif text.isspace():
                cells += [(" ", blank_of(pen))] * len(text)
            else:
                blank: Cell = (" ", blank_of(pen))
                cells += [(char, pen) if char != " " else blank for char in text]
        return cells

    def _row(self, y: int, pen: Pen, erase: bool) -> tuple[str, Pen]:
        """Return what makes a row what it is to be, and the pen it ends with."""
        parts: list[str] = []
        new = self._wanted[y]
        for first, last in self._runs(self._shown[y], new):
            parts.append(f"\x1b[{y + 1};{first + 1}H")
            end = self._blank_from(new, first) if erase and last == self._width else last
            for text, own in new[first:end]:
                if own is not pen and not (text == " " and _shows_as(own, pen)):
                    parts.append(step(pen, own))
                    pen = own
                parts.append(text)
            if end < last:
                if not _shows_as(new[end][1], pen):
                    parts.append(step(pen, new[end][1]))
                    pen = new[end][1]
                parts.append("\x1b[K")
        return "".join(parts), pen

    def _blank_from(self, row: list[Cell], first: int) -> int:
        """Return where the blank rest of a row begins, from that cell on; the row's end if it is too short to erase."""
        end = self._width
        while end > first and row[end - 1] == row[-1]:
            end -= 1
        text, pen = row[-1]
        is_blank = text == " " and not pen.attributes
        return end if is_blank and self._width - end >= _RUBBED else self._width

    def _runs(self, old: list[Cell] | None, new: list[Cell]) -> Iterable[tuple[int, int]]:
        """Return where a row differs, from and to.

        Terminals may not agree how wide a letter is: behind one that is not one cell wide, all is sent.
        """
        if old is None:
            return [(0, self._width)]
        differing = [x for x, (before, after) in enumerate(zip(old, new, strict=True)) if before != after]
        odd = [x - (not text) for row in (old, new) for x, (text, _) in enumerate(row) if len(text) != 1]
        if odd:
            return [(min(differing[0], *odd), self._width)]
        runs = [[differing[0], differing[0] + 1]]
        for x in differing[1:]:
            if x - runs[-1][1] <= _GAP:
                runs[-1][1] = x + 1
            else:
                runs.append([x, x + 1])
        return [(first, last) for first, last in runs]


def _is_empty(row: list[Cell]) -> bool:
    return all(text == " " for text, _ in row)


def _shows_as(own: Pen, pen: Pen) -> bool:
    """Whether a space looks the same drawn with ``pen``."""
    return own.ground == pen.ground and not own.attributes and not pen.marks_spaces


def _add_wide(cells: list[Cell], text: str, pen: Pen) -> None:
    for char in text:
        width = get_character_cell_size(char)
        if cells and is_spacing_mark(char):
            # Never without its letter: some terminals put it into the letter's own cell.
            before, own = cells[-1]
            cells[-1] = (before + char, own)
            cells += [("", pen)] * width
        elif width:
            cells.append((char, pen))
            cells += [("", pen)] * (width - 1)
        elif cells:
            before, own = cells[-1]
            cells[-1] = (before + char, own)


@lru_cache(4096)
def _is_narrow(text: str) -> bool:
    return text.isascii() or all(
        get_character_cell_size(char) == 1 and not is_spacing_mark(char) for char in text
    )
