"""What is leaned on of Textual though it promises none of it: read in Textual 8.2.8, and again with each other one.

Textual has no public way to see a frame before it is written, to tell whether it is in the middle of a change or of its
end, and to know how far the thread is that writes. Private names of Textual stand in this file alone (a test says so).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from io import TextIOWrapper

    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.screen import Screen

__all__ = ["ChopsUpdate", "LayoutUpdate", "OpenApp", "OpenDriver"]

T = TypeVar("T")


class OpenApp(App[T]):
    """An app that is asked to show each frame, and that tells what decides whether it may."""

    @property
    def terminal(self) -> Driver | None:
        """The driver; ``None`` before the app runs."""
        return self._driver

    @property
    def is_ending(self) -> bool:
        """Whether the app is to exit, or has not begun."""
        return self._exit or not self._running

    @property
    def is_closed(self) -> bool:
        """Whether no message is taken any more."""
        return self._closed

    @property
    def holds_frames(self) -> bool:
        """Whether a change is under way that is to be seen as one (`App.batch_update`)."""
        return self._batch_count > 0

    @property
    def can_synchronise(self) -> bool:
        """Whether the terminal has said that it shows a frame at once (DEC mode 2026)."""
        return self._sync_available

    def show_frame(self, screen: Screen[Any], frame: RenderableType | None) -> None:
        """Send a frame to the terminal: here as Textual does."""
        super()._display(screen, frame)

    def report(self, error: Exception) -> None:
        """End the app with an error, as Textual does with one of a handler."""
        self._handle_exception(error)

    def keep_copied(self, text: str) -> None:
        """Have `App.clipboard` be a text, without a sequence to the terminal."""
        self._clipboard = text

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.show_frame(screen, renderable)


class OpenDriver(LinuxDriver):
    """A driver whose output can be another file, and that tells how much waits for the thread that writes."""

    def wrap_output(self, wrap: Callable[[IO[str]], object]) -> None:
        """Write to what ``wrap`` makes of the output; to be called before anything is written."""
        if self._file is not None:
            self._file = cast("TextIOWrapper", wrap(self._file))

    @property
    def queued(self) -> int:
        """Writes that wait for the thread. Its queue holds 30: one more blocks the event loop; 0 where none runs."""
        return 0 if self._writer_thread is None else self._writer_thread._queue.qsize()

    @property
    def measured_size(self) -> tuple[int, int]:
        """Columns and rows that the terminal has now, which the app may not know yet."""
        return self._get_terminal_size()

    @property
    def app(self) -> App[Any]:
        """Whose driver this is."""
        return self._app

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The app's event loop, which is not of the thread that reads."""
        return self._loop
