"""Which of the named views to show: a digit chooses."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from wa_tui.keys.table import Context
from wa_tui.text.cells import cell_len, cut
from wa_tui.text.cleaning import clean
from wa_tui.tui.bindings import bindings
from wa_tui.tui.fleet.named import EVERYTHING, NamedView
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.screens.base import Dialog

_SHOWN = 9


class NamedViewsScreen(Dialog[NamedView]):
    """The views by their digits; closes with the one that is chosen."""

    BINDINGS = bindings(Context.DIALOG, Context.NAMED)

    def __init__(self, monitor: Monitor, views: Sequence[NamedView]) -> None:
        super().__init__(monitor)
        self._views = views[:_SHOWN]
        self._others = views[_SHOWN:]

    def compose(self) -> ComposeResult:
        """A line a view."""
        width = max(cell_len(clean(view.name)) for view in (*self._views, EVERYTHING))
        with Vertical():
            yield Static("Show which view?", classes="title", markup=False)
            for number, view in enumerate((EVERYTHING, *self._views)):
                key = self.monitor.key(f"named.view_{number}")
                name = clean(view.name)
                line = f"{key}  {name}{' ' * (width - cell_len(name))}  {clean(view.description)}"
                yield Static(cut(line, 58), classes="told", markup=False)
            if self._others:
                names = " ".join(clean(view.name) for view in self._others)
                yield Static(f"and by :view {names}", classes="quiet told", markup=False)

    def action_view(self, number: int) -> None:
        """Choose one; a digit that none has does nothing."""
        if number <= len(self._views):
            self.dismiss((EVERYTHING, *self._views)[number])
