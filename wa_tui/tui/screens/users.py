"""The fleet by user."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from wa_tui.filters.fields import quoted
from wa_tui.keys.table import Context
from wa_tui.tui.bindings import bindings
from wa_tui.tui.fleet.users import UserKey, UserRow, Users
from wa_tui.tui.intents import Copy, ShowSessions
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.users import COLUMNS, user_cell
from wa_tui.tui.screens.base import ViewScreen
from wa_tui.tui.style.pieces import Pieces
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.table import Table
from wa_tui.wire import SessionKey


class UsersScreen(ViewScreen):
    """A row for each user, those whose sessions need a person first; ``enter`` shows the sessions."""

    AUTO_FOCUS = "Table"
    BINDINGS = bindings(Context.USERS)
    CONTEXTS = (Context.USERS,)

    def __init__(self, monitor: Monitor, place: Place | None = None) -> None:
        super().__init__(monitor, place or Place("users"))
        self._users = Users()
        self._table: Table[UserKey, UserRow] = Table(COLUMNS, self._cell)

    def body(self) -> Iterable[Widget]:
        """Return the users."""
        return (self._table,)

    def show_fleet(self, changed: set[SessionKey]) -> None:
        """Bring the rows up to date."""
        rows = self._users.rows(self.monitor.state, changed)
        troubled = {key for key, row in rows.items() if row.troubled}
        self._table.show(rows, troubled)
        self._table.say("no sessions are known yet")
        users = sum(row.user_id is not None for row in rows.values())
        self.entitle("Users", f"· {users}{f' · {len(troubled)} with trouble' if troubled else ''}")

    def _cell(self, row: UserRow, title: str, width: int) -> Pieces:
        return user_cell(row, title, width, lambda: self._users.uptime((row.user_id,)))

    def on_table_selected(self) -> None:
        """A double click shows the sessions."""
        self.action_open()

    def action_open(self) -> None:
        """Show the sessions of the user under the cursor."""
        row = self._table.row_aimed_at
        if row is not None:
            self.post(ShowSessions(quoted("user", row.user_id or "")))

    def action_copy(self) -> None:
        """Copy the user's id."""
        row = self._table.row_aimed_at
        self.post(Copy((row and row.user_id) or "", "user id"))
