"""The keys of the API: what is kept of each is a digest, from which no secret comes back."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from .damage import Damage, fetch, of_table, readable
from .protocol import ApiKey
from .rows import insert
from .writing import transaction

_COLUMNS = (
    *("name", "digest", "scopes", "gateways", "user_id"),
    *("created_at", "created_by", "revoked_at", "revoked_by"),
)
_READ = f"SELECT {', '.join(_COLUMNS)} FROM api_keys ORDER BY created_at, name"
_WRITE = insert("api_keys", _COLUMNS, ("name",))
_LISTS = ("scopes", "gateways")


def read_api_keys(connection: sqlite3.Connection, damage: Damage) -> list[ApiKey]:
    """Return all keys, oldest first; one that cannot be read opens nothing."""
    return readable(fetch(connection, _READ), _keys_of, of_table(damage, "api_keys", 0))


def write_api_key(connection: sqlite3.Connection, key: ApiKey) -> None:
    """Write a key, or what became of it."""
    values = {name: getattr(key, name) for name in _COLUMNS}
    values |= {name: msgspec.json.encode(values[name]).decode() for name in _LISTS}
    with transaction(connection):
        connection.execute(_WRITE, (*values.values(),))


def _keys_of(rows: Any) -> list[ApiKey]:
    return [_key_of(dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def _key_of(row: dict[str, Any]) -> ApiKey:
    """Return what a row stands for. Raises ValueError."""
    for name in _LISTS:
        row[name] = msgspec.json.decode(row[name], type=tuple[str, ...]) if row[name] is not None else None
    return msgspec.convert(row, ApiKey)
