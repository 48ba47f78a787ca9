"""The heading of a part of the screen, and the names of parts of which one is shown."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from wa_tui.text.cells import cell_len, cut
from wa_tui.tui.style.inks import Ground, Ink
from wa_tui.tui.style.pieces import Piece, Pieces, shortened, width_of
from wa_tui.tui.style.theme import ink_style
from wa_tui.tui.widgets.lines import Lines

_CRUMB = 24
_GONE = "… › "
"""In place of breadcrumbs that have no room."""
_BETWEEN = "   "


class TitleLine(Static):
    """One line; repaints only when what it says changed. With ``rule`` a line fills the rest.

    Before the name stand the breadcrumbs, quietly: where one layer up leads is the last of them.
    """

    DEFAULT_CSS = "TitleLine { height: 1; width: 1fr; padding: 0 1; }"

    def __init__(self, *, rule: bool = False, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self._rule = rule
        self._said: tuple[str, str, bool, tuple[str, ...]] = ("", "", False, ())
        self._alert = ("", "")

    def show(self, name: str, quiet: str = "", *, lit: bool = False, breadcrumbs: Sequence[str] = ()) -> None:
        """Show a name and, quietly, what belongs to it; ``lit`` while keys go to what is below."""
        said = (name, quiet, lit, tuple(breadcrumbs))
        if said != self._said:
            self._said = said
            self._draw()

    def alert(self, text: str, brief: str = "") -> None:
        """Say loudly what must not be missed, ``brief`` where it has no room; empty where there is nothing."""
        if (text, brief) != self._alert:
            self._alert = (text, brief)
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        name, quiet, lit, breadcrumbs = self._said
        width = self.content_size.width
        name = cut(name, max(width, 0))
        way = _way(breadcrumbs, name, quiet, width)
        left = max(width - cell_len(way) - cell_len(name), 0)
        alert = next((f"   {text}" for text in self._alert if text and cell_len(text) + 3 <= left), "")
        quiet = _whole_numbers(f" {quiet}", left - cell_len(alert)) if quiet else ""
        parts: list[tuple[str, str]] = [
            (way, ink_style(Ink.QUIET)),
            (name, ink_style(Ink.BRIGHT, bold=True)),
            (quiet, ink_style(Ink.QUIET)),
            (alert, ink_style(Ink.AMBER, bold=True)),
        ]
        content = Content.assemble(*parts)
        if self._rule:
            rest = width - content.cell_length - 1
            style = ink_style(Ink.GREEN, bold=True) if lit else f"dim {ink_style(Ink.QUIET)}"
            content = Content.assemble(content, (" " + "─" * max(rest, 0), style))
        self.update(content, layout=False)


def _way(breadcrumbs: Sequence[str], name: str, quiet: str, width: int) -> str:
    """Return the way to a name: all of it, or as much as leaves room for what is said besides."""
    crumbs = [f"{cut(breadcrumb, _CRUMB)} › " for breadcrumb in breadcrumbs]
    if not crumbs:
        return ""
    whole, said = "".join(crumbs), cell_len(name) + cell_len(f" {quiet}" if quiet else "")
    if cell_len(whole) + cell_len(name) <= width // 2 and cell_len(whole) + said <= width:
        return whole
    shorter = [_GONE + crumbs[-1]] if len(crumbs) > 1 else []
    for way in (*shorter, _GONE):
        if cell_len(way) + said <= width:
            return way
    if cell_len(whole) + cell_len(name) <= width // 2:
        return whole
    return _GONE if cell_len(name) + len(_GONE) <= width else ""


def _whole_numbers(text: str, room: int) -> str:
    """Return as much of a text as there is room for; a number is there as a whole, or not at all."""
    shown = cut(text, room)
    kept = shown.removesuffix("…")
    if kept != shown and kept[-1:].isdigit() and text[len(kept) : len(kept) + 1].isdigit():
        kept = kept.rstrip("0123456789.")
        return f"{kept.rstrip()} …" if kept.strip() else ""
    return shown


class PartsLine(Lines):
    """One line: the names with the keys that show them, the one that is shown lit, and a note."""

    GROUND = Ground.BODY
    DEFAULT_CSS = "PartsLine { height: 1; }"

    class Clicked(Message):
        """A name was clicked."""

        def __init__(self, part: int) -> None:
            super().__init__()
            self.part = part

    def __init__(self) -> None:
        super().__init__()
        self._names: Sequence[str] = ()
        self._shown = 0
        self._note = ""

    def show(self, names: Sequence[str], shown: int, note: str) -> None:
        """Show these names, and what is to be said of the one that is shown."""
        if (names, shown, note) != (self._names, self._shown, self._note):
            self._names, self._shown, self._note = names, shown, note
            self.update()

    def lines(self, width: int) -> list[Pieces]:
        """Return the line, filled with a rule; where names have no room, only the one that is shown has its own."""
        pieces: list[Piece] = [Piece(" ")]
        for number, label in enumerate(self._labels(width)):
            lit = number == self._shown
            pieces.append(Piece(f"{number + 1}{' ' if label else ''}", Ink.GREEN if lit else Ink.QUIET))
            pieces.append(Piece(label, Ink.BRIGHT if lit else Ink.QUIET, bold=lit))
            pieces.append(Piece(_BETWEEN))
        if self._note:
            pieces.append(Piece(f"· {self._note} ", Ink.QUIET))
        rest = width - width_of(pieces) - 1
        return [(*shortened(pieces, width), Piece("─" * max(rest, 0), Ink.QUIET))]

    def _labels(self, width: int) -> list[str]:
        if 1 + sum(len(name) + 2 + len(_BETWEEN) for name in self._names) <= width:
            return list(self._names)
        return [name if number == self._shown else "" for number, name in enumerate(self._names)]

    def on_click(self, event: events.Click) -> None:
        at = 1
        for number, label in enumerate(self._labels(self.size.width)):
            end = at + 1 + len(label) + bool(label)
            if at <= event.x < end:
                self.post_message(self.Clicked(number))
            at = end + len(_BETWEEN)
