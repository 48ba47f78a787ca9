"""What needs a person, the most urgent first; the session, or all of one cause, under the cursor can be acted on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from textual.widget import Widget

from wa_tui.keys.table import Context
from wa_tui.tui.fleet.needs import MANY, Care, Group, Need, NeedKey, Row, grouped, needs
from wa_tui.tui.intents import Go
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.needs import need_cell, need_columns
from wa_tui.tui.screens.base import ViewScreen
from wa_tui.tui.screens.session_screen import SessionScreen
from wa_tui.tui.session_actions import Aim, Targets
from wa_tui.tui.style.pieces import Pieces
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.table import Table
from wa_tui.wire import SessionKey

_OF_ONE = frozenset({"QR", "Log", "Test message"})
"""What the key bar offers for one session alone."""


class NeedsScreen(ViewScreen, SessionScreen):
    """Sessions, gateways and notices of the daemon; who takes care of each, and which are snoozed."""

    AUTO_FOCUS = "Table"
    CONTEXTS = (Context.SESSION, Context.ACTION)
    TROUBLED = "need you"

    def __init__(self, monitor: Monitor, place: Place | None = None) -> None:
        super().__init__(monitor, place or Place("needs"))
        self._table: Table[NeedKey, Row] = Table((), self._cell)
        self._opened: set[NeedKey] = set()
        """Causes whose sessions are listed."""

    def body(self) -> Iterable[Widget]:
        """Return the table of needs."""
        return (self._table,)

    def aim(self) -> Aim:
        """Return the session or the gateway under the cursor, or all of the cause under it, as it was seen."""
        row, doubt = self._table.row_aimed_at, self._table.doubt
        if isinstance(row, Group):
            return Aim(targets=Targets(row.sessions, doubt), doubt=doubt)
        key = _session_of(row)
        gateway = row.gateway.name if row is not None and row.gateway is not None else None
        return Aim(key, gateway, Targets(() if key is None else (key,), doubt), doubt)

    @property
    def gateway_at_hand(self) -> str | None:
        """The gateway of the session that the cursor is on now."""
        key = _session_of(self._table.cursor_row)
        return key[0] if key is not None else None

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Bring the rows up to date."""
        self._show_needs()

    def _show_needs(self, *, at_once: bool = False) -> None:
        state = self.monitor.state
        found = needs(state, state.now)
        rows = grouped(found, self._opened)
        self._table.set_columns(need_columns(rows.values(), state.now))
        self._table.weights = {key: row.weight for key, row in rows.items() if isinstance(row, Group)}
        self._table.show(rows, {key for key, row in rows.items() if row.care is Care.CALLS}, at_once=at_once)
        self._table.say("nothing needs a person" if state.daemon is not None else "not known yet")
        numbers = Counter(need.care for need in found.values())
        parts = [str(numbers[Care.CALLS])]
        parts += [f"{numbers[one]} {one.detail}" for one in Care if numbers[one] and one.detail]
        said = "· " + " · ".join(parts)
        self.entitle("Needs you", said)

    def offered(self, keys: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Leave out what is for one session alone where the cursor is on all of a cause."""
        row = self._table.cursor_row
        if not isinstance(row, Group):
            return keys
        opens = "Close" if row.is_open else "Open"
        return [(key, opens if label == "Details" else label) for key, label in keys if label not in _OF_ONE]

    def on_table_highlighted(self) -> None:
        """What is offered follows the cursor."""
        self.offer_keys()

    def on_table_selected(self) -> None:
        """A double click opens the details."""
        self.action_details()

    def action_details(self) -> None:
        """Show the session, or the gateway; list the sessions of a cause, or close them."""
        row = self._table.row_aimed_at
        if isinstance(row, Group):
            self._opened ^= {row.key}
            self._show_needs(at_once=True)
            self._table.show_below(row.key, 0 if row.is_open else MANY)
            self.offer_keys()
        elif (name := self.aim().gateway) is not None:
            self.post(Go(Place("gateways", gateway=name)))
        else:
            super().action_details()

    def action_log(self) -> None:
        """Show the log of the session, or of the gateway."""
        if (name := self.aim().gateway) is not None:
            self.post(Go(Place("log", gateway=name)))
        else:
            super().action_log()

    def _cell(self, row: Row, title: str, width: int) -> Pieces:
        session = row.session if isinstance(row, Need) else None
        names = self.monitor.key_names(session.gateway if session is not None else None)
        tells_care = all(column.title != "CARE" for column, _ in self._table.slots)
        return need_cell(row, title, width, self.monitor.state, names, tells_care=tells_care)


def _session_of(row: Row | None) -> SessionKey | None:
    return row.session.key if isinstance(row, Need) and row.session is not None else None
