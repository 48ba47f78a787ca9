"""Every screen as text, at three sizes; in colour, and some without colour or without Unicode.

``pytest tests/tui/test_text_screens.py --snapshot-update`` writes them anew: look at the difference.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from tests.tui.cursor import put_cursor
from tests.tui.environment import same_terminal
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import BUNDLED, GATEWAYS
from tests.tui.monitor import BILLING, ONBOARDING, SALES, monitor
from tests.tui.until import settled, text, until
from wa_tui.config import Ui
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.screens.qr import QrScreen
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.wire import Delta

KEPT = Path(__file__).parent / "texts"
"""Not among the SVG snapshots: their keeper takes every file there that it does not know for a stale one."""
SIZES = [(80, 24), (120, 40), (200, 60)]


class Shown(NamedTuple):
    """A screen: where the cursor is, the keys that lead there, and a text by which one knows it."""

    keys: tuple[str, ...]
    shows: str
    key: tuple[str, str] = SALES


SCREENS = {
    "sessions": Shown((), "reconnect accepted"),
    "details": Shown(("enter",), "Target closed"),
    "help": Shown(("question_mark",), "The session under the cursor"),
    "signs": Shown(("question_mark", "s"), "What the signs mean"),
    "help-search": Shown(("question_mark", "slash", *"scan"), "Show the QR code"),
    "qr": Shown(("o",), "valid for 41 s", ONBOARDING),
    "pair": Shown(("o", "p"), "Phone number", ONBOARDING),
    "new": Shown(("n",), "Its QR code opens"),
    "send": Shown(("t",), "the recipient will see it"),
    "confirm": Shown(("r",), "Reconnect billing on eu-1?", BILLING),
}


@pytest.fixture(autouse=True)
def one_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    same_terminal(monkeypatch, "CET-1")


async def page(shown: Shown, size: tuple[int, int], ui: Ui) -> str:
    """The screen's text."""
    daemon = FakeDaemon()
    daemon.push(
        Delta(gateways=[msgspec.structs.replace(GATEWAYS[0], capabilities=[*BUNDLED, "pairing_code"])])
    )
    app = monitor(daemon, ui=ui)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state.connected and "billing-old" in text(pilot))
        await until(pilot, lambda: app.state.gateways["eu-1"].capabilities)
        assert isinstance(app.screen, MainScreen)
        await settled(pilot)
        put_cursor(app.screen.query_one(SessionGrid), shown.key)
        for key in shown.keys:
            await pilot.press(key)
            if key == "o":
                await until(pilot, lambda: isinstance(app.screen, QrScreen) and "valid" in text(pilot))
        await until(pilot, lambda: shown.shows in text(pilot))
        await settled(pilot)
        # Where a scroll bar ends within its cell depends on when it was last laid out.
        return re.sub(r" *[▁▂▃▄▅▆▇]$", "", text(pilot), flags=re.MULTILINE) + "\n"


def same(name: str, found: str, request: pytest.FixtureRequest) -> None:
    """Compare a page with the one that is kept, or keep it."""
    path = KEPT / f"{name}.txt"
    update: Any = request.config.getoption("update_snapshots", default=False)
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found, "utf-8")
    assert path.exists(), f"{path} is not there yet: run with --snapshot-update and look at it"
    assert found == path.read_text("utf-8")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
async def test_screens(name: str, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    found = await page(SCREENS[name], size, Ui(ascii=False))
    assert max(map(len, found.split("\n"))) <= size[0]
    same(f"{name}-{size[0]}x{size[1]}", found, request)


NARROW = {
    "sessions": "sales-eu",
    "details": "13:41:08",
    "help": "The session under",
    "signs": "What the signs",
    "send": "Through",
    "new": "Its QR code",
}
"""What tells a screen where there are few cells."""


@pytest.mark.parametrize("name", ["sessions", "details", "help", "signs", "send"])
@pytest.mark.parametrize("size", [(40, 12), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_screens_in_ascii(name: str, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    found = await page(SCREENS[name]._replace(shows=NARROW[name]), size, Ui(ascii=True))
    assert found.isascii()
    same(f"{name}-ascii-{size[0]}x{size[1]}", found, request)


@pytest.mark.parametrize("name", ["sessions", "details"])
async def test_screens_without_colour(
    name: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    same(f"{name}-mono", await page(SCREENS[name], (80, 24), Ui(ascii=False)), request)


@pytest.mark.parametrize("name", ["sessions", "help", "new"])
async def test_forty_columns_are_readable(name: str, request: pytest.FixtureRequest) -> None:
    found = await page(SCREENS[name]._replace(shows=NARROW[name]), (40, 24), Ui(ascii=False))
    assert max(map(len, found.split("\n"))) <= 40
    same(f"{name}-40x24", found, request)
