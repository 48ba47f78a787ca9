"""A screen that opens or closes is sent once to the terminal, not once for every step of its filling."""

from __future__ import annotations

import sys

import pytest

from tests.terminal import Terminal

pytestmark = pytest.mark.pty

A_SCREEN = 22_000
"""Bytes of one whole screen of 120x40 in full colour, at most."""


@pytest.mark.parametrize(
    ("key", "shows", "screens"),
    [("?", "The session under the cursor", 2), ("enter", "Timeline", 1), ("n", "New session", 1)],
)
def test_opening_and_closing(key: str, shows: str, screens: int) -> None:
    with Terminal([sys.executable, "-m", "tests.tui.monitor"], columns=120, rows=40) as terminal:
        terminal.wait_for("sales-eu")
        before = terminal.settle()
        terminal.send(key)
        terminal.wait_for(shows)
        opened = terminal.settle()
        assert opened - before < screens * A_SCREEN
        terminal.send("escape")
        terminal.wait_for("trouble first")
        assert terminal.settle() - opened < A_SCREEN
