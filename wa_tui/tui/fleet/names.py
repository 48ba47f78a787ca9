"""How long the sessions' names are, kept up to date by what changed alone: columns are made for them."""

from __future__ import annotations

from collections import Counter

from wa_tui.text.cells import cell_len
from wa_tui.text.cleaning import clean
from wa_tui.tui.fleet.assessment import SessionKey


class NameLengths:
    """The cells that each session's name takes."""

    def __init__(self) -> None:
        self._names: dict[SessionKey, str] = {}
        self._cells: Counter[int] = Counter()

    def put(self, key: SessionKey, name: str) -> None:
        """Note a session's name."""
        if self._names.get(key) != name:
            self.drop(key)
            self._names[key] = name
            self._cells[cell_len(clean(name))] += 1

    def drop(self, key: SessionKey) -> None:
        """Forget a session; it may be unknown."""
        if (name := self._names.pop(key, None)) is not None:
            cells = cell_len(clean(name))
            self._cells[cells] -= 1
            if not self._cells[cells]:
                del self._cells[cells]

    @property
    def longest(self) -> int:
        """The cells of the longest."""
        return max(self._cells, default=0)
