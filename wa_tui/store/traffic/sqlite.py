"""`TrafficStore` in SQLite: a connection and a thread of its own, which no commit of the fleet waits for."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from wa_tui.model.registers import DAY, HOUR, SessionKey
from wa_tui.model.traffic import FLOWS

from ..errors import is_damage, is_read_only
from ..protocol import StoreError
from ..worker import Worker
from .packing import packed, unpacked
from .protocol import HOURS, MINUTES, DamagedCounts, ReadOnlyCounts, Row, SessionCounts

T = TypeVar("T")

VERSION = 1
KEPT_HOURS = 25
KEPT_DAYS = 31
_FLOWS = len(FLOWS)
_STEPS = {"hours": MINUTES, "days": HOURS}

_SCHEMA = """
CREATE TABLE hours (at INTEGER, gateway TEXT, session_id TEXT, counts BLOB, PRIMARY KEY (at, gateway, session_id))
    WITHOUT ROWID;
CREATE TABLE days (at INTEGER, gateway TEXT, session_id TEXT, counts BLOB, PRIMARY KEY (at, gateway, session_id))
    WITHOUT ROWID;
CREATE TABLE sessions (gateway TEXT, session_id TEXT, last BLOB, boot TEXT, counted BLOB, day INTEGER,
    PRIMARY KEY (gateway, session_id)) WITHOUT ROWID;
"""
_WRITE_ROW = "INSERT OR REPLACE INTO {} VALUES (?, ?, ?, ?)"
_WRITE_SESSION = "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?)"

_log = logging.getLogger(__name__)


async def open_traffic(path: Path, now: int, *, finding: str | None = None) -> SqliteTrafficStore:
    """Open or make the file at a path; a damaged one, or one of a newer version, is set aside. Raises `StoreError`.

    ``finding``: what makes it a damaged one, as was found while it was open: a look at its pages may not find that.
    """
    try:
        connection, notices = await asyncio.to_thread(_opened, path, now, finding)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"{path} cannot be opened: {error}. Messages are counted, and the counts not kept."
        ) from error
    return SqliteTrafficStore(path, await Worker.start(lambda: connection), notices)


class SqliteTrafficStore:
    """See `TrafficStore`."""

    def __init__(self, path: Path, worker: Worker, notices: Sequence[str]) -> None:
        self.notices = notices
        self._path = path
        self._worker = worker

    async def load(self, now: int) -> list[SessionCounts]:
        """See `TrafficStore.load`."""
        return await self._run(lambda connection: _load(connection, now), "reading counts")

    async def write(self, sessions: Sequence[SessionCounts]) -> None:
        """See `TrafficStore.write`."""
        await self._run(lambda connection: _write(connection, sessions), "writing counts")

    async def rows(self, key: SessionKey, table: str, since: int) -> list[Row]:
        """See `TrafficStore.rows`."""
        return await self._run(lambda connection: _rows(connection, key, table, since), "reading counts")

    async def forget(self, now: int) -> None:
        """See `TrafficStore.forget`."""
        await self._run(lambda connection: _forget(connection, now), "dropping old counts")

    async def close(self) -> None:
        """See `TrafficStore.close`."""
        await self._worker.close()

    async def _run(self, function: Callable[[sqlite3.Connection], T], what: str) -> T:
        try:
            return await self._worker.run(function)
        except (sqlite3.Error, OSError, ValueError) as error:
            text = f"{what} of messages failed: {error} ({self._path})"
            if is_damage(error):
                raise DamagedCounts(text, str(error)) from error
            raise (ReadOnlyCounts if is_read_only(error) else StoreError)(text) from error


def _opened(path: Path, now: int, finding: str | None) -> tuple[sqlite3.Connection, list[str]]:
    if finding is None or not path.exists():
        try:
            return _connect(path), []
        except (sqlite3.DatabaseError, ValueError) as error:
            if isinstance(error, sqlite3.Error) and not is_damage(error):
                raise
            finding = str(error)
    notice = _set_aside(path, now, finding)
    return _connect(path), [notice]


def _set_aside(path: Path, now: int, finding: str) -> str:
    """Move a damaged file out of the way; returns what to say of it."""
    aside = path.with_name(f"{path.name}.damaged-{now}")
    path.rename(aside)
    for side in ("-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)
    notice = (
        f"The counts of messages could not be read ({finding}): they begin anew; what was there is {aside}."
    )
    _log.warning("%s", notice)
    return notice


def _connect(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise ValueError(f"a newer wa-tui wrote them: version {version}")
        if version == 0:
            connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
        (finding,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if finding != "ok":
            raise ValueError(finding)
        for table in (*_STEPS, "sessions"):
            connection.execute(f"SELECT * FROM {table} LIMIT 0")
    except BaseException:
        connection.close()
        raise
    return connection


def _load(connection: sqlite3.Connection, now: int) -> list[SessionCounts]:
    rows: dict[str, defaultdict[SessionKey, list[Row]]] = {
        "hours": defaultdict(list),
        "days": defaultdict(list),
    }
    for table, since in (("hours", now // HOUR - 1), ("days", now // DAY - 1)):
        query = f"SELECT at, gateway, session_id, counts FROM {table} WHERE at BETWEEN ? AND ?"
        for at, gateway, session_id, counts in connection.execute(query, (since, since + 1)):
            steps = unpacked(counts, _STEPS[table] * _FLOWS)
            rows[table][SessionKey(gateway, session_id)].append(Row(at, steps))
    found = []
    for gateway, session_id, last, boot, counted in connection.execute(
        "SELECT gateway, session_id, last, boot, counted FROM sessions"
    ):
        key = SessionKey(gateway, session_id)
        lasts, marks = _numbers(last), _numbers(counted) if boot else []
        found.append(SessionCounts(key, rows["hours"][key], rows["days"][key], lasts, boot, marks))
    return found


def _write(connection: sqlite3.Connection, sessions: Sequence[SessionCounts]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for table in _STEPS:
            connection.executemany(
                _WRITE_ROW.format(table),
                (
                    (at, *each.key, packed(counts))
                    for each in sessions
                    for at, counts in (each.hours if table == "hours" else each.days)
                ),
            )
        connection.executemany(_WRITE_SESSION, map(_session_row, sessions))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _session_row(each: SessionCounts) -> tuple[object, ...]:
    day = max((at for at, _ in each.days), default=0)
    return (
        *each.key,
        msgspec.json.encode([*each.last]),
        each.boot,
        msgspec.json.encode([*each.counted]),
        day,
    )


def _rows(connection: sqlite3.Connection, key: SessionKey, table: str, since: int) -> list[Row]:
    steps = _STEPS[table]
    query = f"SELECT at, counts FROM {table} WHERE at = ? AND gateway = ? AND session_id = ?"
    until = since + (KEPT_HOURS if table == "hours" else KEPT_DAYS) + 1
    return [
        Row(at, unpacked(counts, steps * _FLOWS))
        for step in range(since, until)
        for at, counts in connection.execute(query, (step, *key))
    ]


def _forget(connection: sqlite3.Connection, now: int) -> None:
    hours, days = now // HOUR, now // DAY
    connection.execute("DELETE FROM hours WHERE at < ? OR at > ?", (hours - KEPT_HOURS, hours + 1))
    connection.execute("DELETE FROM days WHERE at < ? OR at > ?", (days - KEPT_DAYS, days + 1))
    connection.execute("DELETE FROM sessions WHERE day < ? OR day > ?", (days - KEPT_DAYS, days + 1))


def _numbers(blob: object) -> list[int]:
    try:
        found = msgspec.json.decode(blob, type=list[int]) if isinstance(blob, bytes) else []
    except msgspec.DecodeError:
        return []
    return found if len(found) == _FLOWS else []
