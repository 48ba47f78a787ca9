"""Reads a database that cannot be opened for writing, and changes nothing of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

from wa_tui.model.fleet import Fleet

from . import schema
from .backlog import Backlog
from .backup_copy import read_side
from .damage import Damage
from .errors import DamagedError
from .files import connect, has_log, lived
from .loading import Loading
from .protocol import Loaded, Provenance
from .vitals import alive_at, incarnation, last_event_id

_FAILURES = (sqlite3.Error, OSError, ValueError, DamagedError)


@dataclass(frozen=True, slots=True)
class View:
    """An open database and its content; where only the side file could be read, ``connection`` is an empty one."""

    connection: sqlite3.Connection
    loaded: Loaded
    backlog: Backlog
    damage: Damage
    alone: bool = False
    """Our connection locks the database: nothing else can open it."""


def view(path: Path) -> View:
    """Return what can be read of a database, or else of its side file."""
    # What asks least of the disk comes last: the log's index needs room, a lock a file that can be written to.
    for way in (_shared, _alone, _as_it_stands):
        connection = None
        try:
            connection = way(path)
            return replace(_read(connection, path), alone=way is _alone)
        except _FAILURES:
            if connection is not None:
                connection.close()
    return _aside(path)


def _shared(path: Path) -> sqlite3.Connection:
    """As it is read beside others; the log's index needs a file, and room for it."""
    return connect(path, read_only=True)


def _alone(path: Path) -> sqlite3.Connection:
    """As it is read by one alone: the log's index is in memory."""
    connection = connect(path)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    return connection


def _as_it_stands(path: Path) -> sqlite3.Connection:
    """As it is read where nothing can be locked or written, which is right only while there is no log."""
    if has_log(path):
        raise OSError("its log would be missing")
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


def _read(connection: sqlite3.Connection, path: Path) -> View:
    if connection.execute("PRAGMA user_version").fetchone()[0] != len(schema.MIGRATIONS):
        raise DamagedError("it is of another version")
    damage = Damage()
    fleet, backlog = Loading(connection, path, damage).fleet()
    last = last_event_id(connection)
    # An action that is open is closed by a store that can write: none is listed here.
    loaded = Loaded(fleet, last, alive_at(connection), [], Provenance.INTACT, [], incarnation(connection))
    return View(connection, loaded, backlog, damage)


def _aside(path: Path) -> View:
    fleet, at, provenance = Fleet(), None, Provenance.UNREAD
    try:
        side = read_side(path)
        fleet, at = side.fleet(), side.at
    except DamagedError:
        if not path.parent.is_dir() or not lived(path):
            provenance = Provenance.FRESH
    blank = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    schema.migrate(blank, 0)
    loaded = Loaded(fleet, 0, at, [], provenance, [])
    return View(blank, loaded, Backlog({}, {}, range(1, 1), 0, 0), Damage())
