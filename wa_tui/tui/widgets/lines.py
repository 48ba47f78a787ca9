"""Widgets of a few lines; only the lines that changed are painted again, and a label is as high as what it says."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Static

from wa_tui.tui.style.inks import Ground
from wa_tui.tui.style.palette import Palette
from wa_tui.tui.style.pieces import Pieces, leads_at, strip


class Lines(Widget):
    """Base of the header and the key bar: subclasses say what is in each line."""

    GROUND = Ground.PANEL

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[Pieces] = []

    def lines(self, width: int) -> list[Pieces]:
        """Return the lines for a width in cells."""
        raise NotImplementedError

    @property
    def palette(self) -> Palette:
        """The inks that this terminal may show."""
        return Palette.of(self.app)

    def update(self) -> None:
        """Paint the lines that changed."""
        if not self.is_mounted or not self.size.width:
            return
        old, self._lines = self._lines, self.lines(self.size.width)
        for y, line in enumerate(self._lines):
            if y >= len(old) or old[y] != line:
                self.refresh(Region(0, y, self.size.width, 1))

    def leads(self, x: int, y: int) -> str:
        """Return where a click on this cell leads, nothing for nowhere."""
        return leads_at(self._lines[y], x) if 0 <= y < len(self._lines) else ""

    def on_resize(self) -> None:
        self._lines = self.lines(self.size.width)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if not self._lines:  # the first frame does not wait until the size was told
            self._lines = self.lines(self.size.width)
        pieces = self._lines[y] if y < len(self._lines) else ()
        return strip(pieces, self.size.width, self.palette, self.GROUND)


def say(label: Static, content: VisualType) -> None:
    """Change a label's text, and lay it out anew for that."""
    label.update(content)
    # Laid out between two updates that it has not got round to, a label would keep the height of the first.
    label.call_after_refresh(label.refresh, layout=True)
