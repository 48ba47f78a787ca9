"""The screen in ASCII, for a terminal or a locale without Unicode: every glyph has a form of the same width."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from wa_tui.text.cells import cell_len

_FORMS = {
    **dict.fromkeys("●◆", "*"),
    **dict.fromkeys("○◯", "o"),
    **dict.fromkeys("◌–—─╌╴╶−·", "-"),
    **dict.fromkeys("◐", "~"),
    **dict.fromkeys("▣▦■", "#"),
    **dict.fromkeys("✖×", "x"),
    **dict.fromkeys("✓", "+"),
    **dict.fromkeys("━═", "="),
    **dict.fromkeys("│┃║‖▏▎▍▕", "|"),
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼╱╲", "+"),
    **dict.fromkeys("▌▐█▶▸›»→", ">"),
    **dict.fromkeys("◀◂‹«←", "<"),
    **dict.fromkeys("↑▲▴", "^"),
    **dict.fromkeys("↓▼▾", "v"),
    **dict.fromkeys("•∙", "."),
    # A dot may be the text's own: what is cut must not look whole.
    "…": "~",
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”", '"'),
    # What is left of block elements are the ends of scroll bars, which their ground draws.
    **dict.fromkeys("▁▂▃▄▅▆▇▀▔", " "),
}
_UNKNOWN = "?"


class Ascii(LineFilter):
    """Puts every line into ASCII on its way to the terminal, foreign names included."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments, each as wide as it was."""
        return [
            segment
            if segment.text.isascii()
            else Segment(ascii_of(segment.text), segment.style, segment.control)
            for segment in segments
        ]


@lru_cache(4096)
def ascii_of(text: str) -> str:
    """Return text in ASCII and as many cells: letters lose their accents, what has no form is ``?``."""
    return "".join(_form(char) for char in text)


def _form(char: str) -> str:
    if char.isascii():
        return char
    width = cell_len(char)
    plain = _FORMS.get(char) or unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
    return plain if len(plain) == width and plain.isprintable() else _UNKNOWN * width


def speaks_utf8(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a locale's characters are UTF-8; one that is not set says nothing against it."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    if locale == "C.UTF-8" and not environ.get("LC_ALL") and environ.get("LANG") in ("C", "POSIX"):
        return False  # Python's own doing (PEP 538): what was asked for is C.
    return not locale or "utf8" in locale.lower().replace("-", "")
