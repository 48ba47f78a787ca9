"""The session under the cursor and those that are marked: what a key pressed now is about."""

from __future__ import annotations

from wa_tui.tui.session_actions import Aim, Targets
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.wire import SessionKey


class Selection:
    """What a person points at in a grid."""

    def __init__(self, grid: SessionGrid) -> None:
        self._grid = grid

    def aim(self) -> Aim:
        """Return the session under the cursor, as it was seen, and what an action is about."""
        key, doubt = self._grid.aimed_at, self._grid.doubt
        return Aim(key, targets=self._targets(key, doubt), doubt=doubt)

    def _targets(self, aimed_at: SessionKey | None, doubt: str) -> Targets:
        """Return the marked ones in the order of their rows, hidden ones last; else the one under the cursor."""
        keys = self._grid.marks.sorted_by(self._grid.keys)
        if not keys or keys == [aimed_at]:
            return Targets(() if aimed_at is None else (aimed_at,), doubt)
        shown = set(self._grid.keys)
        hidden = sum(key not in shown for key in keys)
        if not hidden and len(keys) > 1:
            return Targets(tuple(keys))
        warning = (
            f"{len(keys)} marked, {hidden} of them not shown."
            if hidden
            else "It is marked; the cursor is on another."
        )
        return Targets(tuple(keys), warning)

    def mark(self) -> None:
        """Mark the session under the cursor, or no longer."""
        if self._grid.aimed_at is not None:
            self._grid.marks.toggle(self._grid.aimed_at)

    def mark_range(self) -> None:
        """Mark from the session marked last to the one under the cursor."""
        if self._grid.aimed_at is not None:
            self._grid.marks.extend(self._grid.keys, self._grid.aimed_at)

    def invert(self) -> None:
        """Mark the rows that are not marked, and no longer those that are."""
        self._grid.marks.invert(self._grid.keys)

    def clear(self) -> None:
        """Mark none."""
        self._grid.marks.clear()
