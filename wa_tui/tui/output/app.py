"""An app that sends its terminal what differs from what it shows, and no more than it takes."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, TypeVar

from rich.console import RenderableType
from textual.await_complete import AwaitComplete
from textual.screen import Screen

from wa_tui.tui.output.painter import Frames, Painter
from wa_tui.tui.output.textual_internals import ChopsUpdate, LayoutUpdate, OpenApp
from wa_tui.tui.output.window import WindowTitle
from wa_tui.tui.suspending import Suspension

T = TypeVar("T")

_CHANGE_S = 0.03
"""How long a screen that opens or closes is held back: it has been laid out then."""


class FrugalApp(OpenApp[T]):
    """On `wa_tui.tui.terminal.Driver` all frames go through its painter; on any other driver it is Textual's app."""

    ascii = False
    """Whether the terminal has no letters but ASCII's."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.frames = Frames(lambda: self.painter)

    @property
    def painter(self) -> Painter | None:
        """What paints the terminal; ``None`` where Textual does."""
        return getattr(self.terminal, "painter", None)

    @property
    def window(self) -> WindowTitle | None:
        """The title of the terminal's window; ``None`` where there is none."""
        return getattr(self.terminal, "window", None)

    @property
    def suspension(self) -> Suspension | None:
        """What goes back to the shell; ``None`` where there is none to go back to."""
        return getattr(self.terminal, "suspension", None)

    @property
    def is_clear(self) -> bool:
        """Whether the terminal has taken what was sent."""
        return self.painter is None or self.painter.is_clear

    @property
    def is_leaving(self) -> bool:
        """Whether the end has begun: widgets are being closed, and nothing is to be painted on them any more."""
        return self.is_ending

    def exit(self, *arguments: Any, **options: Any) -> None:
        """Leave. From here on nothing comes in and nothing goes out: workers end, and the painter with them."""
        super().exit(*arguments, **options)
        self.workers.cancel_all()
        if self.painter is not None:
            self.painter.stop()

    def write(self, sequence: str) -> None:
        """Send the terminal what is no frame: a notice for the desktop, a text for its clipboard."""
        if self.terminal is not None:
            self.terminal.write(sequence)

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
        # Textual sends a screen as it fills: mounted, laid out, with its rows, with the focus.
        held = ExitStack()
        held.enter_context(self.batch_update())

        def let_on() -> None:
            held.close()
            if self.screen_stack:
                self.screen.refresh()

        self.set_timer(_CHANGE_S, let_on)

    def drained(self) -> None:
        """The terminal has taken what was sent."""

    def action_redraw(self) -> None:
        """Paint everything anew: something else wrote on the terminal."""
        if self.painter is not None:
            self.painter.redraw()

    def show_frame(self, screen: Screen[Any], frame: RenderableType | None) -> None:
        """Hand a frame to the painter. A kind of frame that is not known goes Textual's way."""
        painter = self.painter
        if painter is None or not isinstance(frame, LayoutUpdate | ChopsUpdate):
            super().show_frame(screen, frame)
            if not self.holds_frames:
                self.frames.went_out()
        elif not self.is_leaving and not self.is_closed and not self.holds_frames:
            try:
                cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
                painter.draw(frame, (cursor.x, cursor.y), synchronised=self.can_synchronise)
            except Exception as error:
                self.report(error)
            self.post_display_hook()
