"""A program in a terminal of its own: `with Terminal([python, "-m", …]) as terminal: terminal.wait_for("…")`."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

from tests.nursery import Program

KEYS = {
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "ctrl+c": "\x03",
}

WHERE = b"\x1b[6n"
"""Asks a terminal where its cursor is; it answers once it has taken all that came before."""

BITS = 10
"""On a serial line, for each byte."""

SLICE = 0.05
"""Seconds of such a line that are read at once."""


def _started(
    slave: int, command: Sequence[str], environment: Mapping[str, str], cwd: str | None
) -> subprocess.Popen[bytes] | Program:
    """Start a program in a session of its own, with a terminal as its controlling one: hang-ups reach it."""
    # Textual reads settings of its own while it is imported.
    usual = cwd is None and not any(name.startswith("TEXTUAL_") for name in environment)
    match command:
        case [sys.executable, "-m", module, *arguments] if usual and module.startswith("tests.tui."):
            return Program(
                module,
                *arguments,
                environment=environment,
                stdin=slave,
                stdout=slave,
                stderr=slave,
                terminal=True,
            )
    return subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        cwd=cwd,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )


class Terminal:
    """Runs a command in a pseudo-terminal and is its screen, its keyboard and its byte counter.

    A thread reads what it writes (`bytes_read`, `output`, and `arrivals`: when, and how many bytes by then), unless
    `stop_reading` lets it stall. It ``answers`` where the cursor is, as terminals do, ``answer_s`` seconds
    later, and reads as slowly as ``baud``.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 40,
        environment: Mapping[str, str] | None = None,
        cwd: str | None = None,
        answers: bool = True,
        answer_s: float = 0.0,
        baud: int | None = None,
    ) -> None:
        self.columns, self.rows = columns, rows
        self.output = bytearray()
        self.arrivals: list[tuple[float, int]] = []
        self.baud = baud
        self._answers = answers
        self._answer_s = answer_s
        self._asked = 0
        self._fed = 0
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._reading = threading.Event()
        self._reading.set()
        self._stands = threading.Event()
        self._mute = False
        self._asking = threading.Lock()
        self._lock = threading.Lock()
        self._closed = False
        self._master, slave = os.openpty()
        self._set_size(slave)
        inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        known = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TZ": "UTC"}
        self.process = _started(slave, command, inherited | known | dict(environment or {}), cwd)
        os.close(slave)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def bytes_read(self) -> int:
        """Bytes that the program has written so far, as far as they were read."""
        return len(self.output)

    def text(self) -> str:
        """The screen as lines of text, without trailing spaces."""
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The screen's lines, without trailing spaces."""
        self._feed()
        return [line.rstrip() for line in self._screen.display]

    def cell(self, column: int, row: int) -> pyte.screens.Char:
        """One cell: `data fg bg bold reverse …`."""
        self._feed()
        return self._screen.buffer[row][column]

    def send(self, *keys: str) -> None:
        """Press keys: names of `KEYS`, else the text itself is typed."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())

    def scribble(self, text: str) -> None:
        """Something other than the program writes on the screen."""
        self._feed()
        with self._lock:
            self._stream.feed(text.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Change the size; the program gets SIGWINCH."""
        self._feed()
        self.columns, self.rows = columns, rows
        self._set_size(self._master)
        with self._lock:
            self._screen.resize(rows, columns)

    def stop_reading(self) -> None:
        """Leave the program's output unread, as a stalled terminal does; from now on, not from some read later."""
        self._stands.clear()
        self._reading.clear()
        self._stands.wait(5)

    def start_reading(self, *, answering: bool = True) -> None:
        """Read again, and answer; unless ``answering``, only once told to `answer`."""
        self._mute = not answering
        self._reading.set()

    def forget_questions(self) -> None:
        """Answer again, but nothing of what was asked while it was only read."""
        with self._asking:
            self._asked = len(self.output)
            self._mute = False

    def answer(self) -> None:
        """Answer what was asked while it was only read."""
        self._mute = False
        self._answer_all()

    def hang_up(self) -> None:
        """Close the terminal, as a closed window does: the program gets SIGHUP and its writes fail."""
        if not self._closed:
            self._closed = True
            self._reading.set()
            self._thread.join(5)
            os.close(self._master)

    def wait_for(self, wanted: str | Callable[[str], bool], timeout: float = 40.0) -> str:
        """Wait until the screen holds a text or fulfils a condition, and return it. Raises TimeoutError."""
        fulfilled = wanted if callable(wanted) else lambda screen: wanted in screen
        deadline = time.monotonic() + timeout
        while True:
            # Before the screen is looked at: what a program wrote last is on it once it has ended.
            ended = self.process.poll() is not None and not self._thread.is_alive()
            screen = self.text()
            if fulfilled(screen):
                return screen
            if ended or time.monotonic() > deadline:
                state = self.process.poll()
                raise TimeoutError(f"{wanted!r} did not appear (exit status {state}); the screen:\n{screen}")
            time.sleep(0.02)

    def settle(self, quiet: float = 0.3, timeout: float = 40.0) -> int:
        """Wait until nothing was written for ``quiet`` seconds; return the bytes so far. Raises TimeoutError."""
        deadline = time.monotonic() + timeout
        seen, since = self.bytes_read, time.monotonic()
        while time.monotonic() - since < quiet:
            if time.monotonic() > deadline:
                raise TimeoutError(f"still writing after {timeout} s ({self.bytes_read} bytes)")
            time.sleep(0.01)
            if self.bytes_read != seen:
                seen, since = self.bytes_read, time.monotonic()
        return seen

    def cpu_seconds(self) -> float:
        """Processor time that the program has used, user and system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wait(self, timeout: float = 40.0) -> int:
        """Wait for the program's end; return its exit status. Raises subprocess.TimeoutExpired."""
        return self.process.wait(timeout)

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self.process.send_signal(number)

    def close(self) -> None:
        """End the program, by force if need be, and give everything back."""
        if self.process.poll() is None:
            self.process.terminate()
            self._reading.set()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(3)
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(5)
        self.hang_up()

    def _set_size(self, descriptor: int) -> None:
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    def _feed(self) -> None:
        with self._lock:
            end = len(self.output)
            if end > self._fed:
                self._stream.feed(bytes(self.output[self._fed : end]))
                self._fed = end

    def _read(self) -> None:
        while not self._closed:
            if not self._reading.is_set():
                self._stands.set()
                self._reading.wait(0.05)
                continue
            ready, _, _ = select.select([self._master], [], [], 0.05)
            if not ready:
                continue
            size = 65536
            if self.baud is not None:
                time.sleep(SLICE)
                size = max(int(self.baud / BITS * SLICE), 1)
            try:
                data = os.read(self._master, size)
                self._answer(data)
            except OSError:  # the program is gone, and its side of the terminal with it
                return
            if not data:
                return

    def _answer(self, data: bytes) -> None:
        self.output += data
        self.arrivals.append((time.perf_counter(), len(self.output)))
        if self._answers and not self._mute:
            self._answer_all()

    def _answer_all(self) -> None:
        with self._asking:
            begun = self._asked
            while (at := self.output.find(WHERE, begun)) >= 0:
                time.sleep(self._answer_s)
                with contextlib.suppress(OSError):  # who asked is gone, what it wrote is not
                    os.write(self._master, b"\x1b[1;1R")
                begun = at + len(WHERE)
            self._asked = max(begun, len(self.output) - len(WHERE) + 1)
