"""What the settings of the looks send to a real terminal."""

from __future__ import annotations

import re
import sys

import pytest

from tests.terminal import Terminal

pytestmark = pytest.mark.pty


def monitor(**environment: str) -> Terminal:
    command = [sys.executable, "-m", "tests.tui.monitor", "--real"]
    return Terminal(command, columns=100, rows=30, environment=environment)


def colours(output: bytes) -> set[bytes]:
    return {code for codes in re.findall(rb"\x1b\[([\d;]*)m", output) for code in codes.split(b";")}


@pytest.mark.parametrize("environment", [{"LC_ALL": "C"}, {"WA_TUI_ASCII": "1"}], ids=["locale", "setting"])
def test_without_unicode_everything_is_ascii(environment: dict[str, str]) -> None:
    with monitor(**environment) as terminal:
        terminal.wait_for("o disconnected sales-eu")
        terminal.send("enter")
        terminal.wait_for("Timeline")
        terminal.send("escape", "?", "s")
        terminal.wait_for("What the signs mean")
        terminal.settle()
        assert bytes(terminal.output).isascii()


def test_the_ansi_theme_names_the_terminals_colours_and_gives_none() -> None:
    with monitor(WA_TUI_THEME="ansi") as terminal:
        terminal.wait_for("sales-eu")
        terminal.send("t")
        terminal.wait_for("Test message from")
        terminal.settle()
        used = colours(bytes(terminal.output))
        assert not used & {b"38", b"48"}, "no colour by number"
        assert {b"31", b"32", b"33", b"36"} <= used


def test_a_theme_from_the_environment() -> None:
    with monitor(WA_TUI_THEME="light") as terminal:
        terminal.wait_for("sales-eu")
        terminal.settle()
        assert terminal.cell(50, 10).bg == "ffffff"


@pytest.mark.parametrize(("setting", "asked"), [("1", True), ("0", False)])
def test_the_mouse_is_left_to_the_terminal_if_it_is_to_be(setting: str, asked: bool) -> None:
    with monitor(WA_TUI_MOUSE=setting) as terminal:
        terminal.wait_for("sales-eu")
        terminal.settle()
        assert (b"\x1b[?1000h" in bytes(terminal.output)) is asked
