"""The fleet as it was last committed: rows, and the backlog over them.

A row that cannot be read is put together from what else tells of it: its other columns, the side file, the events
since. What had to be mended is written anew by `Mending.write`, so that it is damaged once.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from wa_tui.model.fleet import Fleet
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import Credentials, Desired, SessionKey
from wa_tui.model.replay import replay
from wa_tui.model.session import Session

from .backlog import Backlog, RowKey
from .backup_copy import read_side
from .bounds import LAST_ID
from .chains import COLUMNS
from .damage import Damage, fetch, of_table, readable, salvaged
from .errors import DamagedError
from .mending import Mending
from .old_bodies import fields_of
from .rows import GATEWAY, SESSION, backlog_of, events_of, gateway_of, session_of
from .schema import meta

K = TypeVar("K", Session, Gateway)

_BODY = "CAST(body AS BLOB)"
_LARGEST = 4 * 1024 * 1024
"""Bytes of a row's body: a QR code's picture is the longest in it, and no webhook has more than an eighth of that."""

_NEWER_HEADS = f"""SELECT coalesce(gateway, ''), session_id, max(id) FROM events
    WHERE id > ? AND id <= {LAST_ID} AND typeof(session_id) = 'text' AND typeof(gateway) IN ('text', 'null')
    GROUP BY gateway, session_id"""
_HEADS = """SELECT h.gateway, h.session_id, h.event_id,
        CASE WHEN e.id IS NOT NULL THEN e.session_id IS h.session_id AND coalesce(e.gateway, '') IS h.gateway END
    FROM heads AS h LEFT JOIN events AS e ON e.id = h.event_id"""
"""Heads, and whether the event is one of that session; ``NULL``: it is gone."""
_ENDS = f"""SELECT (SELECT min(id) FROM events WHERE id > 0), (SELECT max(id) FROM events WHERE id <= {LAST_ID})"""
_SINCE = f"SELECT {COLUMNS} FROM events WHERE id > ? AND id <= {LAST_ID} ORDER BY id"


@dataclass(frozen=True, slots=True)
class _Table(Generic[K]):
    """A table whose rows have readable columns beside a body that holds everything."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    kind: type[K]
    decode: Callable[[bytes], K]
    key_of: Callable[[K], tuple[str, ...]]


_SESSIONS = _Table(
    "sessions",
    ("gateway", "session_id"),
    SESSION[:-1],
    Session,
    session_of,
    lambda session: (session.gateway, session.session_id),
)
_GATEWAYS = _Table("gateways", ("name",), GATEWAY[:-1], Gateway, gateway_of, lambda gateway: (gateway.name,))


class Loading:
    """Reads what a database holds of the fleet; ``path`` is the database's, beside which its side file is."""

    def __init__(self, connection: sqlite3.Connection, path: Path, damage: Damage) -> None:
        self._connection = connection
        self._path = path
        self._damage = damage
        self._side: dict[str, dict[tuple[str, ...], Session | Gateway]] | None = None
        self.mending = Mending()

    def fleet(self) -> tuple[Fleet, Backlog]:
        """Return the fleet, the oldest sessions first, and what its rows lack."""
        sessions, spoilt = self._rows(_SESSIONS)
        for session in spoilt:
            self.mending.sessions[session.key] = session
        gateways, self.mending.gateways = self._rows(_GATEWAYS)
        gateways += self.mending.gateways
        rows: dict[RowKey, Session] = {each.key: each for each in (*sessions, *spoilt)}
        backlog = self._backlog(rows, gateways)
        found = sorted(rows.values(), key=lambda each: (each.created_at, each.gateway, each.session_id))
        return Fleet(found, gateways), backlog

    def _rows(self, table: _Table[K]) -> tuple[list[K], list[K]]:
        """Return what a table's rows stand for: of those that can be read, and of those put together."""
        sql = f"SELECT rowid, {', '.join(table.key)}, {_BODY} FROM {table.name} ORDER BY rowid"
        found: dict[tuple[str, ...], K] = {}
        spoilt: list[tuple[int, tuple[Any, ...], bytes]] = []
        for row, *names, body in fetch(self._connection, sql):
            key = tuple(names)
            try:
                each = table.decode(body)
                if len(body) > _LARGEST or table.key_of(each) != key:
                    raise ValueError("its body is another's, or too long")
                found[key] = each
            except ValueError as error:
                self._damage.note(table.name, key, error)
                spoilt.append((row, key, body))
        mended: dict[tuple[str, ...], K] = {}
        for row, names, body in spoilt:
            self.mending.spoilt.append((table.name, row))
            put_together = self._put_together(table, row, names, body, {**found, **mended})
            if put_together is not None:
                mended[table.key_of(put_together)] = put_together
        return list(found.values()), list(mended.values())

    def _put_together(
        self,
        table: _Table[K],
        row: int,
        names: tuple[Any, ...],
        body: bytes,
        others: Collection[tuple[str, ...]],
    ) -> K | None:
        """Return what a row stood for, as far as its body, its columns and the side file tell; ``None`` for nobody."""
        columns = fetch(
            self._connection, f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE rowid = ?", (row,)
        )
        written = dict(zip(table.columns, columns[0], strict=True))
        said = fields_of(body) if len(body) <= _LARGEST else {}
        key = tuple(said.get(name) for name in table.key)
        if key in others:
            # Another's body.
            said = {}
        if names in others or not _texts(names):
            names = key
        elif said and key != names and self._whole(table, body):
            # The columns' name is not the one that it had.
            names = key
        name = dict(zip(table.key, names, strict=True))
        sources = [name, said, written, self._aside(table, names), {"created_at": 0}]
        try:
            each = salvaged(table.kind, sources)
        except ValueError:
            return None
        if table.key_of(each) in others:
            return None
        return _harmless(each, sources)

    def _whole(self, table: _Table[K], body: bytes) -> bool:
        try:
            table.decode(body)
        except ValueError:
            return False
        return len(body) <= _LARGEST

    def _aside(self, table: _Table[K], names: tuple[Any, ...]) -> dict[str, Any]:
        """Return what the side file has of that name."""
        if self._side is None:
            self._side = {"sessions": {}, "gateways": {}}
            with contextlib.suppress(DamagedError):
                side = read_side(self._path)
                self._side["sessions"] = {each.key: each for each in side.sessions}
                self._side["gateways"] = {(each.name,): each for each in side.gateways}
        kept = self._side[table.name].get(names)
        return msgspec.to_builtins(kept) if kept is not None else {}

    def _backlog(self, rows: dict[RowKey, Session], gateways: list[Gateway]) -> Backlog:
        """Lay the backlog over the rows, and return it."""
        heads, heads_at = self._heads()
        newer = [row for row in fetch(self._connection, _NEWER_HEADS, (heads_at,)) if _texts(row[:2])]
        late: dict[RowKey, Session | None] = {}
        lost: set[RowKey] = set()
        oldest = newest = changes = size = 0
        for id, body in fetch(self._connection, f"SELECT id, {_BODY} FROM backlog ORDER BY id"):
            try:
                if not 0 < id <= LAST_ID:
                    raise ValueError("its id is nobody's")
                entry = backlog_of(body)
            except ValueError as error:
                self._damage.note("backlog", id, error)
                self.mending.spoilt.append(("backlog", id))
                lost.update((gateway, session_id) for gateway, session_id, _ in newer)
                continue
            oldest, newest = oldest or id, id
            changes += len(entry.sessions) + len(entry.removed)
            size += len(body)
            here: dict[RowKey, Session | None] = {each.key: each for each in entry.sessions}
            here.update((key, None) for key in entry.removed)
            late.update(here)
            # What a later entry has of a session is all there is to know of it.
            lost.difference_update(here)
        last = {(gateway, session_id): event for gateway, session_id, event in newer}
        since = {key: heads.get(key, 0) for key in lost if last[key] > heads.get(key, 0)}
        late.update(self._since(rows, gateways, since))
        for key, session in late.items():
            if session is not None:
                rows[key] = session
            else:
                rows.pop(key, None)
        for gateway, session_id, event in newer:
            heads[gateway, session_id] = event
            late.setdefault((gateway, session_id), None)
        return Backlog(heads, late, range(oldest or 1, newest + 1), changes, size)

    def _since(
        self, rows: dict[RowKey, Session], gateways: list[Gateway], since: dict[RowKey, int]
    ) -> dict[RowKey, Session | None]:
        """Return sessions as the events after those of their rows leave them."""
        if not since:
            return {}
        found = fetch(self._connection, _SINCE, (min(since.values()),))
        events = readable(found, events_of, of_table(self._damage, "events", 0))
        tail = [
            event
            for event in events
            if event.id > since.get((event.gateway or "", event.session_id or ""), LAST_ID)
        ]
        fleet = Fleet((session for key, session in rows.items() if key in since), gateways)
        for event in tail:
            with contextlib.suppress(Exception):
                fleet = replay(fleet, [event])
        again = {key: fleet.session(SessionKey(*key)) for key in since}
        self.mending.sessions.update(again)
        self.mending.doubtful = [SessionKey(*key) for key in since]
        return again

    def _heads(self) -> tuple[dict[RowKey, int], int]:
        """Return each session's newest event among those up to an id; none up to 0 where one cannot be believed."""
        rows = fetch(self._connection, _HEADS)
        heads_at = meta(self._connection, "heads_at") or 0
        oldest, newest = self._connection.execute(_ENDS).fetchone()
        found: dict[RowKey, int] = {}
        for gateway, session_id, event, its_own in rows:
            named = _texts((gateway, session_id)) and isinstance(event, int)
            if not named or its_own == 0 or not 0 < event <= max(newest or 0, heads_at):
                self._damage.note("heads", (gateway, session_id), "it names no event of its session")
                return {}, 0
            if its_own is None and event >= (oldest or 0):
                # Forgotten before older ones, while the wall clock was behind; or never there.
                return {}, 0
            found[gateway, session_id] = event
        return found, heads_at if heads_at <= (newest or 0) else 0


def _texts(names: Sequence[Any]) -> bool:
    return all(isinstance(name, str) for name in names)


def _harmless(each: K, sources: Iterable[dict[str, Any]]) -> K:
    """Return a session that healing leaves alone, where no source tells whether it is wanted."""
    if isinstance(each, Gateway):
        return each
    if any(source.get("desired") in [*Desired] for source in sources):
        return each
    return msgspec.structs.replace(each, credentials=Credentials.UNKNOWN)
