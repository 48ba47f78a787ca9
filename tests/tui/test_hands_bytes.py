"""What keys send to a real terminal: the focus, the filter and the command line paint no whole screen."""

from __future__ import annotations

import sys
import time

import pytest

from tests.terminal import Terminal

pytestmark = pytest.mark.pty

SCREEN = 20_000
"""Bytes of a whole one, about."""


def test_keys_send_what_changes_and_not_the_screen() -> None:
    with Terminal([sys.executable, "-m", "tests.tui.monitor"]) as terminal:
        terminal.wait_for("Reconnect")
        terminal.settle()

        def sent(*keys: str) -> int:
            # All ages go on together with the minute, in a frame of their own.
            if (left := 60 - time.time() % 60) < 5:
                time.sleep(left + 0.5)
                terminal.settle(0.5)
            before = terminal.bytes_read
            terminal.send(*keys)
            return terminal.settle() - before

        assert 0 < sent("tab") < SCREEN / 6, "the focus goes to the log"
        assert 0 < sent("tab") < SCREEN / 8
        assert 0 < sent(" ") < SCREEN / 10, "a mark is a cell and the title"
        assert 0 < sent(":") < SCREEN / 2, "the command line covers a quarter of the screen"
        assert 0 < sent("g") < SCREEN / 5
        assert 0 < sent("escape") < SCREEN / 2
        assert 0 < sent("/") < SCREEN / 4
        terminal.send("escape")
        terminal.settle(1.0)
        assert 0 < sent("p") < SCREEN / 10
        before = terminal.bytes_read
        assert terminal.settle(1.0) == before, "a held screen is silent while nothing comes in"
