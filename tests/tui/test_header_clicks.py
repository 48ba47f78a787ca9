"""What is counted in the header is shown by a click on it, all of it and nothing else."""

from __future__ import annotations

import re

import pytest

from tests.tui.hands import SIZE, Hands
from tests.tui.until import text, until
from wa_tui.tui.views import Place


def cell_of(screen: str, word: str) -> tuple[int, int]:
    """Where a word stands in the header's lines."""
    lines = screen.split("\n")[:3]
    y = next(y for y, line in enumerate(lines) if word in line)
    return lines[y].index(word), y


@pytest.mark.parametrize("word", ["connected", "claimed", "starting", "scan QR", "down", "unknown"])
async def test_a_count_shows_exactly_what_it_counts_and_again_all(word: str) -> None:
    under = Hands()
    async with under.app.run_test(size=(200, 40)) as pilot:
        await under.ready(pilot)
        await pilot.press("1", "F")
        line = text(pilot).split("\n")[2]
        counted = re.search(rf"(\d+) {word}", line)
        assert counted is not None
        await pilot.click(offset=(counted.start(), 2))
        await until(
            pilot, lambda: len(under.grid.keys) == int(counted[1]) and under.main.sessions.gateway is None
        )
        await under.shows(pilot, "/ status:")
        await pilot.click(offset=(counted.start(), 2))
        await until(pilot, lambda: len(under.grid.keys) == 24)


async def test_a_gateway_shows_its_sessions_and_again_all() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        at = cell_of(text(pilot), "eu-2")
        await pilot.click(offset=at)
        await until(pilot, lambda: under.main.sessions.gateway == "eu-2" and len(under.grid.keys) == 10)
        await pilot.click(offset=at)
        await until(pilot, lambda: under.main.sessions.gateway is None)


async def test_who_needs_a_person_is_one_click_away_and_empty_space_leads_nowhere() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.click(offset=(SIZE[0] - 25, 0))
        await pilot.click(offset=(SIZE[0] - 2, 2))
        assert under.app.navigation.trail == (Place("sessions"),)
        await pilot.click(offset=cell_of(text(pilot), "need you"))
        await until(pilot, lambda: under.app.navigation.trail[-1] == Place("needs"))
