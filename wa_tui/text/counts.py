"""Numbers of things, as a sentence has them."""

from __future__ import annotations


def many(number: int, one: str, more: str = "") -> str:
    """Return ``1 row`` and ``2 rows``; ``more`` is how several are called where that is not the word with an s."""
    return f"{number} {one if number == 1 else more or f'{one}s'}"
