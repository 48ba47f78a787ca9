"""Brings the canvas to the terminal, whole newest states as often as it takes them, and tells what it shows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from rich.color import ColorSystem

from wa_tui.tui.output.canvas import Canvas
from wa_tui.tui.output.flow import Flow
from wa_tui.tui.output.textual_internals import ChopsUpdate, LayoutUpdate

ASK = "\x1b[6n"
"""Where is the cursor? Every terminal answers that, once it has taken all that was sent before."""

_SYNC = ("\x1b[?2026h", "\x1b[?2026l")

_COMPOSED = 0.1
"""Seconds in which what waited for a terminal that stood is composed: its old state is not sent before."""

_AGAIN = 1.0
"""Seconds between two questions to a terminal that stands."""


class Painter:
    """Sends frames through ``write``; ``on_clear`` is called whenever the terminal has taken what was sent.

    ``on_frame`` is called whenever it may show something else than before, or has answered that it does.
    On a slow line the terminal erases the ends of lines, if it ``erases`` to the ground it is told.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        on_clear: Callable[[], None],
        on_frame: Callable[[], None] = lambda: None,
        *,
        colors: ColorSystem = ColorSystem.TRUECOLOR,
        erases: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write = write
        self._on_clear = on_clear
        self._on_frame = on_frame
        self._canvas = Canvas(colors)
        self._erases = erases
        self._flow = Flow(monotonic)
        self._monotonic = monotonic
        self._waking: asyncio.TimerHandle | None = None
        self._composing: asyncio.TimerHandle | None = None
        self._asked_at = float("-inf")
        self._cursor = (0, 0)
        self._synchronised = False
        self._ours = False
        self.stuck = False
        """Whether something waits in this process for the terminal to take it."""

    @property
    def is_clear(self) -> bool:
        """Whether the terminal shows all it is to show, or will in a moment."""
        is_shown = not self._canvas.differs or self._composing is not None
        return is_shown and not self.stuck and self._flow.is_clear

    @property
    def frames_sent(self) -> int:
        """How many frames went out."""
        return self._flow.frames_sent

    @property
    def frames_taken(self) -> int:
        """How many of them the terminal has surely taken.

        Its answer comes in where keys do: one read before the answer was pressed before the frame was there.
        """
        return self._flow.frames_taken

    def shows(self, y: int) -> bool:
        """Tell whether nothing is left to send for a row."""
        return self._canvas.shows(y)

    def begin(self) -> None:
        """The terminal is ours from now on, and what it shows is unknown."""
        self._ours, self.stuck = True, False
        self._flow = Flow(self._monotonic)
        self._canvas.forget()
        self._ask()

    def redraw(self) -> None:
        """Send everything anew: something else wrote on the terminal."""
        self._canvas.forget()
        self._send()

    def draw(
        self, update: LayoutUpdate | ChopsUpdate, cursor: tuple[int, int], *, synchronised: bool
    ) -> None:
        """Take in an update, and send it if the terminal takes it now; ``cursor`` is left at that column and row."""
        self._canvas.draw(update)
        self._cursor, self._synchronised = cursor, synchronised
        self._send(whole=self._compose_no_more())

    def answered(self, at: float) -> None:
        """Take in the terminal's answer, at an instant of the monotonic clock."""
        if self._flow.answered(at) and self._composing is None and self._ours:
            self._composing = asyncio.get_running_loop().call_later(_COMPOSED, self._composed)
        self._go_on()

    def drained(self) -> None:
        """Note that the system took all bytes from this process."""
        self.stuck = False
        self._go_on()

    def typed(self) -> None:
        """Note a key press: its effect must not wait for an answer that was lost."""
        if self._flow.awaits and self._flow.patience(typing=True) <= 0:
            self._flow.give_up()
            self._go_on()

    def stop(self) -> None:
        """The terminal is not ours any more: send nothing, and call no callback."""
        self._ours = False
        self._compose_no_more()
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None

    def _go_on(self) -> None:
        if self._composing is None:
            self._send()
        elif self._ours:
            self._on_frame()
        if self.is_clear and self._ours:
            self._on_clear()

    def _composed(self) -> None:
        self._send(whole=self._compose_no_more())
        self._go_on()

    def _compose_no_more(self) -> bool:
        """Wait for nothing more to be composed; tell whether that was so."""
        composing, self._composing = self._composing, None
        if composing is not None:
            composing.cancel()
        return composing is not None

    def _send(self, *, whole: bool = False) -> None:
        room = self._flow.room if self._ours and not self.stuck else 0
        if room and whole:
            room = self._flow.most
        frame = ""
        if self._canvas.differs and room:
            grounds = self._flow.is_known or not self._flow.on_its_way
            frame = self._canvas.frame(room, grounds=grounds, erase=self._erases and self._flow.is_slow)
        if frame:
            column, row = self._cursor
            # Where Textual has its own cursor: an input method opens its window there.
            frame += f"\x1b[{row + 1};{column + 1}H"
            if self._synchronised:
                frame = frame.join(_SYNC)
            self._write(frame)
            # Behind the frame: the answer says that the terminal has taken all of it.
            self._ask(len(frame.encode()))
        elif self._canvas.differs and self._flow.stands:
            self._ask_again()
        self._stay_awake()
        if self._ours:
            self._on_frame()

    def _ask(self, size: int = 0) -> None:
        self._write(ASK)
        self._flow.sent(size + len(ASK))
        self._asked_at = self._monotonic()

    def _ask_again(self) -> None:
        """Ask once more: the answer may have been lost, and a person be waiting."""
        if self._ours and not self.stuck and self._monotonic() - self._asked_at >= _AGAIN:
            self._write(ASK)
            self._flow.asked_again(len(ASK))
            self._asked_at = self._monotonic()

    def _stay_awake(self) -> None:
        """Wait for an answer no longer than it may take, while there is something that waits for it."""
        if self._ours and self._waking is None and self._flow.awaits and not self.is_clear:
            loop = asyncio.get_running_loop()
            self._waking = loop.call_later(self._flow.patience() + 0.01, self._wake)

    def _wake(self) -> None:
        self._waking = None
        if self._flow.awaits and self._flow.patience() <= 0:
            self._flow.give_up()
            self._go_on()
        else:
            self._stay_awake()


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
