"""Reads JSON bodies as any version wrote them: the one place that knows yesterday's names.

Events are never rewritten, and a backup copy may be of any age: what was renamed since is renamed here on the way in,
and nothing else of wa_tui knows the old name. Columns are renamed by a step of `wa_tui.store.schema` instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from wa_tui.identity.users import user_text

T = TypeVar("T")

FIELDS: dict[str, str] = {"words": "detail", "silence": "unanswered", "silent_since": "unanswered_since"}
"""Fields that were renamed, in whatever object of a body: the old name and today's. Old names are not given again."""

TAGS: dict[str, str] = {}
"""Facts whose ``type`` was renamed: the old one and today's."""

_ANYTHING = msgspec.json.Decoder()


def _quoted(name: str) -> bytes:
    return f'"{name}"'.encode()


class Renaming:
    """Brings the names in a body up to date; text that only looks like a name stays as it is.

    No parser is needed: a quotation mark within a JSON string has a backslash before it, so that ``"name"`` before a
    colon is a key.
    """

    def __init__(self, fields: Mapping[str, str], tags: Mapping[str, str]) -> None:
        self.fields = tuple(map(_quoted, fields))
        """The old names of fields, as they stand in a body."""
        self._steps = [
            *((re.compile(_quoted(old) + rb"(?=\s*:)"), _quoted(new)) for old, new in fields.items()),
            *((re.compile(rb'(?<="type":)' + _quoted(old)), _quoted(new)) for old, new in tags.items()),
        ]

    def __call__(self, body: bytes) -> bytes:
        """Return a body with today's names."""
        for old, new in self._steps:
            body = old.sub(new, body)
        return body


_today = Renaming(FIELDS, TAGS)


def body_decoder(kind: type[T], today: Renaming = _today) -> Callable[[bytes], T]:
    """Return what decodes bodies of one type; it raises `msgspec.MsgspecError` for what is none.

    An old tag or user is refused at first, and costs nothing where there is none. The old name of a field would be
    passed over in silence: it alone is looked for in every body.
    """
    decode = msgspec.json.Decoder(kind).decode
    old_names = today.fields

    def read(body: bytes) -> T:
        for name in old_names:
            if name in body:
                body = today(body)
                break
        try:
            return decode(body)
        except msgspec.ValidationError:
            body = today(body)
        return decode(msgspec.json.encode(_with_text_users(_ANYTHING.decode(body))))

    return read


def fields_of(body: bytes) -> dict[str, Any]:
    """Return the fields of a body that no decoder takes, by today's names; none where it is no JSON object."""
    try:
        fields = _ANYTHING.decode(_today(body))
    except ValueError:
        return {}
    return _with_text_users(fields) if isinstance(fields, dict) else {}


def _with_text_users(value: Any) -> Any:
    """Return a decoded body whose users are texts: until schema 5 a user's id could be a number."""
    if isinstance(value, list):
        return [_with_text_users(each) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {name: _with_text_users(each) for name, each in value.items()}
    if type(changed.get("user_id")) is int:
        changed["user_id"] = user_text(changed["user_id"])
    return changed
