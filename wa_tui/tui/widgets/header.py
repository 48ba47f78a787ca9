"""The top of the screen: the installation, its gateways, the fleet in numbers; and the summary of its troubles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from textual import events
from textual.message import Message

from wa_tui.tui.fleet.assessment import CauseCounts
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.fleet.traffic import FleetTraffic
from wa_tui.tui.presenters.causes import summary_lines
from wa_tui.tui.presenters.header import header_lines
from wa_tui.tui.style.inks import Ground
from wa_tui.tui.style.pieces import Pieces, leads_at
from wa_tui.tui.widgets.lines import Lines
from wa_tui.wire import Cause, GatewayView

_MOST = 2


class FleetHeader(Lines):
    """Three lines: gateways, a bar in the fleet's proportions, and its counts; ``messages``: their sums too."""

    DEFAULT_CSS = "FleetHeader { height: 3; dock: top; }"

    class Clicked(Message):
        """A count or a gateway was clicked: ``leads`` to a filter, `NEEDS` and `TRAFFIC` to views."""

        def __init__(self, leads: str) -> None:
            super().__init__()
            self.leads = leads

    def __init__(self, *, title: str = "", messages: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = title
        self._traffic = FleetTraffic() if messages else None
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
        return header_lines(
            self._state, self._now, self._title, width, read_only=self._read_only, traffic=self._traffic
        )


class CauseSummary(Lines):
    """One line or two; a click on a cause asks for its sessions.

    It comes where more are in trouble than there are rows, goes where they would fill less than half of these, and
    keeps its height meanwhile: what is below it must not move with every number.
    """

    GROUND = Ground.BODY
    DEFAULT_CSS = "CauseSummary { height: 1; display: none; }"

    class Chosen(Message):
        """A cause was clicked."""

        def __init__(self, cause: Cause) -> None:
            super().__init__()
            self.cause = cause

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._counts = CauseCounts()
        self._gateways: Mapping[str, GatewayView] = {}
        self._now: datetime | None = None
        self._chosen: Cause | None = None
        self._height = 1

    def show(
        self,
        counts: CauseCounts,
        gateways: Mapping[str, GatewayView],
        now: datetime,
        *,
        chosen: Cause | None,
        rows: int,
    ) -> None:
        """Show what holds sessions in trouble; ``chosen`` is the cause whose sessions alone are in the ``rows``."""
        self._counts, self._gateways, self._now, self._chosen = counts, gateways, now, chosen
        least = rows // 2 if self.display else rows
        wanted = bool(counts.causes) and (counts.total > least or chosen is not None)
        # Where there are few lines at all, each of them is wanted for a session.
        wanted = wanted and not self.screen.has_class("-tiny")
        if wanted:
            self._grow(len(self._laid_out(self.screen.size.width)))
        self.display = wanted
        self.update()

    def _grow(self, height: int) -> None:
        if height > self._height or not self.display:
            self._height = height
            self.styles.height = height

    def _laid_out(self, width: int) -> list[Pieces]:
        if self._now is None:
            return []
        return summary_lines(
            self._counts, self._gateways, self._now, chosen=self._chosen, width=width, most=_MOST
        )

    def lines(self, width: int) -> list[Pieces]:
        """Return the lines; those that are not needed any more stay empty."""
        lines = self._laid_out(width)[: self._height]
        return [*lines, *((),) * (self._height - len(lines))]

    def on_click(self, event: events.Click) -> None:
        leads = leads_at(self._lines[event.y], event.x) if event.y < len(self._lines) else ""
        if leads:
            self.post_message(self.Chosen(Cause(leads)))
