"""The gateways, and one of them."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from tests.tui.fake import FakeDaemon
from tests.tui.fleet import BUSY_GATEWAYS, HOUR, MINUTE, NOW, busy, session, troubled
from tests.tui.places import At, at
from tests.tui.until import until
from wa_tui.tui.presenters.gateways import clock_words
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.views import Place
from wa_tui.wire import AcknowledgedView, ActionRequest, Delta, GatewayHealingView, GatewayView

GATEWAYS = Place("gateways")


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def change(screen: At, index: int, **fields: Any) -> None:
    screen.daemon.push(Delta(gateways=[msgspec.structs.replace(BUSY_GATEWAYS[index], **fields)]))


async def test_each_gateway_says_how_it_is() -> None:
    async with at(GATEWAYS, (200, 60)) as screen:
        await screen.shows("Gateways · 4 · 3 in trouble")
        eu1, eu2 = screen.line("eu-1 "), screen.line("eu-2 ")
        assert eu1.split()[1:9] == ["eu-1", "●", "up", "5d", "23h", "4", "●6", "○3"] or "●6" in eu1
        assert "12/50" in eu1 and eu1.endswith("webhooks missing")
        assert "◐ restarting" in eu2 and "9/9" in eu2 and "healing paused" in eu2
        assert "connection refused" in screen.line("us-1 ") and "○ down" in screen.line("us-1 ")
        assert "✖ wrong key" in screen.line("ap-1 ") and "Invalid API key · set its" in screen.line("ap-1 ")


async def test_a_gateway_that_a_proxy_keeps_from_us_is_no_wrong_key() -> None:
    async with at(GATEWAYS, (200, 60)) as screen:
        told = {
            "detail": "the proxy before ap-1 asks for a user and password",
            "advice": "set basic_user of ap-1",
        }
        change(screen, 3, proxy_refuses=True, **told)
        await screen.shows("✖ proxy bars", "the proxy before ap-1 asks for a u… · set basic_user of ap-1")
        assert "wrong key" not in "\n".join(screen.lines)


async def test_a_pause_that_is_over_is_not_shown_any_more() -> None:
    over = GatewayHealingView(at_once=2, paused_until=NOW - MINUTE, why="Failed to launch")
    async with at(GATEWAYS, (200, 60)) as screen:
        assert "healing paused" in screen.line("eu-2 ")
        change(screen, 1, healing=over, latency_ms=77)
        await screen.shows(" 77 ")
        assert "healing paused" not in screen.line("eu-2 ")
        await screen.press("down", "enter")
        await screen.shows("Healing")
        assert "pauses" not in screen.line("Healing")


async def test_missing_webhooks_are_counted_once_in_a_row() -> None:
    async with at(GATEWAYS, (120, 30)) as screen:
        assert "MISSING" in screen.line("GATEWAY ") and " webhooks missing" in screen.line("eu-1 ")
        assert "3 webhooks" not in screen.line("eu-1 ")
    async with at(GATEWAYS, (80, 24)) as screen:
        assert "3 webhooks missing" in screen.line("eu-1 ")


async def test_healthy_thousands_do_not_push_out_what_is_down() -> None:
    many = [session(f"shop-{number}") for number in range(1200)]
    down = [troubled(f"desk-{number}", "disconnected") for number in range(100)]
    async with at(GATEWAYS, (80, 24)) as screen:
        screen.daemon.push(Delta(sessions=[*many, *down]))
        await screen.shows("○102")
        cell = screen.line("eu-1 ").split("up")[1].split("3 webhooks")[0].split()
        shown, rest = cell[:-1], cell[-1]
        assert shown == ["○102", "✖1"] and rest.startswith("+")
        await screen.press("enter")
        await screen.shows("○\u00a0102\u00a0disconnected", "✖\u00a01\u00a0auth\u00a0failed")
    async with at(GATEWAYS, (200, 60)) as screen:
        screen.daemon.push(Delta(sessions=[*many, *down]))
        await screen.shows("●1206 ○102")


async def test_the_cursor_stays_on_its_gateway_and_rows_change_in_place() -> None:
    async with at(GATEWAYS) as screen:
        await screen.press("down")
        change(screen, 1, state="up", latency_ms=77, healing=None)
        await screen.shows("● up          <1m       77")
        assert screen.line("eu-2").startswith("▌")


async def test_enter_opens_one_and_goes_on_to_its_sessions() -> None:
    async with at(GATEWAYS) as screen:
        await screen.press("enter")
        await screen.shows("Sessions › Gateways › eu-1 · http://10.0.0.11:3000")
        await screen.shows(
            "4 wrong key, 1 malformed", "12 of 50", "1 now, 3 waiting, healing 2 at once at most"
        )
        await screen.shows("its list says otherwise than the checks of", "38 ms ahead", "3 in the last hour")
        await screen.shows("31 changes of status, 2 repeated webhooks,", "1 contradiction")
        await screen.press("enter")
        assert screen.view == Place("sessions", gateway="eu-1")
        await screen.shows("on eu-1")


async def test_its_log_its_sessions_its_url_and_a_sync_of_it() -> None:
    async with at(GATEWAYS) as screen:
        await screen.press("down", "l")
        assert screen.view == Place("log", gateway="eu-2")
        await screen.press("escape", "s")
        assert screen.daemon.asked == [ActionRequest(action="sync", gateway="eu-2")]
        screen.daemon.finish("verified", "Session sync complete: 9 checked, 0 updated")
        await screen.shows("Session sync complete: 9 checked, 0 updated")
        await screen.press("c")
        assert "http://10.0.0.12:3000" in screen.said
        await screen.press("w")
        assert screen.view == Place("sessions", gateway="eu-2")


async def test_a_read_only_gateway_is_not_asked_and_says_so() -> None:
    async with at(Place("gateways", gateway="ap-1")) as screen:
        await screen.shows("✖ wrong key for 2h", "HTTP 401: Invalid API", "yes: only safe actions")
        await screen.press("s")
        assert [one.action for one in screen.daemon.asked] == ["sync"], "looking is safe"


async def test_healing_does_not_work_where_nothing_can_be_started() -> None:
    healing = GatewayHealingView(at_once=2)
    async with at(Place("gateways", gateway="us-1")) as screen:
        for state, told in (("unauthorised", "takes our key"), ("down", "answers")):
            change(screen, 2, state=state, healing=healing)
            await screen.shows(f"waits until us-1 {told}")
        change(screen, 2, state="up", healing=healing)
        await screen.shows("Healing      works")


async def test_a_gateway_that_is_none() -> None:
    async with at(Place("gateways", gateway="nowhere")) as screen:
        await screen.shows("This daemon has no such gateway.")


async def test_details_follow_what_changes_and_scroll() -> None:
    async with at(Place("gateways", gateway="eu-1"), (80, 24)) as screen:
        change(screen, 0, state="slow", latency_ms=1800, hour={"missing": 1}, restarts=2)
        await screen.shows("◐ slow", "1800 ms", "2 seen", "1 webhook missing")
        await screen.hides("Last hour")
        await screen.press("end")
        await screen.shows("Last hour", "1 in the last hour")


async def test_a_double_click_opens() -> None:
    async with at(GATEWAYS) as screen:
        await screen.pilot.click("Table", offset=(5, 2), times=2)
        await screen.shows("Gateways › eu-2")


async def test_without_gateways_it_says_so() -> None:
    first = busy()
    fields = {name: getattr(first, name) for name in first.__struct_fields__} | {
        "gateways": [],
        "sessions": [],
    }
    async with at(GATEWAYS, daemon=FakeDaemon(type(first)(**fields))) as screen:
        await screen.shows("no gateways are known yet")
        await screen.press("s")
        assert screen.said == "sync: no gateway is under the cursor"


def test_words() -> None:
    def gateway(**fields: Any) -> GatewayView:
        return GatewayView(name="x", url="", **fields)

    assert clock_words(gateway(clock_offset_ms=0)) == "the same as ours"
    assert clock_words(gateway(clock_offset_ms=-45_000)) == "45 s behind"


QUIETED = [
    ActionRequest(action="acknowledge", gateway="us-1"),
    ActionRequest(action="acknowledge", gateway="us-1", force=True),
    ActionRequest(action="snooze", gateway="us-1", minutes=90),
    ActionRequest(action="snooze", gateway="us-1", minutes=0),
]


@pytest.mark.parametrize("place", [GATEWAYS, Place("gateways", gateway="us-1"), Place("needs")], ids=str)
async def test_a_and_z_quiet_the_gateway_and_again_takes_that_back(place: Place) -> None:
    async with at(place) as screen:

        async def press(*keys: str) -> None:
            """Press keys with the cursor on the gateway, wherever its row is by now."""
            shown = screen.app.screen
            assert isinstance(shown, FleetScreen)
            await screen.press(*([] if shown.aim().gateway == "us-1" else ["home"]))
            while shown.aim().gateway != "us-1":
                await screen.press("down")
            await screen.press(*keys)

        await press("a")
        await screen.shows("acknowledge gateway us-1: accepted")
        change(screen, 2, acknowledged=AcknowledgedView(who="ana@ops", at=NOW))
        await screen.shows("ana@ops")
        await press("a", "z")
        await screen.shows("Snooze gateway us-1", "breaks for another")
        await screen.type("ctrl+u", detail="90m")
        await screen.shows("snooze gateway us-1: accepted")
        change(screen, 2, acknowledged=None, snoozed_until=NOW + 2 * HOUR)
        await screen.hides("ana@ops")
        await press("z")
        await until(screen.pilot, lambda: len(screen.daemon.asked) == 4)
        assert screen.daemon.asked == QUIETED


async def test_a_quieted_gateway_is_seen_and_counted_apart() -> None:
    async with at(GATEWAYS) as screen:
        change(screen, 2, snoozed_until=NOW + 118 * MINUTE)
        await screen.shows("Gateways · 4 · 2 in trouble · 1 quieted")
        assert "snoozed 1h58m · connection r" in screen.line("us-1 ")
        await screen.press("down", "down", "enter")
        await screen.shows("Snoozed", "z ends that")
