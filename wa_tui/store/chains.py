"""The events of one session, found from its newest one: each names the one before it (see `wa_tui.store.backlog`).

A link leads to a smaller id, or nowhere: no walk can go round. Where one leads astray, the table itself is asked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Hashable
from typing import Any, NamedTuple

from wa_tui.model.events import Kind

from .damage import fetch
from .rows import EVENT

BODY = "CAST(body AS BLOB)"
"""As bytes, which is what the decoder takes."""

COLUMNS = f"{', '.join(EVENT[:-1])}, {BODY}"
"""An event's, in the order of `EVENT`."""

# From a session's newest event to the ones before it, newest first, and no further than the limit.
_LINKS = """WITH RECURSIVE chain(id, previous) AS (
        SELECT id, previous FROM events
            WHERE id = :head AND id >= :low AND session_id = :session AND coalesce(gateway, '') = :place
        UNION ALL
        SELECT e.id, e.previous FROM chain JOIN events AS e ON e.id = chain.previous
            WHERE e.id < chain.id AND e.id >= :low AND e.session_id = :session
            AND coalesce(e.gateway, '') = :place)"""
# CROSS JOIN: SQLite keeps the order of the tables, the chain's few links first.
CHAIN = f"{_LINKS} SELECT {COLUMNS} FROM chain CROSS JOIN events USING (id)"
SCAN = f"SELECT {COLUMNS} FROM events"
SCANNED = ("session_id = :session", "coalesce(gateway, '') = :place")
"""What the table is asked for where the chain is of no use."""

_FOOT = f"""{_LINKS} SELECT id, e.previous, e.kind FROM chain CROSS JOIN events AS e USING (id)
    ORDER BY id LIMIT 1"""


ASTRAY = "typeof(previous) NOT IN ('integer', 'null') OR previous >= id OR previous < 1"
"""What `leads_astray` tells, as SQL."""


def leads_astray(id: int, previous: Any) -> bool:
    """Tell whether what an event names as the one before it cannot be that."""
    return previous is not None and (not isinstance(previous, int) or not 0 < previous < id)


class Foot(NamedTuple):
    """The oldest event that a chain leads to."""

    id: int
    previous: Any
    kind: Any


def breaks_at(connection: sqlite3.Connection, values: dict[str, Any]) -> tuple[str, Hashable] | None:
    """Return where a chain (its ``head``, ``low``, ``session`` and ``place``) may break off: a table and its row.

    ``None``: it goes as far back as there are events.
    """
    rows = fetch(connection, _FOOT, values)
    if not rows:
        # Its head is below what is asked for; else of another session, or gone.
        below = values["head"] < values["low"]
        return None if below else ("heads", (values["place"], values["session"]))
    foot = Foot(*rows[0])
    at = ("events", (foot.id,))
    if foot.previous is None:
        # Where the first one is no adoption, the link may as well be lost.
        return None if foot.kind == Kind.ADOPTED else at
    if leads_astray(foot.id, foot.previous):
        return at
    oldest = connection.execute("SELECT min(id) FROM events WHERE id > 0").fetchone()[0]
    return None if foot.previous < max(values["low"], oldest or 0) else at
