"""The foot of the screen: the outcome of the last request, the last call for a person, and the key bar."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from wa_tui.text.cells import cut, wrap
from wa_tui.text.cleaning import clean
from wa_tui.tui.presenters.outcomes import Level, Notice
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.pieces import Piece, Pieces, width_of
from wa_tui.tui.style.theme import ink_style
from wa_tui.tui.widgets.lines import Lines, say

INKS: dict[Level, Ink] = {"quiet": Ink.QUIET, "good": Ink.GREEN, "warn": Ink.AMBER, "bad": Ink.RED}
_GAP = 3
_LEAST = 24
"""Cells that a call needs to say anything."""

_MOST = 3
"""Lines that a notice may take: what to do stands at the end of it."""


class KeyBar(Lines):
    """Keys and what they do, as many as fit, the most wanted first."""

    DEFAULT_CSS = "KeyBar { height: 1; dock: bottom; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._keys: list[tuple[str, str]] = []
        self._held = ""

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show (key, label) pairs."""
        self._keys = list(keys)
        self.update()

    def hold(self, text: str) -> None:
        """Say before the keys that the screen is held, or nothing."""
        if text != self._held:
            self._held = text
            self.update()

    def lines(self, width: int) -> list[Pieces]:
        """Return the one line; ``? Help`` keeps its place when others go."""
        shown: list[Piece] = [Piece(" ")]
        if self._held:
            shown.append(Piece(f"{self._held}   ", Ink.AMBER, bold=True))
        last = [entry for entry in self._keys if entry[0] == "?"]
        room = width - sum(width_of(_entry(*entry)) for entry in last)
        for entry in self._keys:
            pieces = _entry(*entry)
            if entry in last or width_of(shown) + width_of(pieces) > room:
                break
            shown.extend(pieces)
        for entry in last:
            shown.extend(_entry(*entry))
        return [tuple(shown)]


def _entry(key: str, label: str) -> Pieces:
    return (Piece(key, Ink.GREEN, bold=True), Piece(f" {label}   ", Ink.QUIET))


class NoticeLine(Static):
    """One line above the key bar: a notice at its left, at its right the sessions that began to need a person.

    Empty while there is nothing to say; a notice that says more than a line takes up to three.
    """

    DEFAULT_CSS = "NoticeLine { height: 1; padding: 0 1; }"

    def __init__(self, call: str = "") -> None:
        super().__init__("", markup=False)
        self._notice: Notice | None = None
        self._call = call
        self._height = 1

    def show(self, notice: Notice | None) -> None:
        """Show a notice, or nothing."""
        if notice != self._notice:
            self._notice = notice
            self._draw()

    def call(self, text: str) -> None:
        """Say who needs a person, beside the notice; nothing when empty."""
        if text != self._call:
            self._call = text
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = self.content_size.width
        if not width:
            return
        notice = content_of(self._notice, width)
        lines = notice.plain.count("\n") + 1
        if lines != self._height:
            # Laid out anew for that alone.
            self._height = lines
            self.styles.height = lines
        room = width - notice.cell_length - _GAP if notice else width
        if lines > 1 or not self._call or room < _LEAST:
            # What the person asked for goes first; the call is said when that has faded.
            self.update(notice, layout=False)
            return
        shown = Content.styled(cut(f"! {self._call}", room), ink_style(Ink.AMBER, bold=True))
        padding = " " * max(width - notice.cell_length - shown.cell_length, 0)
        self.update(Content.assemble(notice, padding, shown), layout=False)


class NoticeText(NoticeLine):
    """The same in as many lines as it takes, where there is no line to spare for it; it says no calls."""

    DEFAULT_CSS = "NoticeText { height: auto; padding: 0; }"

    def call(self, text: str) -> None:
        """Show no calls beside a QR code."""

    def on_resize(self) -> None:
        """Nothing is cut."""

    def _draw(self) -> None:
        say(self, content_of(self._notice))


def content_of(notice: Notice | None, width: int | None = None) -> Content:
    """A notice, in `_MOST` lines of ``width`` cells at most: glyph and text, bright where it is bad."""
    if notice is None:
        return Content("")
    ink = INKS[notice.level]
    style = ink_style(ink, bold=notice.level in ("bad", "warn"))
    text = clean(notice.text) if width is None else "\n  ".join(_lines(notice.text, max(width - 2, 1)))
    return Content.assemble((f"{notice.glyph} ", ink_style(ink, bold=True)), (text, style))


def _lines(text: str, width: int) -> list[str]:
    lines = wrap(text, width)
    if len(lines) <= _MOST:
        return lines
    return [*lines[: _MOST - 1], cut(" ".join(lines[_MOST - 1 :]), width)]
