"""Foreign text on its way to the screen: names, reasons and errors that somebody else wrote."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rich.cells import cell_len, chop_cells

from wa_tui.identity.names import joins
from wa_tui.tui.look.widths import agree

agree()

ELLIPSIS = "…"
_MARKS_PER_LETTER = 2
_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]{0,1024}(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS …
    r"|\x1b[ -/]*[0-~]?"
)
_SPACES = frozenset("\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_REPLACED = frozenset({"Cs", "Co", "Cn"})
_DROPPED = frozenset({"Cc", "Cf"})
_ZWNJ = "\u200c"
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks that show nothing: a name of them would look like none."""


@lru_cache(8192)
def clean(text: str) -> str:
    """Return text that is safe on a terminal, on one line, each letter as wide as `rich.cells` says.

    Control characters, escape sequences and bidi controls go, line ends become spaces, and what has no glyph becomes
    ``�``. A ZWNJ stays between letters, where it takes no cell. Terminals disagree on joined emoji and variation
    selectors, and which one this is nobody can know: the parts stand alone, which is as wide everywhere.
    """
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    whole = unicodedata.normalize("NFC", _without_sequences(text))
    for place, char in enumerate(whole):
        category = unicodedata.category(char)
        if char in _SPACES:
            char = " "
        elif char == _ZWNJ and kept and joins(whole, place):
            pass
        elif category in _DROPPED or char in _FILLERS or _is_modifier(char):
            continue
        elif category in _REPLACED:
            char = "�"
        elif category in ("Mn", "Me"):
            marks += 1
            # A mark without a letter would land on the cell before ours.
            if not kept or kept[-1] == " " or marks > _MARKS_PER_LETTER:
                continue
            kept.append(char)
            continue
        elif category == "Mc" and (not kept or kept[-1] == " "):
            continue
        marks = 0
        kept.append(char)
    return "".join(kept)


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
    """Return a session's name in exactly ``width`` cells; an id is cut in its middle, for its end tells it apart."""
    text = clean(text)
    is_id = text.isascii() and "_" in text and " " not in text
    if not is_id or len(text) <= width or width < 8:
        return fit(text, width)
    tail = width // 2
    return f"{text[: width - tail - 1]}{ELLIPSIS}{text[-tail:]}"


def cut(text: str, width: int) -> str:
    """Return clean text in at most ``width`` cells, ending in ``…`` where some is missing."""
    text = clean(text)
    if cell_len(text) <= width:
        return text
    if width < 1:
        return ""
    used = 0
    kept: list[str] = []
    for char in text:
        wide = cell_len(char)
        if used + wide > width - 1:
            break
        used += wide
        kept.append(char)
    return "".join(kept).rstrip() + ELLIPSIS


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


def _is_modifier(char: str) -> bool:
    """Tell variation selectors and skin tones: zero or two cells wide, as each terminal likes."""
    code = ord(char)
    return 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or 0x1F3FB <= code <= 0x1F3FF


def _without_sequences(text: str) -> str:
    """Drop whole escape sequences, so that no ``[31m`` is left behind."""
    return _SEQUENCES.sub("", text)
