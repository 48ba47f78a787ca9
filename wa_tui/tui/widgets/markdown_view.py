"""Markdown as it is written, in lines that scroll."""

from __future__ import annotations

from wa_tui.tui.look.palette import Ink
from wa_tui.tui.look.pieces import Piece, Pieces
from wa_tui.tui.look.wrapping import wrapped
from wa_tui.tui.widgets.line_view import Groups
from wa_tui.tui.widgets.scrolling import ScrollingView
from wa_tui.tui.words.text import clean

_MARGIN = 2
_INDENT = 4


class MarkdownView(ScrollingView):
    """Shows a text as it would be pasted; long lines go on in the next, further in."""

    DEFAULT_CSS = "MarkdownView { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._lines: list[Pieces] = []

    def show(self, text: str) -> None:
        """Show another text where it differs."""
        if text != self._text:
            self._text = text
            self._lay_out()

    def _lay_out(self) -> None:
        if not self.width:
            return
        room = max(self.width - 2 * _MARGIN, 8)
        self._lines = []
        for line in self._text.splitlines():
            parts = wrapped([Piece(clean(line), *_look(line))], room, max(room - _INDENT, 4))
            for number, part in enumerate(parts):
                self._lines.append((Piece(" " * (_MARGIN + (_INDENT if number else 0))), *part))
        self.fit_to_lines()
        self.repaint()

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._lay_out()

    def line_count(self) -> int:
        """Return the number of lines."""
        return len(self._lines)

    def line(self, index: int) -> Groups:
        """Return a line."""
        return (self._lines[index],)


def _look(line: str) -> tuple[Ink, bool]:
    """Return a line's ink, and whether it is bold."""
    if line.startswith("#"):
        return Ink.BRIGHT, True
    if line.startswith("| ---"):
        return Ink.QUIET, False
    return (Ink.AMBER if "**" in line else Ink.TEXT), False
