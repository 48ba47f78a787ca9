"""What the widgets send to a real terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest

from tests.terminal import Terminal

pytestmark = pytest.mark.pty


def stage(columns: int = 120, rows: int = 40, **environment: str) -> Terminal:
    return Terminal(
        [sys.executable, "-m", "tests.tui.stage"], columns=columns, rows=rows, environment=environment
    )


@pytest.fixture(scope="module")
def terminal() -> Iterator[Terminal]:
    with stage() as terminal:
        terminal.wait_for("booking-de")
        terminal.settle()
        yield terminal


def sent(terminal: Terminal, *keys: str) -> int:
    before = terminal.bytes_read
    terminal.send(*keys)
    return terminal.settle() - before


def test_an_idle_screen_sends_nothing(terminal: Terminal) -> None:
    before = terminal.bytes_read
    assert terminal.settle(1.0) == before


def test_one_changed_row_is_sent_once(terminal: Terminal) -> None:
    assert 0 < sent(terminal, "1") < 800, "the proof of a visible session"


def test_a_row_that_says_the_same_is_not_sent(terminal: Terminal) -> None:
    assert sent(terminal, "2") == 0, "observed again, nothing new on screen"


def test_traffic_is_not_sent_before_the_minute_is_over(terminal: Terminal) -> None:
    assert sent(terminal, "6") == 0


def test_an_event_sends_the_log_and_not_the_screen(terminal: Terminal) -> None:
    assert 0 < sent(terminal, "3") < 4500


def test_a_session_far_below_sends_the_counts_and_not_the_screen(terminal: Terminal) -> None:
    assert 0 < sent(terminal, "4") < 2500


def test_the_cursor_sends_two_rows(terminal: Terminal) -> None:
    assert 0 < sent(terminal, "down") < 1600


def test_what_was_sent_in_parts_adds_up_to_the_whole(terminal: Terminal) -> None:
    sent(terminal, "5", "down", "down", "pagedown", "up", "1", "end", "3", "home", "2")
    in_parts = terminal.text()
    terminal.resize(100, 40)
    terminal.settle()
    terminal.resize(120, 40)
    terminal.settle()
    assert terminal.text() == in_parts
    assert "東京 timed out" in in_parts


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_no_colour_means_none(columns: int, rows: int) -> None:
    with stage(columns, rows, NO_COLOR="1") as terminal:
        terminal.wait_for("sales-eu")
        terminal.settle()
        output = bytes(terminal.output)
        used = {code for codes in re.findall(rb"\x1b\[([\d;]*)m", output) for code in codes.split(b";")}
        assert used <= {b"0", b"1", b"2", b"7", b"22", b"27", b"39", b"49"}, (
            "bold, dim, reverse, their ends, the default colours"
        )
        line = next(y for y, text in enumerate(terminal.lines()) if "billing-old" in text)
        assert terminal.cell(3, line).reverse, "the cursor is seen"
        line = next(y for y, text in enumerate(terminal.lines()) if "support-fr" in text)
        assert terminal.cell(3, line).bold, "trouble is seen"


def test_sixteen_colours_are_the_ones_that_are_meant() -> None:
    with stage(TERM="xterm", COLORTERM="", TEXTUAL_COLOR_SYSTEM="standard") as terminal:
        terminal.wait_for("sales-eu")
        terminal.settle()
        glyphs = {
            text.strip("▌ ")[:1]: y for y, text in reversed(list(enumerate(terminal.lines()))) if 4 < y < 20
        }
        colours = {glyph: terminal.cell(1, y).fg for glyph, y in glyphs.items() if glyph}
        assert colours["○"] == "red"
        assert colours["◐"] == "brown"
        assert colours["●"] == "green"
        cursor = next(y for y, text in enumerate(terminal.lines()) if text.startswith("▌"))
        assert all(terminal.cell(x, cursor).reverse for x in range(100))
