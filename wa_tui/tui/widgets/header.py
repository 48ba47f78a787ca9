"""The top of the screen: who we watch, how each gateway is, the fleet in numbers."""

from __future__ import annotations

from datetime import datetime

from textual import events
from textual.message import Message

from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.presenters.header import header_lines
from wa_tui.tui.style.pieces import Pieces
from wa_tui.tui.widgets.lines import Lines


class FleetHeader(Lines):
    """Three lines: gateways, a bar in the fleet's proportions, and its counts."""

    DEFAULT_CSS = "FleetHeader { height: 3; dock: top; }"

    class Clicked(Message):
        """A count or a gateway was clicked: ``leads`` to a filter, `NEEDS` to what needs a person."""

        def __init__(self, leads: str) -> None:
            super().__init__()
            self.leads = leads

    def __init__(self, *, title: str = "", id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._title = title
        self._state: FleetState | None = None
        self._now: datetime | None = None
        self._read_only = False

    def show(self, state: FleetState, now: datetime, *, read_only: bool = False) -> None:
        """Show the fleet; ``now`` is what ages are counted to, ``read_only`` whether all actions are refused."""
        self._state, self._now, self._read_only = state, now, read_only
        self.update()

    def on_click(self, event: events.Click) -> None:
        if leads := self.leads(event.x, event.y):
            self.post_message(self.Clicked(leads))

    def lines(self, width: int) -> list[Pieces]:
        return header_lines(self._state, self._now, self._title, width, read_only=self._read_only)
