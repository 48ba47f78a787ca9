"""A monitor in a terminal of 120x40 that is attached to a crowd of sessions, for the benchmarks."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pyte

from tests.terminal import Terminal

SESSIONS = 10_000
REST_S = 1.0
"""Seconds after the last key until its answer has come at the latest."""

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    ENABLE_COMMAND_PALETTE = False
    def compose(self):
        yield Static("first frame")
Bare().run()
"""

T = TypeVar("T")


class Crowd:
    """The process of `tests.benchmarks.crowd`, told what is to happen."""

    def __init__(self, process: subprocess.Popen[str], socket: Path) -> None:
        self._process = process
        self.socket = socket

    def tell(self, line: str) -> str:
        """Tell it to do something; return its answer once it has."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self.hear()

    def hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextlib.contextmanager
def crowd(sessions: int = SESSIONS) -> Iterator[Crowd]:
    """A daemon with so many sessions, on a socket of its own."""
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "daemon.sock"
        command = [sys.executable, "-m", "tests.benchmarks.crowd", str(socket), str(sessions)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            daemon = Crowd(process, socket)
            assert daemon.hear() == "ready"
            yield daemon
            assert process.stdin is not None
            process.stdin.close()


def monitor(daemon: Crowd, **options: Any) -> Terminal:
    """The real program, attached."""
    command = [sys.executable, "-m", "wa_tui", "--attach", str(daemon.socket)]
    return Terminal(command, environment=environment(), **options)


def environment() -> dict[str, str]:
    """What no setting of this machine changes; Python keeps its bytecode, as after any installation."""
    return {name: "" for name in os.environ if name.startswith("WA_TUI_")} | {
        "XDG_CONFIG_HOME": "/nonexistent",
        "PYTHONDONTWRITEBYTECODE": "",
    }


@contextlib.contextmanager
def attached(daemon: Crowd, sessions: int = SESSIONS, **options: Any) -> Iterator[Terminal]:
    """The monitor with all sessions on its screen, and nothing more to paint."""
    with monitor(daemon, **options) as terminal:
        wanted = daemon.tell("connected")
        terminal.wait_for(lambda screen: f"● {wanted} connected" in screen, 60)
        terminal.settle(0.7, 30)
        yield terminal


class Replay:
    """What a terminal showed, and when, gone through anew: watching it live would slow it down."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._screen = pyte.Screen(terminal.columns, terminal.rows)
        self._stream = pyte.ByteStream(self._screen)
        self._arrived = 0
        self._fed = 0

    def delays(self, pressed: Sequence[float], look: Callable[[list[str]], object]) -> list[float]:
        """Return for each instant the seconds until what ``look`` sees of the screen was another one."""
        time.sleep(REST_S)
        seen = [
            (0.0, look(self._screen.display)),
            *((at, look(self._screen.display)) for at in self._steps()),
        ]
        found = []
        for at in pressed:
            before = next(sight for when, sight in reversed(seen) if when < at)
            after = [when for when, sight in seen if when >= at and sight != before]
            if not after:
                raise TimeoutError(f"a key was never answered; the screen showed {before}")
            found.append(after[0] - at)
        return found

    def first(self, text: str) -> float:
        """Return the instant at which a text came to the screen."""
        return next(at for at in self._steps() if any(text in line for line in self._screen.display))

    def _steps(self) -> Iterator[float]:
        arrivals = self._terminal.arrivals
        while self._arrived < len(arrivals):
            at, end = arrivals[self._arrived]
            self._stream.feed(bytes(self._terminal.output[self._fed : end]))
            self._fed = end
            self._arrived += 1
            yield at


def press(terminal: Terminal, keys: Sequence[str], apart_s: float) -> list[float]:
    """Press keys in a steady rhythm; return when."""
    pressed = []
    for key in keys:
        pressed.append(time.perf_counter())
        terminal.send(key)
        time.sleep(apart_s)
    return pressed


def first_frame(command: list[str], text: str) -> float:
    """Return the seconds from exec to a text on the screen."""
    began = time.perf_counter()
    with Terminal(command, environment=environment()) as terminal:
        terminal.wait_for(text, 60)
        return Replay(terminal).first(text) - began


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def tell(what: str, value: str, beside: str) -> None:
    """Print a row."""
    print(f"  {what:<52}{value:>12}   {beside}", flush=True)  # noqa: T201
