"""The terminal the monitor runs in, and its end: signals, a hangup, a terminal that does not read."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable
from io import TextIOWrapper
from typing import IO, Any, cast

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

GRACE = 2.0
"""Seconds a stalled terminal may delay the end before it is given up."""

_RESTORE = b"\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"


class Driver(LinuxDriver):
    """Textual's driver, on an output that may vanish."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        # An error in Textual's writing thread ends that thread; its queue then blocks the event loop for ever.
        if self._file is not None:
            self._file = cast(TextIOWrapper, Output(self._file))


class Output:
    """A file whose writes never raise: once the terminal is gone they go nowhere."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._gone = False

    def write(self, text: str) -> None:
        """Write to the terminal while it is there."""
        self._attempt(lambda: self._file.write(text))

    def flush(self) -> None:
        """Flush to the terminal while it is there."""
        self._attempt(self._file.flush)

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
        self._asked = False
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
        if self._asked:
            return
        self._asked = True
        self._last_resort = threading.Timer(GRACE, self._give_up)
        self._last_resort.daemon = True
        self._last_resort.start()
        self._loop.call_soon_threadsafe(self._app.exit)

    def ended(self) -> None:
        """The app has ended: no last resort is needed, and signals mean what they meant before."""
        self._asked = True
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
            os.write(terminal, _RESTORE)
            if self._modes is not None:
                termios.tcsetattr(self._input, termios.TCSANOW, self._modes)
        except (OSError, termios.error):
            pass  # nobody is there to restore it for
        os._exit(0)
