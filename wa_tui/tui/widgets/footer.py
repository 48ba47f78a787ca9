"""The key bar."""

from __future__ import annotations

from collections.abc import Sequence

from wa_tui.tui.style.palette import Ink
from wa_tui.tui.style.pieces import Piece, Pieces, width_of
from wa_tui.tui.widgets.lines import Lines


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
