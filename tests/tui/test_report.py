"""The handover in the monitor."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.tui.fake import FakeDaemon
from tests.tui.fleet import HOUR, MINUTE, busy, event
from tests.tui.places import at
from tests.tui.until import until
from wa_tui.client import DaemonGone
from wa_tui.tui.views import Place

REPORT = Place("report")
SIZES = [(80, 24), (120, 40)]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def daemon() -> FakeDaemon:
    """One whose past has an outage of two hours ago."""
    daemon = FakeDaemon(busy())
    daemon.past = [
        event(1, 2 * HOUR, "webhook", "status", "billing-old", before="connected", after="disconnected",
              reason="browser_died"),
        event(2, 2 * HOUR - 5 * MINUTE, "webhook", "status", "billing-old", before="disconnected", after="connected"),
    ]  # fmt: skip
    return daemon


@pytest.mark.parametrize("size", SIZES)
async def test_it_is_made_when_it_is_opened_and_scrolls(size: tuple[int, int]) -> None:
    async with at(REPORT, size, daemon()) as screen:
        await screen.shows("Handover · 8h · made ", "# Handover 2026-11-23", "## Open now")
        await screen.press("end")
        await screen.shows("## By user")
        await screen.press("home")
        await screen.shows("# Handover")
        assert all(len(line) <= size[0] for line in screen.lines)


async def test_the_command_takes_a_time_and_a_gateway() -> None:
    async with at(Place("sessions"), (120, 40), daemon()) as screen:
        await screen.type(":", detail="report 1h")
        assert screen.view == Place("report", since="1h")
        await screen.shows("Handover · 1h · made", "1 h, ")
        await screen.press("escape")
        await screen.type(":", detail="report 3h eu-1")
        assert screen.view == Place("report", gateway="eu-1", since="3h")
        await screen.shows("gateway `eu-1`", "browser died")
        await screen.press("escape")
        await screen.type(":", detail="report eu-2")
        assert screen.view == Place("report", gateway="eu-2")
        await screen.press("escape")
        await screen.type(":", detail="report soon")
        await screen.shows("soon is no time; write 12:40")


def reports(folder: Path) -> list[str]:
    """The reports that were saved, each for its owner alone."""
    paths = [*folder.glob("wa-tui-report-*.md")]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in paths)
    return [path.read_text() for path in paths]


async def test_it_is_saved_and_copied_as_it_is_shown(tmp_path: Path) -> None:
    async with at(REPORT, (120, 40), daemon(), pictures=tmp_path) as screen:
        await screen.shows("## Outages")
        await screen.press("S")
        await screen.shows("saved as ")
        await screen.press("S")
        await until(screen.pilot, lambda: len(reports(tmp_path)) == 2)
        await screen.press("c")
        assert "report" in screen.said
    for text in reports(tmp_path):
        assert text.startswith("# Handover 2026-11-23") and "| `eu-1` " in text


async def test_what_keeps_it_from_being_made_is_said_and_it_is_tried_again() -> None:
    broken = daemon()
    broken.unreadable = DaemonGone("no daemon answers")
    async with at(REPORT, (80, 24), broken) as screen:
        await screen.shows("the report was not made: no daemon answers", "r tries again")
        await screen.press("S")
        assert "no report to save" in screen.said
        broken.unreadable = None
        await screen.press("r")
        await screen.shows("# Handover")


async def test_a_new_one_is_made_up_to_now() -> None:
    told = daemon()
    async with at(REPORT, (120, 40), told) as screen:
        await screen.shows("## Outages: ")
        before = screen.line("## Outages: ")
        told.past.append(
            event(3, HOUR, "webhook", "status", "hr-bot", before="connected", after="disconnected")
        )
        told.past.append(
            event(4, HOUR / 2, "webhook", "status", "hr-bot", before="disconnected", after="connected")
        )
        await screen.press("r")
        await until(screen.pilot, lambda: screen.line("## Outages: ") != before)
