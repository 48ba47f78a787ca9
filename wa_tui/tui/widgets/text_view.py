"""A text in lines that scroll; long ones go on in the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from wa_tui.tui.style.pieces import Pieces
from wa_tui.tui.widgets.line_view import Groups, ScrollingView

Broken = Callable[[str, int], Iterable[Pieces]]
"""Breaks a line of the text into those of the screen, for a width in cells."""


class TextView(ScrollingView):
    """Shows a text whose lines are ``broken`` anew for each width."""

    DEFAULT_CSS = "TextView { height: 1fr; }"

    def __init__(self, broken: Broken) -> None:
        super().__init__()
        self._broken = broken
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
        self._lines = [part for line in self._text.splitlines() for part in self._broken(line, self.width)]
        self.fit_to_lines()
        self.repaint()

    def on_resize(self) -> None:
        self._lay_out()

    def line_count(self) -> int:
        return len(self._lines)

    def line(self, index: int) -> Groups:
        return (self._lines[index],)
