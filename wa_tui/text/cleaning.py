"""Makes foreign text safe to show: names, reasons and errors that a gateway or another person wrote."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from wa_tui.identity.names import joins

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


def _is_modifier(char: str) -> bool:
    """Tell variation selectors and skin tones: zero or two cells wide, as each terminal likes."""
    code = ord(char)
    return 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or 0x1F3FB <= code <= 0x1F3FF


def _without_sequences(text: str) -> str:
    """Drop whole escape sequences, so that no ``[31m`` is left behind."""
    return _SEQUENCES.sub("", text)
