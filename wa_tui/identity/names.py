"""Names that people give: any text that can be shown, joiners included where a script or an emoji needs them."""

from __future__ import annotations

import unicodedata

JOINERS = frozenset("\u200c\u200d")
"""ZWNJ and ZWJ: Persian and Indic words are not spelled without them, nor are families of emoji."""


def is_shown(text: str) -> bool:
    """Tell whether every character can be shown, or joins two that can; a joiner anywhere else only misleads."""
    return all(
        char.isprintable() or (char in JOINERS and joins(text, place)) for place, char in enumerate(text)
    )


def joins(text: str, place: int) -> bool:
    """Tell whether what stands at ``place`` is between two letters, marks or symbols."""
    return 0 < place < len(text) - 1 and _is_joined(text[place - 1]) and _is_joined(text[place + 1])


def _is_joined(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LM" or category in ("So", "Sk")
