"""The terminal the monitor runs in, and its end: signals, a hangup, a terminal that does not read."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS
from textual import events
from textual.app import App
from textual.message import Message

from wa_tui.tui.output.app import FrugalApp
from wa_tui.tui.output.painter import ASK, Painter
from wa_tui.tui.output.textual_internals import OpenDriver
from wa_tui.tui.output.window import WindowTitle, has_title
from wa_tui.tui.suspending import Suspension

GRACE = 2.0
"""Seconds a stalled terminal may delay the end before it is given up."""

ANSWER = 0.5
"""Seconds that the end waits for the terminal's last answer."""

_QUEUED = 24
"""Writes that may wait for Textual's thread."""

_RESTORE = b"\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"


class Driver(OpenDriver):
    """Textual's driver, on an output that may vanish, stall or be slow; `painter` paints on it."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._written = 0
        # An error in Textual's writing thread ends that thread; its queue then blocks the event loop for ever.
        self.wrap_output(lambda file: Output(file, self._on_flush))
        colors = COLOR_SYSTEMS.get(app.console.color_system or "", ColorSystem.TRUECOLOR)
        # GNU screen erases to its own ground.
        erases = not os.environ.get("TERM", "").startswith("screen")
        self.painter = Painter(self.write, self._on_clear, self._on_frame, colors=colors, erases=erases)
        self.window = WindowTitle(self.write, ready=lambda: not self.painter.stuck) if has_title() else None
        self._requested = self._answered = 0
        self._context = contextvars.copy_context()
        self.suspension = Suspension(self.fileno, self.suspend_application_mode, self._resume, self._call)
        self.suspension.watch()

    def write(self, data: str) -> None:
        """Write to the terminal; what no longer fits into the queue is lost, since waiting would stop everything."""
        if self.queued < _QUEUED:
            self._written += 1
            self._requested += data == ASK
            self.painter.stuck = True
            super().write(data)

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self._requested = self._answered = 0
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.painter.begin()
        if self.window is not None:
            self.window.begin()

    def _resume(self) -> None:
        """Take the terminal again, and paint all of it; one of another size is painted when that is known."""
        self.resume_application_mode()
        if self.measured_size == self.app.size:
            self.painter.redraw()

    def stop_application_mode(self) -> None:
        """Give the terminal back, once it has answered: the shell would take the answer for something typed."""
        self.painter.stop()
        if self.window is not None and (former := self.window.end()):
            self.write(former)
        deadline = time.monotonic() + ANSWER
        while 0 < self._answered < self._requested and time.monotonic() < deadline:
            time.sleep(0.01)  # not the loop's: nothing else is to happen any more
        super().stop_application_mode()

    def process_message(self, message: Message) -> None:
        """Take the terminal's answers; everything else is for the app. Called in the thread that reads."""
        if isinstance(message, events.CursorPosition):
            self._answered += 1
            self._call(self.painter.answered, time.monotonic())
            return
        if isinstance(message, events.Key):
            self._call(self.painter.typed)
        super().process_message(message)

    def _on_flush(self, writes: int) -> None:
        """Called in the thread that writes."""
        self._call(self._note_flush, writes)

    def _call(self, call: Callable[..., None], *arguments: object) -> None:
        """Call something in the event loop, from another thread.

        In the app's context, not in that thread's: what paints makes timers, and theirs have to know the app.
        """
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self.loop.call_soon_threadsafe(call, *arguments, context=self._context)

    def _note_flush(self, writes: int) -> None:
        if writes == self._written:
            self.painter.drained()

    def _on_clear(self) -> None:
        if isinstance(self.app, FrugalApp):
            self.app.drained()

    def _on_frame(self) -> None:
        if isinstance(self.app, FrugalApp):
            self.app.frames.went_out()


class Output:
    """A file whose writes never raise: once the terminal is gone they go nowhere. ``flushed`` is told how many went."""

    def __init__(self, file: IO[str], flushed: Callable[[int], None]) -> None:
        self._file = file
        self._flushed = flushed
        self._writes = 0
        self._gone = False

    def write(self, text: str) -> None:
        """Write to the terminal while it is there."""
        self._writes += 1
        self._attempt(lambda: self._file.write(text))

    def flush(self) -> None:
        """Flush to the terminal while it is there."""
        self._attempt(self._file.flush)
        self._flushed(self._writes)

    def fileno(self) -> int:
        """The terminal's descriptor."""
        return self._file.fileno()

    def _attempt(self, write: Callable[[], object]) -> None:
        if self._gone:
            return
        try:
            write()
        except (OSError, ValueError):
            self._gone = True


class Ending:
    """Ends the app cleanly on SIGTERM, SIGHUP, SIGINT and when the terminal hangs up.

    Where the event loop is blocked by a terminal that does not read, the process is ended after `GRACE`
    seconds with the terminal's modes restored.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._loop = asyncio.get_running_loop()
        self._input = sys.__stdin__.fileno() if sys.__stdin__ is not None else 0
        self._modes = termios.tcgetattr(self._input) if os.isatty(self._input) else None
        self._requested = False
        self._before: dict[signal.Signals, Any] = {}
        self._last_resort: threading.Timer | None = None

    def watch(self) -> None:
        """Begin; to be called before Textual changes the terminal's modes."""
        # Not loop.add_signal_handler: its callbacks wait for the loop, which may be blocked in a write.
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            self._before[number] = signal.signal(number, lambda *_: self.end())
        threading.Thread(target=self._await_hangup, name="hangup", daemon=True).start()

    def end(self) -> None:
        """Ask the app to end; from any thread, any number of times."""
        if self._requested:
            return
        self._requested = True
        self._last_resort = threading.Timer(GRACE, self._give_up)
        self._last_resort.daemon = True
        self._last_resort.start()
        self._loop.call_soon_threadsafe(self._app.exit)

    def ended(self) -> None:
        """The app has ended: no last resort is needed, and signals mean what they meant before."""
        self._requested = True
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._last_resort is not None:
            self._last_resort.cancel()

    def _await_hangup(self) -> None:
        # Textual's input thread spins on a terminal that hung up; poll reports it without being asked for.
        poll = select.poll()
        poll.register(self._input, 0)
        poll.poll()
        self.end()

    def _give_up(self) -> None:
        try:
            termios.tcflush(self._input, termios.TCOFLUSH)
            # Another description of the terminal: the shell shares ours, which must stay as it is.
            terminal = os.open(os.ttyname(self._input), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            os.write(terminal, _RESTORE + self._former_title())
            if self._modes is not None:
                termios.tcsetattr(self._input, termios.TCSANOW, self._modes)
        except (OSError, termios.error):
            pass  # nobody is there to restore it for
        os._exit(0)

    def _former_title(self) -> bytes:
        window = self._app.window if isinstance(self._app, FrugalApp) else None
        return window.end().encode() if window is not None else b""
