"""Details of a session: its facts, and the parts below them."""

from __future__ import annotations

import time
from datetime import timedelta

import msgspec
import pytest

from tests.needing import need
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import DAY, HOUR, MESSAGES, MINUTE, NOW, ago, busy, event
from tests.tui.monitor import BILLING, SALES
from tests.tui.places import at
from wa_tui.client import DaemonGone
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.views import Place
from wa_tui.wire import AcknowledgedView, Delta, EventView, HealingView, Receipt

DETAILS = Place("details", SALES)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


async def test_the_facts_say_how_it_is_what_is_done_and_by_whom() -> None:
    async with at(DETAILS) as screen:
        await screen.shows(
            "Sessions › sales-eu · eu-1", "○ disconnected for 2m", "browser died (Target closed)"
        )
        await screen.shows("retry\u00a03\u00a0in\u00a03m")
        await screen.shows(
            "waiting · 2 attempts so far · next in 3m:",
            "QR code generation timeout",
            "Last used    23 Nov 12:36:20 UTC · 4m ago",
        )
        healing = HealingView(
            state="flapping", attempts=4, next_at=NOW + 5 * MINUTE, why="flapping, 9 drops/h"
        )
        taken = AcknowledgedView(who="bo@ops", at=ago(2 * MINUTE))
        screen.daemon.change(SALES, healing=healing, attention=need("exhausted", healing.why), acknowledged=taken,
                             snoozed_until=NOW + 2 * HOUR)  # fmt: skip
        await screen.shows(
            "flapping · 4 attempts so far · next in 5m", "by bo@ops, 1m ago · a takes that back"
        )
        await screen.shows("until 23 Nov 14:41 · in 2h · z ends that")


async def test_a_proof_says_when_by_what_and_whether_it_counts() -> None:
    async with at(Place("details", BILLING)) as screen:
        screen.daemon.change(BILLING, proven_by="sync")
        await screen.shows("Proven       23 Nov 12:39:50 UTC · 1m ago · by a check")
        screen.daemon.change(BILLING, proven_at=ago(HOUR), proven_by="heal")
        await screen.shows("◌ claimed for", "by healing ·", "counts no more")


async def test_the_timeline_has_states_and_how_long_they_held() -> None:
    daemon = FakeDaemon(busy())
    daemon.past = [
        event(
            -9, 2 * DAY, "webhook", "status", before="connected", after="disconnected", reason="navigation"
        ),
        event(-8, 2 * DAY - 3 * MINUTE, "heal", "action", text="reconnect asked by healing"),
        event(-7, 2 * DAY - 4 * MINUTE, "webhook", "status", before="disconnected", after="connected"),
    ]
    async with at(DETAILS, daemon=daemon) as screen:
        await screen.shows("Sat 12:41  webhook  4m      ○ disconnected  page reloaded")
        await screen.shows("· reconnect asked by healing", "Sat 12:45  webhook  1d 23h  ● connected")
        assert screen.line("12:38:19").split()[2] == "2m", "and still holds"
        await screen.press("T")
        await screen.shows("2026-11-23T12:38:19+00:00  webhook  2m")


async def test_between_its_events_are_outages_of_its_gateway_and_gaps_of_the_daemon() -> None:
    def of_gateway(number: int, before_now: timedelta, before: str, after: str, **fields: str) -> EventView:
        place = {"gateway": "eu-1"} | fields
        return event(number, before_now, "health", "gateway", "", before=before, after=after, **place)

    def gap(number: int, begin: timedelta, end: timedelta) -> EventView:
        return event(number, begin, "timer", "daemon", "", text="daemon started", until=ago(end))

    daemon = FakeDaemon(busy())
    daemon.past = [
        of_gateway(-20, 4 * HOUR, "up", "down", detail="before all that is shown"),
        event(-19, 3 * HOUR, "webhook", "status", before="initializing", after="connected"),
        of_gateway(-18, 2 * HOUR, "up", "down", detail="connection refused"),
        of_gateway(-17, 2 * HOUR, "up", "down", gateway="eu-2"),
        of_gateway(-16, 2 * HOUR - 6 * MINUTE, "down", "restarting"),
        of_gateway(-15, 2 * HOUR - 8 * MINUTE, "restarting", "up"),
        of_gateway(-14, 2 * HOUR - 9 * MINUTE, "up", "slow"),
        gap(-13, HOUR, HOUR - 4 * MINUTE),
    ]
    async with at(DETAILS, daemon=daemon) as screen:
        await screen.shows("10:41:20  health   6m      ‖ gateway eu-1 down 10:41–10:47  connection refused")
        await screen.shows("10:47:20  health   2m      ‖ gateway eu-1 restarting 10:47–10:49")
        await screen.shows("11:41:20  timer    4m      ‖ daemon not watching 11:41–11:45  daemon started")
        assert "2h" in screen.line("09:41:20"), "outages end no state of its own"
        await screen.hides("before all that is shown", "eu-2", "slow")
        screen.daemon.push(Delta(events=[of_gateway(60, 2 * MINUTE, "up", "unauthorised")]))
        await screen.shows("‖ gateway eu-1 not let in since 12:39")
        screen.daemon.push(Delta(events=[of_gateway(61, MINUTE, "unauthorised", "up")]))
        await screen.shows("‖ gateway eu-1 not let in 12:39–12:40")


async def test_older_events_are_fetched_as_one_scrolls() -> None:
    daemon = FakeDaemon(busy())
    daemon.past = [event(n - 2000, DAY, "sync", "changed", text=f"old {n}") for n in range(900)]
    async with at(DETAILS, daemon=daemon) as screen:
        await screen.shows("old 899")
        await screen.press("home")
        await screen.shows("old 400", "reading back, end follows")
        await screen.press("up", "home")
        await screen.shows("old 0")
        screen.daemon.push(Delta(events=[event(50, timedelta(0), "sync", "changed", text="new one")]))
        await screen.shows("+1 line, ")
        await screen.press("end")
        await screen.shows("new one", "following")


async def test_its_parts_by_their_keys() -> None:
    async with at(DETAILS) as screen:
        await screen.press("2")
        await screen.shows("WHEN          BY       WHAT", "… under way", "! no effect", "✓ verified", "30s")
        assert "QR code generation timeout after 30 s" in screen.line("no effect")
        await screen.press("tab")
        await screen.shows("RECIPIENT", "+49 152 555 0999", "? unknown")
        await screen.press("tab")
        await screen.shows("12:38:19  webhook")
        await screen.press("shift+tab")
        await screen.shows("RECIPIENT")
        await screen.press("1")
        await screen.hides("RECIPIENT")
        await screen.press("4")
        assert "4 Facts" not in "\n".join(screen.lines), "they stand above where there is room"


async def test_narrow_the_facts_are_a_part_of_their_own() -> None:
    async with at(DETAILS, (80, 24)) as screen:
        await screen.shows("1 Timeline   2 Attempts   3 Messages   4 Facts")
        await screen.hides("Credentials")
        await screen.press("4")
        await screen.shows(
            "Credentials  stored", "Gateway      eu-1 · up for 5d 23h · 4 ms", "Proven       –"
        )
        await screen.pilot.resize_terminal(120, 40)
        await screen.shows("1 Timeline   2 Attempts   3 Messages   · following")
        await screen.press("4")
        assert screen.said == "the facts are above, where there is room for them"
        await screen.shows("· following")


async def test_its_messages_follow_what_is_sent() -> None:
    daemon = FakeDaemon(busy())
    daemon.sent = []
    async with at(DETAILS, daemon=daemon) as screen:
        assert daemon.read_messages == 0, "not before somebody looks"
        await screen.press("3")
        await screen.shows("no message was sent through it · t sends one")
        message = msgspec.structs.replace(MESSAGES[0], outcome="accepted", text="")
        daemon.sent = [message]
        receipt = Receipt(id="m5", action="send", outcome="accepted", gateway=SALES[0], session_id=SALES[1],
                          accepted_at=NOW)  # fmt: skip
        daemon.push(Delta(receipts=[receipt]))
        await screen.shows("… under way", "+49 152 555 0999")
        daemon.push(
            Delta(receipts=[msgspec.structs.replace(receipt, outcome="verified", message_id="3EB0FF")])
        )
        await screen.shows("✓ sent", "3EB0FF")
        assert daemon.read_messages == 2


async def test_actions_work_and_the_log_and_the_json_are_a_key_away() -> None:
    async with at(DETAILS) as screen:
        await screen.press("r")
        assert [request.action for request in screen.daemon.asked] == ["reconnect"]
        await screen.press("y")
        assert screen.view == Place("raw", SALES)
        await screen.press("escape", "l")
        assert screen.view == Place("log", SALES)
        await screen.shows("Sessions › sales-eu › Log · sales-eu")
        await screen.press("escape", "escape")
        assert isinstance(screen.app.screen, MainScreen)


async def test_a_deleted_session_keeps_its_timeline() -> None:
    async with at(DETAILS) as screen:
        screen.daemon.push(Delta(removed=[SALES]))
        await screen.shows("This session was deleted.", "browser died (Target closed)")
        await screen.press("r")
        assert "no session is under the cursor" in screen.said


async def test_what_cannot_be_read_is_said() -> None:
    daemon = FakeDaemon(busy())
    daemon.unreadable = DaemonGone("the daemon does not answer")
    async with at(DETAILS, daemon=daemon) as screen:
        await screen.shows("older events could not be read: the daemon does not answer")
        await screen.press("3")
        await screen.shows("its messages could not be read: the daemon does not answer")


async def test_the_mouse_chooses_a_part() -> None:
    async with at(DETAILS) as screen:
        await screen.shows("Last used")
        await screen.pilot.click("PartsLine", offset=(16, 0))
        await screen.shows("WHEN          BY       WHAT")


async def test_without_a_name_its_title_says_the_id_once() -> None:
    async with at(DETAILS) as screen:
        screen.daemon.change(SALES, instance_name=None)
        await screen.shows(f"{SALES[1]} · eu-1")
        assert screen.lines[0].count(SALES[1]) == 1


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 45)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_long_advice_is_broken_between_words(size: tuple[int, int]) -> None:
    advice = "close WhatsApp Web where else it is open, then reconnect it"
    async with at(DETAILS, size) as screen:
        screen.daemon.change(SALES, attention=need("conflict", "opened elsewhere", advice))
        await screen.shows("Why          opened elsewhere · close")
        why = next(n for n, line in enumerate(screen.lines) if "Why  " in line)
        # The account stands beside it where there is room for two columns.
        column = [line[15 : line.find("  ", 15)] for line in (f"{each}   " for each in screen.lines[why:])]
        detail = " ".join(column[:3]).split()
        assert " ".join(detail).startswith(f"opened elsewhere · {advice}")
