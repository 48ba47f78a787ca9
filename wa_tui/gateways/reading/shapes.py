"""JSON read into the fields that are wanted: what stands beside them is passed over, and costs next to nothing.

A shape is a struct whose fields are optional, each an `Other` or a shape within: so any JSON fits it, and an object
where a text was agreed, or a text where an object was, costs that field alone.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from .loose import Unreadable, loads

T = TypeVar("T")

Scalar = str | int | float | bool | None

Other = list[Any] | Scalar
"""What may stand where a shape is expected."""


class Passed(msgspec.Struct, frozen=True, gc=False):
    """An object nothing of which is wanted."""


def decoder(shape: type[T]) -> msgspec.json.Decoder[T | Other]:
    """Return what decodes a body of that shape; anything that is no object is returned as it is."""
    return msgspec.json.Decoder(shape | Other)


def shaped(body: bytes, decode: msgspec.json.Decoder[T | Other]) -> T:
    """Return a body in its shape; raises `Unreadable` where it is no JSON, or no object."""
    try:
        found = decode.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = _mended(body, decode)
    if found is None or isinstance(found, str | int | float | list):
        raise Unreadable("it is no object")
    return found


def _mended(body: bytes, decode: msgspec.json.Decoder[T | Other]) -> T | Other:
    """Return what a strict decoder refuses, read as `loads` reads it; a number that is none is nothing."""
    try:
        plain = msgspec.to_builtins(loads(body), enc_hook=_nothing)
        return msgspec.convert(plain, decode.type)
    except RecursionError as error:
        raise Unreadable("it is too deep to be read") from error


def _nothing(_: object) -> None:
    """Stand for what `loads` says was lost."""
