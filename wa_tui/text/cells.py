"""Foreign text on its way to the screen, in as many cells as there are."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len, chop_cells

from .cleaning import clean
from .widths import agree

__all__ = ["ELLIPSIS", "cell_len", "chop_cells", "cut", "fit", "fit_name", "wrap"]

# Whoever measures imports from here: before this Rich counts otherwise than terminals do.
agree()

ELLIPSIS = "…"
_NAME = 8
"""Cells from which on a name is cut in its middle."""


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Return clean text padded or cut (with ``…``) to exactly ``width`` cells."""
    text = clean(text)
    length = len(text) if text.isascii() else cell_len(text)
    if length > width:
        text = cut(text, width)
        length = cell_len(text)
    padding = " " * (width - length)
    return padding + text if right else text + padding


def fit_name(text: str, width: int) -> str:
    """Return a session's name in exactly ``width`` cells, cut in its middle, for its end tells it apart."""
    text = clean(text)
    if width < _NAME or cell_len(text) <= width:
        return fit(text, width)
    tail = _within(reversed(text), width // 2)[::-1]
    head = _within(text, width - 1 - cell_len(tail))
    return fit(f"{head}{ELLIPSIS}{tail}", width)


def cut(text: str, width: int) -> str:
    """Return clean text in at most ``width`` cells, ending in ``…`` where some is missing."""
    text = clean(text)
    if cell_len(text) <= width:
        return text
    if width < 1:
        return ""
    return _within(text, width - 1).rstrip() + ELLIPSIS


def _within(letters: Iterable[str], width: int) -> str:
    """Return as many of the first letters as ``width`` cells hold."""
    used = 0
    kept: list[str] = []
    for char in letters:
        used += cell_len(char)
        if used > width:
            break
        kept.append(char)
    return "".join(kept)


def wrap(text: str, width: int) -> list[str]:
    """Return clean text in lines of at most ``width`` cells, broken between words where that is possible."""
    lines = [""]
    for word in clean(text).split():
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
            continue
        parts = chop_cells(word, max(width, 2))
        lines = [*lines, *parts] if lines[-1] else parts
    return lines
