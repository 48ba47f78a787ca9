"""A QR code on the screen: where it goes, the widget that draws it black on white, and the text that goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.filter import LineFilter
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from wa_tui.qr import MIN_QUIET, QUIET, Drawing, Extent, Form, Matrix, TooSmall, ascii_blocks, extent, layout
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.theme import ink_style
from wa_tui.tui.widgets.footer import NoticeText
from wa_tui.tui.widgets.lines import say

BESIDE = 36
"""Columns that the text beside a code takes."""

BELOW = 6
"""Rows that the text below a code takes, where the screen is too narrow for it beside."""

_INK = Style(color="#000000", bgcolor="#ffffff")
_DARK = Style(color="#000000", bgcolor="#000000")


@dataclass(frozen=True)
class Placed:
    """A whole code as lines, and where its text goes; ``blocks``: its dark modules are grounds and no glyphs.

    ``plain`` is the screen's room from which on it needs no glyphs that some fonts have only boxes for.
    """

    lines: tuple[str, ...]
    beside: bool
    blocks: bool = False
    plain: Extent | None = None


@dataclass(frozen=True)
class Needed:
    """No form fits: what is needed at least, and for square modules where that is more."""

    least: Extent
    square: Extent


def place(matrix: Matrix, columns: int, rows: int, *, ascii: bool = False) -> Placed | Needed:
    """Find the best drawing for a screen: half blocks before 2x3 cells, text beside before below."""
    rooms = [(True, columns - BESIDE, rows), (False, columns, rows - BELOW)]
    if ascii:
        return _place_blocks(matrix, rooms)
    fitting = [
        (drawing, beside)
        for beside, width, height in rooms
        if isinstance(drawing := layout(matrix, width, height), Drawing)
    ]
    if not fitting:
        small = layout(matrix, 0, 0)
        assert isinstance(small, TooSmall)
        return Needed(small.cells_2x3, small.half_blocks)
    drawing, beside = min(fitting, key=lambda one: (one[0].form is not Form.HALF_BLOCKS, not one[1]))
    plain = None if drawing.form is Form.HALF_BLOCKS else _room_for_half_blocks(matrix, columns, rows)
    return Placed(drawing.lines, beside, plain=plain)


def _room_for_half_blocks(matrix: Matrix, columns: int, rows: int) -> Extent:
    """Return the room that is nearest to the one there is: rather higher than wider."""
    needed = extent(matrix, Form.HALF_BLOCKS, MIN_QUIET)
    below = Extent(max(needed.columns, columns), max(needed.rows + BELOW, rows))
    beside = Extent(max(needed.columns + BESIDE, columns), max(needed.rows, rows))
    return min(below, beside, key=lambda room: (room.columns, room.rows))


def _place_blocks(matrix: Matrix, rooms: Sequence[tuple[bool, int, int]]) -> Placed | Needed:
    """Without Unicode a module is two cells wide and one high: most terminals have no room for that."""
    for beside, width, height in rooms:
        for quiet in range(QUIET, MIN_QUIET - 1, -1):
            side = matrix.size + 2 * quiet
            if 2 * side <= width and side <= height:
                return Placed(tuple(ascii_blocks(matrix, quiet)), beside, blocks=True)
    side = matrix.size + 2 * MIN_QUIET
    return Needed(Extent(2 * side, side), Extent(2 * side, side))


class CodeView(Widget):
    """Draws one code in the middle of its room, or nothing."""

    DEFAULT_CSS = "CodeView { width: 1fr; height: 1fr; }"  # until there is a code

    def __init__(self) -> None:
        super().__init__()
        self._placed = Placed((), beside=False)

    def show(self, placed: Placed | None) -> None:
        """Draw this code from now on; ``None`` for none."""
        placed = placed or Placed((), beside=False)
        if placed.lines != self._placed.lines:
            self._placed = placed
            self.refresh()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None: a code must be black on white, with NO_COLOR too, or phones do not read it."""
        return ()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        lines = self._placed.lines
        ground = Style.null() if self.app.no_color or self.app.native_ansi_color else self.rich_style
        row = y - (height - len(lines)) // 2
        if not 0 <= row < len(lines):
            return Strip.blank(width, ground)
        left = (width - len(lines[row])) // 2
        code = _blocks(lines[row]) if self._placed.blocks else [Segment(lines[row], _INK)]
        rest = width - left - len(lines[row])
        return Strip([Segment(" " * left, ground), *code, Segment(" " * rest, ground)], width)


def _blocks(line: str) -> list[Segment]:
    return [Segment(" " * len(list(run)), _INK if glyph == " " else _DARK) for glyph, run in groupby(line)]


class CodeText(Vertical):
    """Whose code it is, what to do with it, how far that is, and how long it still lives."""

    def __init__(self, whose: str) -> None:
        super().__init__(id="text")
        self._whose = Static(whose, id="name", markup=False)
        self._steps = Static("", id="steps", markup=False)
        self._state = Static("", markup=False)
        self._seconds = Static("", id="seconds", markup=False)

    def compose(self) -> ComposeResult:
        """Name, steps, state, seconds, notice."""
        yield self._whose
        yield self._steps
        yield self._state
        yield self._seconds
        yield NoticeText()

    def show(self, steps: str, state: str, ink: Ink, *, steps_ink: Ink = Ink.QUIET) -> None:
        """Show what to do and, in this ink, how far it is; an empty text takes no room."""
        _say(self._steps, steps, steps_ink)
        _say(self._state, state, ink)

    def count_down(self, seconds: int | None) -> None:
        """Show how long the code still lives; nothing for ``None``."""
        text = f"valid for {seconds} s" if seconds is not None else ""
        # The label's height is fixed: nothing else has to be laid out for it.
        if self._seconds.content != text:
            self._seconds.update(text, layout=False)


def _say(label: Static, text: str, ink: Ink) -> None:
    """Update a label only when it says something new."""
    content = Content.styled(text, ink_style(ink))
    label.display = bool(text)
    if label.content != content:
        say(label, content)
