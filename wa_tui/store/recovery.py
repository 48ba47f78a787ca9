"""Opens a database: makes it, takes it up, or rebuilds it from its side file when it cannot be trusted."""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from . import schema, wal
from .backlog import Backlog
from .backup_copy import read_head, read_side
from .damage import Damage
from .errors import DamagedError, is_corrupt, is_damage, unavailable
from .files import (
    born_path,
    connect,
    create,
    free_name,
    has_log,
    lived,
    prepare,
    set_aside,
    side_path,
    sync_directory,
    utc,
    write_whole,
)
from .loading import Loading
from .messages import read_open_actions
from .protocol import Loaded, Provenance, StoreError
from .snapshot import Snapshot
from .vitals import alive_at, begin_incarnation, incarnation, last_event_id, look_over
from .writing import restore, transaction

MARGIN = 100_000_000
"""Ids left out after a rebuild: more events than can have been stored since an hourly side file."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A database ready for use, and what it holds."""

    connection: sqlite3.Connection
    loaded: Loaded
    backlog: Backlog
    damage: Damage


def open_database(path: Path, now: int, halt: threading.Event | None = None) -> Opened:
    """Open a database, whatever became of it; raises StoreError when it must not or cannot be touched.

    Once ``halt`` is set, that is given up.
    """
    try:
        prepare(path)
        opened = _open(path, now, halt)
        if not born_path(path).exists():
            write_whole(born_path(path), f"{utc(now)}\n".encode())
    except (OSError, sqlite3.Error) as error:
        raise unavailable(error, path) from error
    for notice in opened.loaded.notices:
        _log.warning("%s", notice)
    return opened


def _open(path: Path, now: int, halt: threading.Event | None) -> Opened:
    # Before anything opens the file: SQLite takes a damaged log up to its first bad frame, and says nothing.
    log = wal.written(path)
    try:
        version = _version(path)
        if version is None:
            if not lived(path) and not has_log(path):
                return _make(path, Provenance.FRESH, [], None, 0)
            raise DamagedError("it is empty" if path.exists() else "it is missing")
        return _take_up(path, version, now, log, halt)
    except DamagedError as damage:
        return _replace(path, now, damage)


def _version(path: Path) -> int | None:
    """Return a file's schema version without writing to it, ``None`` if there is nothing in it."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with closing(connect(path, read_only=True)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if not tables:
                return None
            if "meta" not in tables:
                raise _foreign(path)
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            noted = schema.meta(connection, "schema")
            if noted != version:
                # One of the two is damaged: the tables themselves are those of one version alone.
                version = schema.version_of(connection) or (version if noted is None else -1)
    except (sqlite3.Error, ValueError) as error:
        raise _damaged(error, path) from error
    if version < 1:
        raise DamagedError(
            "it has another schema version in its header than inside, and the tables of neither"
        )
    if version > len(schema.MIGRATIONS):
        raise StoreError(
            f"{path} was written by a newer wa-tui (schema {version}, this one knows {len(schema.MIGRATIONS)}). "
            "It was left untouched: install the newer version again, or name another state directory."
        )
    return version


def _foreign(path: Path) -> Exception:
    if lived(path):
        return DamagedError("its tables are gone")
    return StoreError(f"{path} is another program's database. It was left untouched: name another file.")


def _take_up(path: Path, version: int, now: int, log: wal.Written, halt: threading.Event | None) -> Opened:
    """Open a file that is there: checked after an unclean end, mended, and never older than its side file."""
    connection = connect(path, halt=halt)
    try:
        if schema.meta(connection, "clean") != 1:
            _check(connection)
        _journal(connection, path)
        lost = log.lost(wal.taken_up(connection)) if log.frames else 0
        kept = wal.keep(path, free_name(path, now)) if lost else None
        schema.mark(connection, version)
        if version < len(schema.MIGRATIONS):
            _migrate(connection, path, version)
        # Reading it all is a check too: nothing but a migration was written until it has passed.
        opened = _catch_up(path, _load(connection, path, Provenance.INTACT, []))
        schema.set_meta(connection, "clean", 0)
        if lost:
            opened.loaded.notices.append(_lost(path, lost, kept, opened.loaded.alive_at))
        connection.set_progress_handler(None, 0)
        return opened
    except (sqlite3.Error, ValueError) as error:
        connection.close()
        raise _damaged(error, path) from error
    except BaseException:
        connection.close()
        raise


def _lost(path: Path, commits: int, kept: Path | None, alive_at: int | None) -> str:
    aside = f" It was kept as {kept}." if kept is not None else ""
    since = f"after {utc(alive_at)}" if alive_at is not None else "then"
    return (
        f"The write-ahead log of {path} is damaged: {commits} commits in it cannot be read.{aside} What came in, and "
        f"what was asked for, {since} is lost until gateways are asked again: all that is wanted is checked at once."
    )


def _migrate(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Take a file to the newest schema; one that resists is not taken for damaged, it is left as it was."""
    newest = len(schema.MIGRATIONS)
    _log.info("Taking %s from schema %d to %d: a million events take some ten seconds", path, version, newest)
    try:
        with transaction(connection):
            schema.migrate(connection, version)
    except sqlite3.Error as error:
        if is_corrupt(error):
            raise
        raise StoreError(
            f"{path} could not be taken from schema {version} to {newest}: {error}. "
            "It was left as it was: free space on its disk if it is full, or install the wa-tui that wrote it."
        ) from error


def _check(connection: sqlite3.Connection) -> None:
    """Look at every page after an end that was not clean; raises DamagedError."""
    finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if finding != "ok":
        raise DamagedError(f"SQLite's check found: {finding}")


def _damaged(error: Exception, path: Path) -> Exception:
    if isinstance(error, ValueError) or is_damage(error):
        return DamagedError(str(error))
    return unavailable(error, path)


def _journal(connection: sqlite3.Connection, path: Path) -> None:
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise StoreError(
            f"{path} cannot have a write-ahead log here (journal mode: {mode}). "
            "Put the state directory on a local file system."
        )
    # A webhook is answered 200 once it would survive a power cut; NORMAL does not promise that.
    connection.execute("PRAGMA synchronous = FULL")
    # Sessions change in no order: the pages of ten thousand of them, and of their index of events, stay at hand.
    connection.execute("PRAGMA cache_size = -8000")


def _catch_up(path: Path, opened: Opened) -> Opened:
    """Take the side file's fleet where the database is older: its log was lost, or a backup was put back."""
    connection, loaded = opened.connection, opened.loaded
    head = read_head(path)
    last = loaded.last_event_id
    # Of two copies that differ the newer one has what was acknowledged last.
    if head is None or head.last_event_id <= last:
        return opened
    try:
        side = read_side(path)
    except DamagedError as damage:
        loaded.notices.append(f"{path} seems older than its side file, but was taken as it is: {damage}.")
        return opened
    with transaction(connection):
        restore(connection, side, side.last_event_id + MARGIN)
    notice = (
        f"{path} is older than its side file (event {last}, side file {side.last_event_id}): its write-ahead log "
        f"was lost or an old copy was put back. Sessions and gateways were taken from {side_path(path)}, "
        f"of {utc(side.at)}; what came after is lost until the gateways are asked again."
    )
    return _load(connection, path, Provenance.REBUILT, [notice])


def _replace(path: Path, now: int, damage: DamagedError) -> Opened:
    """Put what cannot be trusted aside and start over, from the side file if that is any good."""
    kept = set_aside(path, now)
    what = f"The database {path} cannot be used: {damage}."
    if kept is not None:
        what += f" It was kept as {kept}."
    try:
        side = read_side(path)
    except DamagedError as trouble:
        notice = (
            f"{what} It could not be rebuilt: {trouble}. What was wanted of sessions is lost: "
            "the gateways' sessions are adopted as they are found."
        )
        # Milliseconds since the epoch are above any id handed out before.
        return _make(path, Provenance.LOST, [notice], None, now)
    notice = (
        f"{what} It was rebuilt from {side_path(path)}, of {utc(side.at)}: "
        "events and API keys are gone, what changed since then is lost until the gateways are asked again."
    )
    return _make(path, Provenance.REBUILT, [notice], side, side.last_event_id + MARGIN)


def _make(
    path: Path, provenance: Provenance, notices: list[str], side: Snapshot | None, last_event_id: int
) -> Opened:
    """Make a new database in one transaction, so that a crash leaves an empty one, not a fleet of none."""
    if not path.exists():
        create(path)
    connection = connect(path)
    try:
        _journal(connection, path)
        with transaction(connection):
            schema.migrate(connection, 0)
            schema.set_meta(connection, "clean", 0)
            schema.set_meta(connection, "last_event_id", last_event_id)
            if side is not None:
                restore(connection, side, last_event_id)
        sync_directory(path)
        return _load(connection, path, provenance, notices)
    except BaseException:
        connection.close()
        raise


def _load(connection: sqlite3.Connection, path: Path, provenance: Provenance, notices: list[str]) -> Opened:
    """Read it all; what had to be mended is written anew."""
    damage = Damage()
    loading = Loading(connection, path, damage)
    fleet, backlog = loading.fleet()
    look_over(connection, damage)
    if loading.mending:
        with transaction(connection):
            loading.mending.write(connection)
    loaded = Loaded(
        fleet=fleet,
        last_event_id=last_event_id(connection),
        alive_at=alive_at(connection),
        open_actions=read_open_actions(connection, damage),
        provenance=provenance,
        notices=notices,
        incarnation=incarnation(connection) or begin_incarnation(connection),
    )
    if doubtful := len(loading.mending.doubtful):
        notices.append(
            f"What commits left for later cannot be read in {path}: {doubtful} sessions were taken up as their events "
            "tell, and may be older than they were; all that is wanted is checked at once."
        )
    return Opened(connection, loaded, backlog, damage)
