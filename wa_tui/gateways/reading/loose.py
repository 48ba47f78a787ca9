"""JSON as gateways write it when they go wrong: what can be read is, whatever stands beside it."""

from __future__ import annotations

import json
import re
from typing import NoReturn

import msgspec

DEEPEST = 32
"""Objects and lists within one another that are read; what is deeper is taken as ``null``."""

_DIGITS = 19
"""Of the longest integer that is read: 64 bits."""

_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


LOST = object()
"""Stands for a number that is none, or that no number here can hold: something was there."""


class Unreadable(ValueError):
    """It is no JSON, or not what it should be; the words say what it is instead."""


def loads(content: bytes) -> object:
    """Decode JSON, and what a strict decoder refuses; raises `Unreadable`.

    A byte-order mark, characters that are none, halves of emojis, numbers that are none or too long, and what is too
    deep cost themselves alone. A key that comes twice means what it said last.
    """
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = content.decode("utf-8-sig", "replace")
    try:
        try:
            return _decoder.decode(text)
        except RecursionError:
            return _decoder.decode(_shallow(text))
    except ValueError as error:
        raise Unreadable(_is_instead(text, error)) from error


def _is_instead(text: str, error: ValueError) -> str:
    """Say what a body is that is no JSON: nobody who reads that knows a decoder's words."""
    start = text.strip()
    if not start:
        return "it is empty"
    if start.startswith("<"):
        return "it is a web page or XML, not JSON"
    at = error.pos if isinstance(error, json.JSONDecodeError) else 0
    if start[0] in "{[" and start[-1] not in "}]":
        return "its JSON is cut off"
    if start[0] in "{[":
        return f"it is no JSON from character {at + 1} on"
    return "it is no JSON"


def repaired(text: str) -> str:
    """Return a text without halves of characters, as JavaScript leaves when it cuts one: they cannot be stored."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _integer(digits: str) -> object:
    return int(digits) if len(digits.lstrip("-")) <= _DIGITS else LOST


def _number(digits: str) -> object:
    value = float(digits)
    return value if abs(value) != float("inf") else LOST


def _constant(_: str) -> object:
    return LOST


_decoder = json.JSONDecoder(parse_int=_integer, parse_float=_number, parse_constant=_constant, strict=False)


def _shallow(text: str) -> str:
    """Return JSON with ``null`` in place of what is deeper than `DEEPEST`."""
    parts, depth, begin = [], 0, 0
    for match in _BRACKETS.finditer(text):
        bracket = match.group()
        if bracket in "[{":
            depth += 1
            if depth == DEEPEST + 1:
                parts += [text[begin : match.start()], "null"]
        elif bracket in "]}":
            if depth == DEEPEST + 1:
                begin = match.end()
            depth -= 1
    if depth > DEEPEST:
        _fail("it ends within what is too deep to be read")
    return "".join([*parts, text[begin:]])


def _fail(detail: str) -> NoReturn:
    raise Unreadable(detail)
