"""Which sessions are shown: a filter, one gateway's, those in trouble; and in which order."""

from __future__ import annotations

from datetime import datetime

from wa_tui.filters.sessions import Filter
from wa_tui.text.counts import many
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.presenters.times import at
from wa_tui.tui.widgets.grid import sign
from wa_tui.wire import Cause, SessionKey


class SessionQuery:
    """What somebody chose to see of the fleet; trouble first, unless another order was chosen."""

    def __init__(
        self, gateway: str | None = None, order: tuple[Order, bool] = (Order.TROUBLE, False)
    ) -> None:
        self.filter = Filter()
        self.gateway = gateway
        """The one gateway whose sessions are shown, ``None`` for all."""
        self.only_trouble = False
        self.order, self.backwards = order
        self.since: datetime | None = None
        """When the filter was left that came back."""

    def rows(self, state: FleetState) -> list[SessionKey]:
        """Return the sessions to show, in their order."""
        chosen = self.filter.within(self.gateway, trouble=self.only_trouble)
        keys = state.rows(chosen, self.order, state.now)
        return keys[::-1] if self.backwards else keys

    def filter_by(self, found: Filter) -> None:
        """Choose another filter."""
        if found.text != self.filter.text:
            self.since = None
        self.filter = found

    def said(self, state: FleetState, now: datetime, back: str) -> list[str]:
        """Say what was chosen to be shown, then the order; ``back`` is the key that takes the filter off."""
        detail = f"{self.order}, reversed" if self.backwards else str(self.order)
        chosen = [f"on {self.gateway}"] if self.gateway is not None else []
        if self.only_trouble:
            chosen.append("only trouble")
        if self.since is not None:
            chosen.append(f"{self._hidden(state, back)}filter from {at(self.since, now)}")
        return [*chosen, f"{detail} {sign(self.order, backwards=self.backwards)}"]

    def _hidden(self, state: FleetState, back: str) -> str:
        """Return what the filter hides, and the key that ends that; first, since a narrow title is cut."""
        troubled = state.rows(Filter().within(None, trouble=True), Order.TROUBLE, state.now)
        hidden = set(troubled).difference(self.rows(state))
        needing = sum(each.calls for key in hidden if (each := state.assessment(key, state.now)))
        told = f"hides {len(hidden)} in trouble" if hidden else ""
        if needing:
            told += f", {many(needing, 'needs', 'need')} you"
        return f"{told} · {back} · " if told else ""

    def missing(self) -> tuple[str, str, str] | None:
        """Say why there may be no rows although there are sessions, by which key they are shown, and what it does."""
        if self.filter:
            return f"no session matches {self.filter.text}", "view.back", "clears the filter"
        if self.only_trouble:
            return "no session is in trouble", "sessions.trouble", "shows all"
        if self.gateway is not None:
            return f"no sessions on {self.gateway}", "sessions.gateway_0", "shows all gateways"
        return None

    def next_cause(self, state: FleetState) -> Cause | None:
        """Return the first cause of trouble, the one after the shown one, and after the last ``None``."""
        shown = self.filter.cause
        causes = [each.cause for each in state.causes(state.now, self.gateway).causes]
        following = causes.index(shown) + 1 if shown in causes else 0
        return causes[following] if following < len(causes) else None
