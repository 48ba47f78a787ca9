"""Turns SQLite's and the file system's errors into `StoreError`, with what to do next."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from .protocol import RefusedValue, StoreError, StoreUnavailable

_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_ADVICE = {
    sqlite3.SQLITE_FULL: "free space on its file system, and the store goes on by itself",
    sqlite3.SQLITE_BUSY: "another program holds its lock: end it (`fuser` names it)",
    sqlite3.SQLITE_LOCKED: "another program holds its lock: end it (`fuser` names it)",
    sqlite3.SQLITE_READONLY: "make the file and its directory writable for this user",
    sqlite3.SQLITE_CANTOPEN: "make the file and its directory writable for this user",
    sqlite3.SQLITE_PERM: "make the file and its directory writable for this user",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write: see the kernel's log and the free space",
}
_PASSING = frozenset({*_ADVICE, sqlite3.SQLITE_NOMEM})
"""What may be over in a while."""

_VALUES = (
    *(ValueError, TypeError, OverflowError),
    *(sqlite3.InterfaceError, sqlite3.ProgrammingError, sqlite3.DataError),
)
_RULES = frozenset(
    {sqlite3.SQLITE_CONSTRAINT_NOTNULL, sqlite3.SQLITE_CONSTRAINT_CHECK, sqlite3.SQLITE_MISMATCH}
)
"""What a value alone can break: the other constraints are between rows."""

_RESTART = "restart the daemon: it checks the file and rebuilds a damaged one from its side file"


class DamagedError(Exception):
    """A database file cannot be trusted; the text says what was found."""


def is_damage(error: Exception) -> bool:
    """Tell whether an error of one of our own statements means that the file itself is damaged.

    Our SQL is constant: "no such table" or text that is not UTF-8 (which has no code) can have no other cause.
    """
    if not isinstance(error, sqlite3.DatabaseError) or isinstance(error, sqlite3.ProgrammingError):
        return False
    code = _code(error)
    if code is None:
        return isinstance(error, sqlite3.OperationalError)
    return code == sqlite3.SQLITE_ERROR or code in _CORRUPT


def is_corrupt(error: sqlite3.Error) -> bool:
    """Tell whether SQLite itself says that the file is no sound database."""
    return _code(error) in _CORRUPT


def is_read_only(error: Exception) -> bool:
    """Tell whether a connection cannot write: one that was opened so stays so, whatever becomes of its file."""
    return isinstance(error, sqlite3.Error) and _code(error) == sqlite3.SQLITE_READONLY


def is_refusal(error: Exception) -> bool:
    """Tell whether a value is at fault that the store was given: a broken text, a number of more than 64 bits."""
    if isinstance(error, sqlite3.IntegrityError):
        return error.sqlite_errorcode in _RULES
    return isinstance(error, _VALUES)


def unavailable(error: Exception, path: Path) -> StoreError:
    """Return the error to raise where a store could not be opened: one that may pass, or not."""
    explanation = explained(error, path, "opening the store")
    if isinstance(error, OSError) or (isinstance(error, sqlite3.Error) and _code(error) in _PASSING):
        return StoreUnavailable(*explanation.args)
    return explanation


def explained(error: Exception, path: Path, doing: str) -> StoreError:
    """Return the error to raise: what happened, what failed (``doing``: "committing an event"), what to do, where.

    A header has room for the beginning alone.
    """
    cause, where, advice = str(error), path, ""
    if is_damage(error):
        advice = _RESTART
    elif isinstance(error, OSError):
        cause, where = error.strerror or cause, Path(error.filename or path)
        advice = "make the directory writable for this user and see that its disk has space"
    elif isinstance(error, sqlite3.Error):
        advice = _ADVICE.get(_code(error) or 0, "")
    kind = RefusedValue if is_refusal(error) else StoreError
    return kind("; ".join(filter(None, (f"{cause}: {doing} failed", advice))) + f" ({where})")


def _code(error: sqlite3.Error) -> int | None:
    """Return SQLite's primary result code."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
