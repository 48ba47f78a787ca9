"""The line that says what became of what the person asked for."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from wa_tui.tui.look.palette import Ink
from wa_tui.tui.look.theme import ink_style
from wa_tui.tui.requests import Level, Notice
from wa_tui.tui.words.text import clean, cut

_INKS: dict[Level, Ink] = {"quiet": Ink.QUIET, "good": Ink.GREEN, "warn": Ink.AMBER, "bad": Ink.RED}


class NoticeLine(Static):
    """One line above the key bar; empty while there is nothing to say."""

    DEFAULT_CSS = "NoticeLine { height: 1; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._notice: Notice | None = None

    def show(self, notice: Notice | None) -> None:
        """Show a notice, cut to the line, or nothing."""
        if notice != self._notice:
            self._notice = notice
            self._draw()

    def on_resize(self) -> None:
        """Cut anew."""
        self._draw()

    def _draw(self) -> None:
        self.update(content_of(self._notice, self.content_size.width), layout=False)


class NoticeText(NoticeLine):
    """The same in as many lines as it takes, where there is no line to spare for it."""

    DEFAULT_CSS = "NoticeText { height: auto; padding: 0; }"

    def on_resize(self) -> None:
        """Nothing is cut."""

    def _draw(self) -> None:
        self.update(content_of(self._notice))


def ink_of(level: Level) -> str:
    """The theme's variable for the colour of a level."""
    return f"ink-{_INKS[level].name.lower()}"


def content_of(notice: Notice | None, width: int | None = None) -> Content:
    """A notice, in at most ``width`` cells: glyph and text, bright where it is bad."""
    if notice is None:
        return Content("")
    ink = _INKS[notice.level]
    style = ink_style(ink, bold=notice.level in ("bad", "warn"))
    text = clean(notice.text) if width is None else cut(notice.text, max(width - 2, 0))
    return Content.assemble((f"{notice.glyph} ", ink_style(ink, bold=True)), (text, style))
