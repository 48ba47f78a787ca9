"""Marking sessions, so that an action is about all of them."""

from __future__ import annotations

from wa_tui.tui.action_dispatch import Targets
from wa_tui.tui.fleet.assessment import SessionKey
from wa_tui.tui.screens.acting import ActingScreen
from wa_tui.tui.widgets.grid import SessionGrid


class Marking(ActingScreen):
    """A screen whose grid has marks."""

    grid: SessionGrid

    def chosen(self) -> SessionKey | None:
        """The session under the cursor, as it was seen."""
        return self.grid.aimed_at

    def under_cursor(self) -> SessionKey | None:
        """The session that the cursor is on now."""
        return self.grid.cursor_key

    @property
    def doubt(self) -> str:
        """Why whoever presses a key may not mean the session under the cursor."""
        return self.grid.doubt

    def targets(self) -> Targets:
        """The marked sessions in the order of their rows, hidden ones last; else the one under the cursor."""
        keys = self.grid.marks.sorted_by(self.grid.keys)
        if not keys or keys == [self.chosen()]:
            return super().targets()
        shown = set(self.grid.keys)
        hidden = sum(key not in shown for key in keys)
        if not hidden and len(keys) > 1:
            return Targets(tuple(keys))
        told = (
            f"{len(keys)} marked, {hidden} of them not shown."
            if hidden
            else "It is marked; the cursor is on another."
        )
        return Targets(tuple(keys), told)

    def show_marks(self) -> None:
        """Show which are marked, and how many."""
        raise NotImplementedError

    def action_mark(self) -> None:
        """Mark the session under the cursor, or no longer."""
        key = self.chosen()
        if key is not None:
            self.grid.marks.toggle(key)
            self.show_marks()

    def action_mark_range(self) -> None:
        """Mark from the session marked last to the one under the cursor."""
        key = self.chosen()
        if key is not None:
            self.grid.marks.extend(self.grid.keys, key)
            self.show_marks()

    def action_invert_marks(self) -> None:
        """Mark the rows that are not marked, and no longer those that are."""
        self.grid.marks.invert(self.grid.keys)
        self.show_marks()

    def action_clear_marks(self) -> None:
        """Mark none."""
        self.grid.marks.clear()
        self.show_marks()
