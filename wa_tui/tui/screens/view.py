"""What the views that are one body under a title have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.widget import Widget

from wa_tui.keys.table import Context
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.widgets.footer import KeyBar, NoticeLine
from wa_tui.tui.widgets.rows import Rows
from wa_tui.tui.widgets.title import TitleLine


class ViewScreen(FleetScreen[None]):
    """Title, body, notice, keys; ``CONTEXTS`` have the keys of its own."""

    CONTEXTS: ClassVar[tuple[Context, ...]] = ()

    def body(self) -> Iterable[Widget]:
        """Return what is between the title and the notice."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Title, body, notice, keys."""
        yield TitleLine(rule=True)
        for widget in self.body():
            if isinstance(widget, Rows):
                widget.on_outside = self.show_outside
            yield widget
        yield NoticeLine(self.monitor.called)
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what is known."""
        self.show_keys(Context.VIEW, *self.CONTEXTS, Context.EVERYWHERE)
        self.show_fleet(set())

    def entitle(self, name: str, said: str) -> None:
        """Say in the title what is shown, behind where it lies."""
        self.query_one(TitleLine).show(name, said, breadcrumbs=self.breadcrumbs)
