"""An app that sends its terminal what differs from what it shows, and no more than it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App

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
        self._watching: list[Callable[[], None]] = []

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

    def taken(self) -> None:
        """The terminal has taken what was sent."""

    def watch_frames(self, watcher: Callable[[], None]) -> None:
        """Have this called whenever the terminal may show something else than before."""
        self._watching.append(watcher)

    def watch_frames_no_more(self, watcher: Callable[[], None]) -> None:
        """Have it called no more."""
        self._watching.remove(watcher)

    def frame_went_out(self) -> None:
        """The terminal may show something else than before."""
        for watcher in self._watching:
            watcher()

    def has_sent(self, y: int) -> bool:
        """Tell whether a row of the screen went to the terminal as it was drawn last."""
        return self.painter is None or self.painter.shows(y)

    @property
    def frames(self) -> tuple[int, int]:
        """How many frames went out, and how many of them the terminal has surely taken."""
        painter = self.painter
        return (painter.frames_sent, painter.frames_taken) if painter is not None else (0, 0)

    def action_redraw(self) -> None:
        """Paint everything anew: something else wrote on the terminal."""
        if self.painter is not None:
            self.painter.redraw()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Where Textual sends a frame. A kind of frame that is not known goes its old way."""
        painter = self.painter
        if painter is None or not isinstance(renderable, LayoutUpdate | ChopsUpdate):
            super()._display(screen, renderable)
            if not self._batch_count:
                self.frame_went_out()
        elif not self.is_leaving and not self._closed and not self._batch_count:
            try:
                cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
                painter.draw(renderable, (cursor.x, cursor.y), synchronised=self._sync_available)
            except Exception as error:
                self._handle_exception(error)
            self.post_display_hook()
