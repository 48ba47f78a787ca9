"""What the views send to a real terminal: nothing while nothing happens, and little for a changed row."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from tests.terminal import Terminal
from tests.tui.view_stage import CHANGES

pytestmark = pytest.mark.pty

SHOWN = {
    "gateways": "ap-1",
    "jobs": "cleanup",
    "log": "reconnect accepted",
    "details": "reconnect accepted",
    "messages": "field-team",
    "needs": "promo",
    "raw": "session_id",
    "users": "PRIMARY",
    "report": "# Handover",
}


FULL = {"report"}
"""Views whose lines are full of text: one line on, all of them are others."""


@pytest.mark.parametrize("view", SHOWN)
def test_an_idle_view_sends_nothing_and_a_changed_row_little(view: str) -> None:
    with Terminal([sys.executable, "-m", "tests.tui.view_stage", view]) as terminal:
        terminal.wait_for(SHOWN[view])
        before = terminal.settle()
        assert terminal.settle(0.8) == before, "idle"
        if view in CHANGES:
            os.kill(terminal.process.pid, signal.SIGUSR1)
            assert 0 < terminal.settle() - before < 400
        before = terminal.settle()
        terminal.send("down")
        most = 6000 if view in FULL else 3000
        assert terminal.settle() - before < most, "the cursor's two rows, or lines scrolled by one"
