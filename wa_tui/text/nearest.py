"""Names that are like a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], *, most: int = 1, cutoff: float = 0.6) -> list[str]:
    """Return the known names that a word is like, the likest first; ``cutoff`` 1 is the same alone."""
    # Imported for a mistyped name alone: no other command is to load difflib.
    from difflib import get_close_matches

    return get_close_matches(word, list(known), most, cutoff)


def or_nearest(word: str, known: Iterable[str]) -> str:
    """Return how to go on after a word that is none of those known: ``heal is``, or all there are."""
    names = list(known)
    near = nearest(word, names)
    return f"{near[0]} is" if near else f"there are {' '.join(names)}"
