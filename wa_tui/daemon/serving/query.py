"""What a query asks for, read from its text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import QueryParams

from wa_tui.model.registers import SECOND

from ..views.journal import Cursor

Word = TypeVar("Word", bound=StrEnum)

_LAST_ID = 2**62
_STORE = re.compile("[0-9a-z]{1,64}")


class BadQuery(ValueError):
    """A query that cannot be answered; the text says why."""


def numbers(query: QueryParams, *names: str) -> dict[str, int]:
    """Return those of the names that are given. Raises `BadQuery`."""
    try:
        found = {name: int(query[name]) for name in names if name in query}
    except ValueError as error:
        raise BadQuery(f"{' and '.join(names)} are numbers") from error
    if any(abs(number) > _LAST_ID for number in found.values()):
        raise BadQuery(f"{' and '.join(names)} are ids and a count: too large")
    return found


def instant(query: QueryParams, name: str) -> int | None:
    """Return an instant in the model's milliseconds. Raises `BadQuery`."""
    if name not in query:
        return None
    try:
        at = datetime.fromisoformat(query[name])
        return max(0, round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * SECOND))
    except (ValueError, OverflowError) as error:
        raise BadQuery(f"{name} is no instant: write it in ISO 8601, as 2026-11-23T12:40:58Z") from error


def members(query: QueryParams, name: str, known: type[Word]) -> list[Word] | None:
    """Return the words of a closed list that are wanted, ``None`` for all. Raises `BadQuery`."""
    if name not in query:
        return None
    try:
        return [known(word) for word in query.getlist(name)]
    except ValueError as error:
        raise BadQuery(f"{error}; there are {' '.join(known)}") from error


def cursor(query: QueryParams) -> Cursor | None:
    """Return where a feed is to go on, ``None`` for one that begins. Raises `BadQuery`."""
    after, store = query.get("after"), query.get("store")
    if after is None and store is None:
        return None
    if after is None or store is None:
        raise BadQuery(
            "after and store go together: an event's id, and the store of the snapshot that had it"
        )
    if not after.isdecimal() or not after.isascii() or len(after) > 18:
        raise BadQuery(f"after is the id of an event, a number: not {after[:40]!r}")
    if not _STORE.fullmatch(store):
        raise BadQuery(f"store is what a snapshot says of its store: not {store[:40]!r}")
    return Cursor(int(after), store)
