"""A session as JSON."""

from __future__ import annotations

import json

from tests.tui.monitor import SALES
from tests.tui.places import at
from wa_tui.tui.views import Place
from wa_tui.wire import Delta

RAW = Place("raw", SALES)


async def test_it_is_indented_scrolls_and_follows_what_changes() -> None:
    async with at(RAW, (80, 24)) as screen:
        await screen.shows("JSON · sales-eu on eu-1", '"session_id": "user_7_instance_sales-eu"')
        screen.daemon.change(SALES, detail="東京 " + "long " * 30 + "end\x1b[31m")
        await screen.shows("東京", "end")
        assert "\x1b" not in "\n".join(screen.lines)
        await screen.press("end")
        await screen.hides('"session_id"')
        assert screen.lines[21] == "  }"
        await screen.press("home", "down", "pagedown", "pageup", "up")
        await screen.shows('"session_id"')


async def test_c_copies_all_of_it() -> None:
    async with at(RAW) as screen:
        await screen.press("c")
        assert json.loads(screen.app.clipboard)["session_id"] == SALES[1]
        assert "sent to the terminal's clipboard: JSON" in screen.said


async def test_a_deleted_one_stays_as_it_was() -> None:
    async with at(RAW) as screen:
        screen.daemon.push(Delta(removed=[SALES]))
        await screen.shows("it was deleted", '"session_id"')
