"""What the views send to a real terminal: nothing while nothing happens, a row for a changed row."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from tests.terminal import Terminal

SHOWN = {
    "gateways": ("ap-1", 400),
    "jobs": ("cleanup", 800),
    "log": ("reconnect accepted", 900),
    "details": ("reconnect accepted", 900),
    "messages": ("field-team", 1200),
    "needs": ("promo", None),
    "raw": ("session_id", None),
}


@pytest.mark.parametrize("view", SHOWN)
def test_an_idle_view_sends_nothing_and_a_changed_row_little(view: str) -> None:
    shows, most = SHOWN[view]
    with Terminal([sys.executable, "-m", "tests.tui.view_stage", view]) as terminal:
        terminal.wait_for(shows)
        before = terminal.settle()
        assert terminal.settle(0.8) == before, "idle"
        if most is not None:
            os.kill(terminal.process.pid, signal.SIGUSR1)
            sent = terminal.settle() - before
            assert 0 < sent < most
        before = terminal.settle()
        terminal.send("down")
        assert terminal.settle() - before < 2500, "the cursor's two rows, or a line scrolled"
