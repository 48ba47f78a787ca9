"""Texts as high as what they say, or in lines that scroll."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.containers import VerticalScroll
from textual.geometry import Size
from textual.reactive import Reactive

from wa_tui.tui.style.inks import Ground
from wa_tui.tui.style.pieces import Pieces
from wa_tui.tui.widgets.line_view import Groups, ScrollingView
from wa_tui.tui.widgets.lines import Lines

Made = Callable[[int], list[Pieces]]
"""Makes lines for a width in cells."""
Broken = Callable[[str, int], Iterable[Pieces]]
"""Breaks a line of the text into those of the screen, for a width in cells."""


class Sheet(Lines):
    """Lines made for the width there is; only those that changed are painted, unless there are more or fewer."""

    GROUND = Ground.BODY
    virtual_size: Reactive[Size] = Reactive(Size(0, 0))
    """Textual's own asks for a second layout, which would paint the whole screen with the next change."""
    DEFAULT_CSS = "Sheet { height: auto; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._make: Made = lambda _: []
        self._high = 0

    def show(self, make: Made) -> None:
        """Show other lines."""
        self._make = make
        self._fit()
        self.update()

    def lines(self, width: int) -> list[Pieces]:
        """Break the text at ``width`` cells, of which there is one at least."""
        return self._make(max(width, 1))

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        high = len(self.lines(self.size.width)) if self.size.width else 0
        if high and high != self._high:
            self._high = high
            self.styles.height = high + self.gutter.height


class ScrolledSheet(VerticalScroll, can_focus=True):
    """A sheet that scrolls where it is higher than its place."""

    DEFAULT_CSS = "ScrolledSheet { height: 1fr; scrollbar-size-vertical: 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        self.sheet = Sheet()
        super().__init__(self.sheet, id=id)


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
