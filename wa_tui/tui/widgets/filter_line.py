"""Where the filter is typed: at the right of the sessions' title, visible while it holds."""

from __future__ import annotations

from typing import cast

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from wa_tui.tui.screens.main import MainScreen


class FilterLine(Horizontal):
    """The filter; the rows follow every letter, enter goes back to them."""

    DEFAULT_CSS = """
    FilterLine { width: 40%; max-width: 48; height: 1; }
    FilterLine Static { width: 2; color: $quiet; }
    FilterLine Input { width: 1fr; background: $background; color: $primary; }
    FilterLine Input:focus { background: $cursor; }
    """

    def compose(self) -> ComposeResult:
        """A slash and the text."""
        yield Static("/ ")
        field = Input(compact=True, placeholder="words !not status:qr gateway:eu-1")
        field.cursor_blink = False
        yield field

    def edit(self) -> None:
        """Take the keys."""
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what matches so far."""
        event.stop()
        cast(MainScreen, self.screen).filter_by(event.value)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Back to the sessions; an empty filter goes away."""
        event.stop()
        screen = cast(MainScreen, self.screen)
        if event.value.strip():
            screen.query_one("SessionGrid").focus()
        else:
            await screen.run_action("screen.clear")
