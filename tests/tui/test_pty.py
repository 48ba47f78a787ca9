"""The terminal that other tests use."""

from __future__ import annotations

import signal
import sys
import time

import pytest

from tests.terminal import Terminal

pytestmark = pytest.mark.pty


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_program_sees_its_size_and_keys() -> None:
    code = "import os; print(os.get_terminal_size()); print('hello', input('name? ')); input()"
    with Terminal(python(code), columns=90, rows=12) as terminal:
        terminal.wait_for("name?")
        assert "columns=90, lines=12" in terminal.text()
        terminal.send("Ana", "enter")
        terminal.wait_for("hello Ana")
        assert terminal.bytes_read == len(terminal.output) > 0


def test_a_terminal_that_is_not_read_stalls_its_program() -> None:
    code = "import sys; sys.stdout.write('x' * 1_000_000); print('done'); input()"
    with Terminal(python(code)) as terminal:
        terminal.stop_reading()
        before = terminal.settle(0.2)
        assert before < 500_000
        terminal.start_reading()
        terminal.wait_for("done")


def test_a_terminal_says_where_its_cursor_is() -> None:
    code = (
        "import sys, tty; tty.setraw(0)\n"
        "for _ in range(2):\n"
        "    sys.stdout.write('\\x1b[6n'); sys.stdout.flush(); print(repr(sys.stdin.read(6)), flush=True)"
    )
    with Terminal(python(code)) as terminal:
        terminal.wait_for(lambda screen: screen.count("1;1R") == 2)


def test_a_slow_line_carries_what_its_rate_says() -> None:
    with Terminal(python("print('x' * 960)"), baud=9_600) as terminal:
        terminal.wait_for("xxx")
        terminal.settle(0.3)
        first, last = terminal.arrivals[0][0], terminal.arrivals[-1][0]
        assert last - first > 0.8, "960 bytes at 960 a second"


def test_hanging_up_reaches_the_program() -> None:
    terminal = Terminal(python("print('ready', flush=True); input()"))
    terminal.wait_for("ready")
    terminal.hang_up()
    assert terminal.wait() == -signal.SIGHUP
    terminal.close()


def test_a_resize_reaches_the_program() -> None:
    code = (
        "import os, signal\n"
        "signal.signal(signal.SIGWINCH, lambda *_: print(os.get_terminal_size().columns, flush=True))\n"
        "print('ready', flush=True)\n"
        "while True: signal.pause()"
    )
    with Terminal(python(code)) as terminal:
        terminal.wait_for("ready")
        terminal.resize(100, 30)
        terminal.wait_for("100")


def test_what_never_appears_is_told_with_the_screen() -> None:
    started = time.monotonic()
    with (
        Terminal(python("print('something else')")) as terminal,
        pytest.raises(TimeoutError, match="something else"),
    ):
        terminal.wait_for("wanted")
    assert time.monotonic() - started < 5, "a program that ended is not waited for"
