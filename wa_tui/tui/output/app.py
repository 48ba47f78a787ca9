"""An app that sends its terminal what differs from what it shows, and no more than it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App

from wa_tui.tui.output.frames import Frames

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen

    from wa_tui.tui.output.painter import Painter
    from wa_tui.tui.output.window import WindowTitle

T = TypeVar("T")


class FrugalApp(App[T]):
    """On `wa_tui.tui.terminal.Driver` all frames go through its painter; on any other driver it is Textual's app."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.frames = Frames(lambda: self.painter)

    @property
    def painter(self) -> Painter | None:
        """What paints the terminal; ``None`` where Textual does."""
        return getattr(self._driver, "painter", None)

    @property
    def window(self) -> WindowTitle | None:
        """The title of the terminal's window; ``None`` where there is none."""
        return getattr(self._driver, "window", None)

    @property
    def is_clear(self) -> bool:
        """Whether the terminal has taken what was sent."""
        return self.painter is None or self.painter.is_clear

    @property
    def is_leaving(self) -> bool:
        """Whether the end has begun: widgets are being closed, and nothing is to be painted on them any more."""
        return self._exit or not self._running

    def exit(self, *arguments: Any, **options: Any) -> None:
        """Leave. From here on nothing comes in and nothing goes out: workers end, and the painter with them."""
        super().exit(*arguments, **options)
        self.workers.cancel_all()
        if self.painter is not None:
            self.painter.stop()

    def drained(self) -> None:
        """The terminal has taken what was sent."""

    def action_redraw(self) -> None:
        """Paint everything anew: something else wrote on the terminal."""
        if self.painter is not None:
            self.painter.redraw()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Override Textual's way out for frames; it keeps that way for a kind of frame the painter does not know."""
        painter = self.painter
        if painter is None or not isinstance(renderable, LayoutUpdate | ChopsUpdate):
            super()._display(screen, renderable)
            if not self._batch_count:
                self.frames.went_out()
        elif not self.is_leaving and not self._closed and not self._batch_count:
            try:
                cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
                painter.draw(renderable, (cursor.x, cursor.y), synchronised=self._sync_available)
            except Exception as error:
                self._handle_exception(error)
            self.post_display_hook()
