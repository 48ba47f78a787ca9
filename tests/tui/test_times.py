"""Local times with their zone, and ISO 8601 for those who ask."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.tui.cursor import put_cursor
from tests.tui.monitor import SALES, monitor
from tests.tui.until import text, until
from wa_tui.tui.presenters.times import clock, iso, zone
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.widgets.grid import SessionGrid

AT = datetime(2026, 11, 23, 12, 40, 58, 123456, tzinfo=UTC)


def at_home_in(monkeypatch: pytest.MonkeyPatch, zone_name: str) -> None:
    monkeypatch.setenv("TZ", zone_name)
    time.tzset()


@pytest.fixture(autouse=True)
def back_home() -> Iterator[None]:
    before = os.environ.get("TZ")
    yield
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize(
    ("home", "shown", "name", "full"),
    [
        ("UTC", "12:40 UTC", "UTC", "2026-11-23T12:40:58+00:00"),
        ("CET-1", "13:40 CET", "CET", "2026-11-23T13:40:58+01:00"),
        ("<+0530>-5:30", "18:10 +0530", "+0530", "2026-11-23T18:10:58+05:30"),
    ],
)
def test_times_are_local_and_say_so(
    monkeypatch: pytest.MonkeyPatch, home: str, shown: str, name: str, full: str
) -> None:
    at_home_in(monkeypatch, home)
    assert (clock(AT), zone(AT), iso(AT)) == (shown, name, full)
    assert len(iso(AT)) == 25


async def test_t_shows_iso_times_everywhere_and_takes_them_back(monkeypatch: pytest.MonkeyPatch) -> None:
    at_home_in(monkeypatch, "CET-1")
    app = monitor()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.state.connected and "sales-eu" in text(pilot))
        assert "13:41 CET" in text(pilot), "the header"
        assert "13:38:54" in text(pilot), "the log"
        await pilot.press("T")
        await until(pilot, lambda: "2026-11-23T13:38:54+01:00  heal" in text(pilot))
        assert isinstance(app.screen, MainScreen)
        put_cursor(app.screen.query_one(SessionGrid), SALES)
        await pilot.press("enter")
        await until(pilot, lambda: "2026-11-23T13:40:20+01:00 · <1m ago" in text(pilot))
        await pilot.press("T")
        await until(pilot, lambda: "23 Nov 13:40:20 CET · <1m ago" in text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "  13:38:54  heal" in text(pilot))
