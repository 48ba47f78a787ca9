"""How the monitor looks on this terminal: its theme, its letters, the title of its window."""

from __future__ import annotations

from typing import Any

from textual.filter import LineFilter

from wa_tui.config import Ui
from wa_tui.text.cleaning import clean
from wa_tui.tui.output.app import FrugalApp
from wa_tui.tui.output.tmux import former_name
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.style.ascii import Ascii, ascii_of, speaks_utf8
from wa_tui.tui.style.palette import Palette
from wa_tui.tui.style.theme import dress

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
            told = "this terminal shows its own 16 colours, or none: every theme looks the same on it"
            return Notice(told, "quiet")
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
