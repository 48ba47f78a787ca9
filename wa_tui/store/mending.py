"""Writes the rows anew that could not be read and were put together: else each start would find them damaged."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import SessionKey
from wa_tui.model.session import Session

from .backlog import RowKey, put_sessions
from .rows import gateway_row, session_row
from .writing import put_gateways


@dataclass(slots=True)
class Mending:
    """The rows to write anew."""

    spoilt: list[tuple[str, int]] = field(default_factory=list)
    """Tables and row ids of what is replaced."""
    sessions: dict[RowKey, Session | None] = field(default_factory=dict)
    """``None``: removed."""
    gateways: list[Gateway] = field(default_factory=list)
    doubtful: list[SessionKey] = field(default_factory=list)
    """Sessions that may be older than they were, since what a commit left for later cannot be read."""

    def __bool__(self) -> bool:
        return bool(self.spoilt)

    def write(self, connection: sqlite3.Connection) -> None:
        """Write it; the caller holds the transaction."""
        for table, row in self.spoilt:
            connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))
        gone = [key for key, session in self.sessions.items() if session is None]
        connection.executemany("DELETE FROM sessions WHERE gateway = ? AND session_id = ?", gone)
        put_sessions(connection, (session_row(each) for each in self.sessions.values() if each is not None))
        put_gateways(connection, map(gateway_row, self.gateways))
