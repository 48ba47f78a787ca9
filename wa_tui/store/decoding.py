"""Decodes the JSON bodies of rows, those of older versions too."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from wa_tui.identity.users import user_text

T = TypeVar("T")

_ANYTHING = msgspec.json.Decoder()


class BodyDecoder(Generic[T]):
    """Decodes bodies of one type; raises `msgspec.MsgspecError` for what is none.

    Until schema 5 a user's id could be a number. Events are never rewritten, and a side file may be of any age, so
    such a number is read as the text that it is today.
    """

    def __init__(self, kind: type[T]) -> None:
        self._decode = msgspec.json.Decoder(kind).decode

    def __call__(self, body: bytes | str) -> T:
        """Return what a body says."""
        try:
            return self._decode(body)
        except msgspec.ValidationError:
            if b"user_id" not in (body if isinstance(body, bytes) else body.encode()):
                raise
        return self._decode(msgspec.json.encode(_with_text_users(_ANYTHING.decode(body))))


def _with_text_users(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_text_users(each) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {name: _with_text_users(each) for name, each in value.items()}
    if type(changed.get("user_id")) is int:
        changed["user_id"] = user_text(changed["user_id"])
    return changed
