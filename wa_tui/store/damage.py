"""Counts the rows that cannot be read, each once; the readers leave them out or mend them."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_log = logging.getLogger(__name__)

_COUNTED = 10_000
"""Damaged rows of a table that are remembered, so that a second read counts none of them twice."""

_LOGGED = 20
"""Rows of a table that have a line each in the log."""


class Damage:
    """Rows that could not be read, by table; noted by the threads that read, looked at by any."""

    def __init__(self) -> None:
        self._rows: defaultdict[str, set[Hashable]] = defaultdict(set)

    def __bool__(self) -> bool:
        return bool(self._rows)

    def note(self, table: str, row: Hashable, what: object) -> None:
        """Count a row, named by its id or key, unless it is counted already; ``what`` says what is wrong."""
        rows = self._rows[table]
        if row in rows or len(rows) >= _COUNTED:
            return
        rows.add(row)
        if len(rows) <= _LOGGED:
            _log.warning("What is stored in table %s as %r cannot be read: %s", table, row, what)

    def counts(self) -> dict[str, int]:
        """Return how many rows of which tables."""
        return {table: len(rows) for table, rows in sorted(self._rows.copy().items())}

    def detail(self) -> str:
        """Return the same in words: ``3 rows of events, 1 row of meta``."""
        return ", ".join(
            f"{count:,} {'row' if count == 1 else 'rows'} of {table}"
            for table, count in self.counts().items()
        )


def fetch(connection: sqlite3.Connection, sql: str, values: Any = ()) -> list[Any]:
    """Return all rows of a query at once; text that is not UTF-8 comes as bytes, which no text column may hold.

    At once, so that one that cannot be decoded leaves no statement, and its lock, open.
    """
    try:
        return connection.execute(sql, values).fetchall()
    except sqlite3.OperationalError as error:
        # Python's own complaint about a text has no code of SQLite's.
        if getattr(error, "sqlite_errorcode", None) is not None:
            raise
    connection.text_factory = _text
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.text_factory = str


def readable(
    rows: Sequence[Any],
    read: Callable[[Sequence[Any]], list[T]],
    noted: Callable[[Any, Exception], None],
    mend: Callable[[Sequence[Any]], list[T]] | None = None,
) -> list[T]:
    """Return what rows stand for, in order; ``noted`` is told of each that cannot be read.

    Such a one is left out unless ``mend`` can read it. Both raise ValueError where they cannot.
    """
    try:
        return read(rows)
    except ValueError:
        # One of them, or more.
        pass
    found: list[T] = []
    for row in rows:
        try:
            found += read([row])
        except ValueError as error:
            noted(row, error)
            if mend is not None:
                with contextlib.suppress(ValueError):
                    found += mend([row])
    return found


def of_table(damage: Damage, table: str, *columns: int) -> Callable[[Any, Exception], None]:
    """Return what notes a row of a table that cannot be read; the columns are its name."""

    def noted(row: Any, error: Exception) -> None:
        damage.note(table, tuple(row[column] for column in columns), error)

    return noted


def salvaged(kind: type[T], sources: Iterable[dict[str, Any]]) -> T:
    """Return a struct of each field's first value that can be read, the others at their defaults.

    Raises ValueError where one without a default cannot be read.
    """
    sources = [*sources]
    kept: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):  # type: ignore[arg-type]  # it is a struct
        for source in sources:
            if field.name not in source:
                continue
            try:
                kept[field.name] = msgspec.convert(source[field.name], field.type, strict=False)
            except ValueError:
                continue
            break
    try:
        return kind(**kept)
    except TypeError as error:
        raise ValueError(str(error)) from error


def _text(stored: bytes) -> str | bytes:
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored
