"""Words of the filter language, and what is quoted in them: a name with spaces, or exactly that name."""

from __future__ import annotations

import re

_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_WORD = re.compile(rf"!?\w+:{_QUOTED.pattern}(?!\S)|\S+")


def split_words(text: str) -> list[str]:
    """Return the words of a filter: between spaces, unless these are quoted after a field (``user:"A b"``)."""
    return _WORD.findall(text)


def quoted(field: str, value: str) -> str:
    """Return the word that finds exactly a value in a field; a quote in it is doubled."""
    doubled = value.replace('"', '""')
    return f'{field}:"{doubled}"'


def is_quoted(value: str) -> bool:
    """Tell whether a field's value begins with a quote."""
    return value.startswith('"')


def unquoted(value: str) -> str | None:
    """Return what is quoted, ``None`` while the quote has no end."""
    return value[1:-1].replace('""', '"') if _QUOTED.fullmatch(value) else None


def endless(field: str, value: str) -> str:
    """Say what a quote without an end lacks."""
    return f"{field}:{value} is not finished; end what is quoted with another quote"
