"""What a person sees and hears: theme, ASCII, who calls, and screens that are sent once as they open."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from textual.await_complete import AwaitComplete
from textual.filter import LineFilter
from textual.timer import Timer

from wa_tui.config import Ui
from wa_tui.text.cleaning import clean
from wa_tui.tui.notify import Burst, Caller
from wa_tui.tui.output.app import FrugalApp
from wa_tui.tui.output.tmux import former_name
from wa_tui.tui.output.window import desktop_notice
from wa_tui.tui.style.ascii import Ascii, ascii_of, speaks_utf8
from wa_tui.tui.style.palette import Palette
from wa_tui.tui.style.theme import dress
from wa_tui.tui.widgets.notice import NoticeLine

CALL_SECONDS = 60.0
CHANGE_SECONDS = 0.03
_ASCII = Ascii()


class Appearance(FrugalApp[None], inherit_bindings=False):
    """The app's half that a person looks at, as ``ui`` wants it."""

    CSS = """
    Screen { background: $background; color: $foreground; }
    ModalScreen { background: $backdrop; }
    Input > .input--placeholder { color: $quiet; text-style: $quiet-style; }
    Input > .input--selection { text-style: $selection-style; }
    """

    def __init__(self, *, ui: Ui, **options: Any) -> None:
        plain = "NO_COLOR" in os.environ
        # With its own colours Textual would turn everything into greys; NO_COLOR means none at all.
        super().__init__(ansi_color=plain or None, **options)
        self.ui = ui
        self.ascii = not speaks_utf8() if ui.ascii is None else ui.ascii
        self.iso_times = False
        self.caller = Caller(bell=ui.bell or ui.notify != "off", quiet_hours=ui.quiet_hours)
        self.called = ""
        """Who began to need a person, while that is said."""
        self._burst: Burst | None = None
        self._calling: Timer | None = None
        self.chosen_theme: str | None = None
        """The theme that a person chose here."""
        dress(self, ui.theme)

    @property
    def palette(self) -> Palette:
        """The inks that this terminal may show, in the theme that was chosen."""
        return Palette.of(self)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every line passes on its way to the terminal."""
        filters = super().get_line_filters()
        return (*filters, _ASCII) if self.ascii else filters

    def set_theme_by_name(self, name: str) -> None:
        """Show another theme at once. Raises KeyError; `SCHEMES` has the names."""
        dress(self, name)
        self.chosen_theme = name

    def push_screen(self, *arguments: Any, **options: Any) -> Any:
        """Open a screen; it would be sent three or four times as it fills, and is sent once."""
        self._hold_back()
        return super().push_screen(*arguments, **options)

    def pop_screen(self) -> AwaitComplete:
        """Close the screen on top, and send what is under it once."""
        self._hold_back()
        return super().pop_screen()

    def _hold_back(self) -> None:
        if not self.screen_stack:
            return  # The first screen is wanted at once.
        held = ExitStack()
        held.enter_context(self.batch_update())

        def let_on() -> None:
            held.close()
            if self.screen_stack:
                self.screen.refresh()

        self.set_timer(CHANGE_SECONDS, let_on)

    def announce(self, burst: Burst | None, whose: str) -> None:
        """Say who began to need a person, and ring, as ``whose`` monitor; what is over is not said any longer."""
        if burst is None:
            self._reconsider()
            return
        if burst.rings:
            self._ring(whose, burst.text)
        self._burst = burst
        self._show_call(burst.text)
        if self._calling is not None:
            self._calling.stop()
        self._calling = self.set_timer(CALL_SECONDS, lambda: self._show_call(""))

    def _ring(self, whose: str, text: str) -> None:
        if self.ui.bell:
            self.bell()
        if notice := desktop_notice(self.ui.notify, whose, self._spelled(text)):
            self.send(notice)

    def entitle(self, text: str) -> None:
        """Have the terminal's window say how it stands."""
        if self.window is not None and self.ui.window_title:
            self.window.show(self._spelled(text))

    async def name_window(self) -> None:
        """Give the multiplexer's window our title for its name too, where we may and know what to give back."""
        if self.window is not None and self.ui.window_title:
            former = await former_name()
            if former is not None:
                self.window.rename(former)

    def _spelled(self, text: str) -> str:
        return ascii_of(clean(text)) if self.ascii else text

    def _reconsider(self) -> None:
        if not self.called or self._burst is None:
            return
        standing = tuple(call for call in self._burst.calls if self.caller.stands(call))
        if standing != self._burst.calls:
            self._burst = Burst(standing, rings=False)
            self._show_call(self._burst.text if standing else "")

    def _show_call(self, text: str) -> None:
        self.called = text
        for screen in self.screen_stack:
            for line in screen.query(NoticeLine):
                line.call(text)
