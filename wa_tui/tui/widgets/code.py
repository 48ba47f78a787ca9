"""A QR code on the screen: where it goes, and the widget that draws it black on white."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter
from textual.strip import Strip
from textual.widget import Widget

from wa_tui.qr import Drawing, Form, Matrix, TooSmall, layout

BESIDE = 36
"""Columns that the text beside a code takes."""

BELOW = 6
"""Rows that the text below a code takes, where the screen is too narrow for it beside."""

_INK = Style(color="#000000", bgcolor="#ffffff")


@dataclass(frozen=True)
class Placed:
    """A whole code and where its text goes."""

    drawing: Drawing
    beside: bool


def place(matrix: Matrix, columns: int, rows: int) -> Placed | TooSmall:
    """Find the best drawing for a screen: half blocks before 2x3 cells, text beside before below."""
    rooms = [(True, columns - BESIDE, rows), (False, columns, rows - BELOW)]
    fitting = [
        Placed(drawing, beside)
        for beside, width, height in rooms
        if isinstance(drawing := layout(matrix, width, height), Drawing)
    ]
    if not fitting:
        small = layout(matrix, 0, 0)
        assert isinstance(small, TooSmall)
        return small
    return min(fitting, key=lambda placed: (placed.drawing.form is not Form.HALF_BLOCKS, not placed.beside))


class CodeView(Widget):
    """Draws one code in the middle of its room, or nothing."""

    DEFAULT_CSS = "CodeView { width: 1fr; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[str, ...] = ()

    def show(self, drawing: Drawing | None) -> None:
        """Draw this code from now on; ``None`` for none."""
        lines = drawing.lines if drawing is not None else ()
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None: a code must be black on white, with NO_COLOR too, or phones do not read it."""
        return ()

    def render_line(self, y: int) -> Strip:
        """One line of the code, centred."""
        width, height = self.size
        ground = Style.null() if self.app.no_color else self.rich_style
        row = y - (height - len(self._lines)) // 2
        if not 0 <= row < len(self._lines):
            return Strip.blank(width, ground)
        line = self._lines[row]
        left = (width - len(line)) // 2
        return Strip(
            [
                Segment(" " * left, ground),
                Segment(line, _INK),
                Segment(" " * (width - left - len(line)), ground),
            ],
            width,
        )
