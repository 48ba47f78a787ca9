"""Keys that come all at once, as a paste or a slow line brings them, do what they would have done one by one."""

from __future__ import annotations

import sys

import pytest

from tests.terminal import Terminal

pytestmark = pytest.mark.pty

MONITOR = [sys.executable, "-m", "tests.tui.monitor"]


@pytest.mark.parametrize("columns", [80, 120])
def test_a_filter_typed_in_one_go_filters_and_acts_on_nothing(columns: int) -> None:
    with Terminal(MONITOR, columns=columns, rows=24) as terminal:
        terminal.wait_for("Reconnect")
        terminal.settle()
        terminal.send("/onboarding\r")
        screen = terminal.wait_for("/ onboarding")
        assert "Sessions 1 of 24" in screen
        assert "scan this code" not in screen


def test_a_form_filled_in_one_go_has_every_letter_in_its_field() -> None:
    with Terminal(MONITOR) as terminal:
        terminal.wait_for("Reconnect")
        terminal.settle()
        terminal.send("nbilling\r7")
        screen = terminal.wait_for(lambda text: "User id       7" in text)
        assert "Instance name billing" in screen


@pytest.mark.parametrize(("columns", "rows"), [(40, 10), (60, 15)])
def test_a_tiny_terminal_shows_sessions_and_the_buttons_of_forms(columns: int, rows: int) -> None:
    with Terminal(MONITOR, columns=columns, rows=rows) as terminal:
        terminal.wait_for("onboarding")
        terminal.settle()
        terminal.send("n")
        terminal.wait_for(lambda text: "User id" in text and "Start" in text and "Cancel" in text)


def test_a_command_typed_in_one_go_is_run_and_nothing_of_it_is_a_key() -> None:
    with Terminal(MONITOR) as terminal:
        terminal.wait_for("Reconnect")
        terminal.settle()
        terminal.send(":snooze 2h\r")
        screen = terminal.wait_for("snooze billing-old on eu-1: accepted")
        assert "Sessions 24" in screen and "marked" not in screen
        terminal.send(" \x1b[B\x1b[B\x00")
        terminal.wait_for("3 marked")
        terminal.send(":he\t\r")
        terminal.wait_for("The session under the cursor")
