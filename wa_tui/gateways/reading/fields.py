"""The fields of an answer, each read for what it plainly is, and counted where that is not what was agreed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import Call, Garbled
from . import plain
from .loose import Unreadable, loads

T = TypeVar("T")

Decoration = Counter[str]
"""Fields that had another type than agreed, and were read for what they plainly are, or dropped: how often each."""


def object_of(call: Call, body: bytes) -> dict[str, Any]:
    """Return an answer's fields; raises `Garbled`."""
    try:
        told = loads(body)
    except Unreadable as error:
        raise Garbled(call, f"{error} in {sample(body)}") from error
    if not isinstance(told, dict):
        raise Garbled(call, f"no object: {sample(body)}")
    return told


def read(
    raw: dict[str, Any],
    field: str,
    reader: Callable[[object], T | None],
    agreed: type | tuple[type, ...],
    odd: Decoration,
) -> T | None:
    """Return what a field plainly is, and count it where that is not what was agreed."""
    value = raw.get(field)
    if value is None or value == "":
        return None
    found = reader(value)
    if not plain.is_as_agreed(value, agreed, found):
        odd[field] += 1
    return found


def sample(body: bytes) -> str:
    """Return the beginning of an answer, to be shown."""
    return repr(body[:60].decode("utf-8", "replace")) if body else "an empty body"
