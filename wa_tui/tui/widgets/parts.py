"""The names of a screen's parts, one of which is shown."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from wa_tui.tui.style.palette import Ground, Ink
from wa_tui.tui.style.pieces import Piece, Pieces, shortened, width_of
from wa_tui.tui.widgets.lines import Lines

_GAP = "   "


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
            pieces.append(Piece(_GAP))
        if self._note:
            pieces.append(Piece(f"· {self._note} ", Ink.QUIET))
        rest = width - width_of(pieces) - 1
        return [(*shortened(pieces, width), Piece("─" * max(rest, 0), Ink.QUIET))]

    def _labels(self, width: int) -> list[str]:
        if 1 + sum(len(name) + 2 + len(_GAP) for name in self._names) <= width:
            return list(self._names)
        return [name if number == self._shown else "" for number, name in enumerate(self._names)]

    def on_click(self, event: events.Click) -> None:
        at = 1
        for number, label in enumerate(self._labels(self.size.width)):
            end = at + 1 + len(label) + bool(label)
            if at <= event.x < end:
                self.post_message(self.Clicked(number))
            at = end + len(_GAP)
