"""How the monitor looks on this terminal: its theme, its letters (ASCII where it has no others), its window's title."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from wa_tui.config import Ui
from wa_tui.text.cells import cell_len
from wa_tui.text.cleaning import clean
from wa_tui.tui.output.app import FrugalApp
from wa_tui.tui.output.window import former_name
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.style.palette import Palette
from wa_tui.tui.style.theme import dress

_FORMS = {
    **dict.fromkeys("●◆", "*"),
    **dict.fromkeys("○◯◍", "o"),
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


CSS = """
Screen { background: $background; color: $foreground; }
ModalScreen { background: $backdrop; }
Input > .input--placeholder { color: $quiet; text-style: $quiet-style; }
Input > .input--selection { text-style: $selection-style; }
"""
_ASCII = Ascii()


class Appearance:
    """As ``ui`` wants it, and as the terminal can."""

    def __init__(self, app: FrugalApp[Any], ui: Ui) -> None:
        self._app = app
        self._ui = ui
        self.ascii = app.ascii = not speaks_utf8() if ui.ascii is None else ui.ascii
        self.chosen_theme: str | None = None
        """The theme that a person chose here."""
        dress(app, ui.theme)

    @property
    def line_filters(self) -> tuple[LineFilter, ...]:
        """What every line passes on its way to the terminal, besides Textual's own."""
        return (_ASCII,) if self.ascii else ()

    def choose_theme(self, name: str) -> Notice | None:
        """Show another theme at once, and tell where that changes nothing. Raises KeyError; `SCHEMES` has the names."""
        dress(self._app, name)
        self.chosen_theme = name
        palette = Palette.of(self._app)
        if palette.plain or palette.scheme.name != name:
            why_not = "this terminal shows its own 16 colours, or none: every theme looks the same on it"
            return Notice(why_not, "quiet")
        return None

    def spelled(self, text: str) -> str:
        """Return a text in letters that the terminal has."""
        return ascii_of(clean(text)) if self.ascii else text

    def entitle(self, text: str) -> None:
        """Have the terminal's window say how the fleet is."""
        if self._app.window is not None and self._ui.window_title:
            self._app.window.show(self.spelled(text))

    async def name_window(self) -> None:
        """Give the multiplexer's window our title for its name too, where we may and know what to give back."""
        if self._app.window is not None and self._ui.window_title:
            former = await former_name()
            if former is not None:
                self._app.window.rename(former)
