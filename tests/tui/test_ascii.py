"""The screen without Unicode."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.tui.cursor import put_cursor
from tests.tui.fake import FakeDaemon
from tests.tui.monitor import SALES, monitor
from tests.tui.until import text, until
from wa_tui.config import Ui
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.appearance import ascii_of, speaks_utf8
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.style.palette import LOOKS, RIBBON, Palette
from wa_tui.tui.style.ribbon import spark
from wa_tui.tui.widgets.grid import SessionGrid


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("● connected", "* connected"),
        ("connected → disconnected", "connected > disconnected"),
        ("café-münchen", "cafe-munchen"),
        ("東京", "????"),
        ("╭─ Help ─╮", "+- Help -+"),
        ("“x” … y", '"x" ~ y'),
        ("½", "?"),
        ("é", "e"),
    ],
)
def test_every_form_is_as_wide_as_it_was(text: str, expected: str) -> None:
    assert ascii_of(text) == expected
    assert cell_len(ascii_of(text)) == cell_len(text)


def test_states_keep_their_signs_apart() -> None:
    signs = {(ascii_of(look.glyph), str(condition)) for condition, look in LOOKS.items()}
    assert len(signs) == len(LOOKS)
    palette = Palette(ascii=True)
    cells = [palette.ribbon(code)[0] for code in RIBBON]
    assert len(set(cells)) == len(cells)
    assert all(cell.isascii() for cell in cells)


@pytest.mark.parametrize(
    ("environ", "utf8"),
    [
        ({}, True),
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "de_DE.utf8"}, True),
        ({"LANG": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, False),
        ({"LANG": "C", "LC_ALL": "C.UTF-8"}, True),
        ({"LANG": "ja_JP.eucJP"}, False),
        ({"LANG": "", "LC_CTYPE": "en_US.ISO-8859-1"}, False),
    ],
)
def test_the_locale_says_whether_unicode_is_there(environ: dict[str, str], utf8: bool) -> None:
    assert speaks_utf8(environ) is utf8


def drawn(app: WaTuiApp) -> str:
    """What goes to the terminal: rendered, and passed through the app's filters."""
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line) for line in lines)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_nothing_else_reaches_the_terminal(size: tuple[int, int]) -> None:
    app = monitor(FakeDaemon(), ui=Ui(ascii=True))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state.connected and "sales-eu" in text(pilot))
        assert isinstance(app.screen, MainScreen)
        put_cursor(app.screen.query_one(SessionGrid), SALES)
        for key in ("question_mark", "escape", "enter", "escape", "t", "escape", "n", "escape"):
            await pilot.press(key)
            await pilot.pause()
            page = drawn(app)
            assert page.isascii(), (key, [char for char in page if not char.isascii()][:5])


@pytest.mark.parametrize(
    ("values", "width", "expected"),
    [
        ([], 5, "     "),
        ([0, 0, 0], 3, "   "),
        ([0, 1, 2, 4, 8], 5, " ▁▂▄█"),
        ([1, 1, 1, 1], 2, "██"),
        ([5, 0, 0, 0, 1], 3, "█ ▂"),
        ([1], 4, "   █"),
        ([3, 3], 0, ""),
    ],
)
def test_a_sparkline_has_its_width_and_leaves_nothing_out(
    values: list[int], width: int, expected: str
) -> None:
    assert spark(values, width) == expected


def test_a_sparkline_in_ascii() -> None:
    line = spark([0, 1, 4, 8], 4, ascii=True)
    assert line.isascii() and len(line) == 4 and line[0] == " " and line[-1] == "#"
