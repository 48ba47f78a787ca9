"""What of the screen the terminal shows: which rows it was sent, and who wants to know when that changes."""

from __future__ import annotations

from collections.abc import Callable

from wa_tui.tui.output.painter import Painter


class Frames:
    """Where Textual paints, there is no painter, and all that was drawn counts as sent."""

    def __init__(self, painter: Callable[[], Painter | None] = lambda: None) -> None:
        self._painter = painter
        self._watching: list[Callable[[], None]] = []

    @classmethod
    def of(cls, app: object) -> Frames:
        """Return an app's; an app that has none sends all at once."""
        frames = getattr(app, "frames", None)
        return frames if isinstance(frames, cls) else cls()

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call ``watcher`` whenever the terminal may show something else than before."""
        self._watching.append(watcher)

    def watch_no_more(self, watcher: Callable[[], None]) -> None:
        """Stop calling ``watcher``."""
        self._watching.remove(watcher)

    def went_out(self) -> None:
        """Tell the watchers that the terminal may show something else than before."""
        for watcher in self._watching:
            watcher()

    def has_sent(self, y: int) -> bool:
        """Tell whether a row of the screen went to the terminal as it was drawn last."""
        painter = self._painter()
        return painter is None or painter.shows(y)

    @property
    def sent_and_taken(self) -> tuple[int, int]:
        """How many frames went out, and how many of them the terminal has surely taken."""
        painter = self._painter()
        return (painter.frames_sent, painter.frames_taken) if painter is not None else (0, 0)
