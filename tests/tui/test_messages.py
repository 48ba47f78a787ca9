"""Messages, and what they were tried through."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.tui.fake import FakeDaemon
from tests.tui.fleet import MESSAGES, NOW, busy
from tests.tui.monitor import BILLING
from tests.tui.places import at
from tests.tui.until import until
from wa_tui.client import DaemonGone
from wa_tui.tui.message_list import PAGE
from wa_tui.tui.views import Place
from wa_tui.wire import Delta, Receipt

PLACE = Place("messages")


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


async def test_each_message_says_what_became_of_it() -> None:
    async with at(PLACE) as screen:
        await screen.shows("Messages · 5 · 1 unknown: they may have gone out")
        unknown = screen.line("? unknown")
        assert "+49 152 555 0999" in unknown and "billing" in unknown and "no answer in 30 s" in unknown
        assert "✓ sent" in screen.line("+34 600 555 777") and "3EB0A1B2" in screen.line("+34 600 555 777")
        assert "120363025246125000" in screen.line("✖ not sent") and "image" in screen.line("✖ not sent")
        assert "Sun 10:41" in screen.line("… under way")


async def test_enter_shows_the_tries_and_they_follow_the_cursor() -> None:
    async with at(PLACE) as screen:
        await screen.shows("+34 600 555 777")
        await screen.press("enter")
        await screen.shows("text of 42 characters · asked by api · user 7")
        await screen.shows("1  12:39:20  sales-eu  ✖ not sent · 0.8 s · Client session closed")
        await screen.shows("2  12:39:26  billing  ? unknown")
        await screen.press("down")
        await screen.shows("asked by ana@ops · message 3EB0A1B2C3D4E5F6")
        await screen.press("escape")
        await screen.hides("asked by ana@ops")
        await screen.press("escape")
        assert screen.view == Place("sessions")


async def test_its_session_and_its_id() -> None:
    async with at(PLACE) as screen:
        await screen.shows("+34 600 555 777")
        await screen.press("c")
        assert screen.said == "there is no message id to copy"
        await screen.press("down", "c")
        assert "3EB0A1B2C3D4E5F6" in screen.said
        await screen.press("d")
        assert screen.view == Place("details", BILLING)


async def test_what_is_sent_meanwhile_comes_in() -> None:
    async with at(PLACE) as screen:
        await screen.shows("Messages · 5")
        new = msgspec.structs.replace(MESSAGES[0], action_id="m6", recipient="15550009999", outcome="accepted",
                                      text="", attempts=[])  # fmt: skip
        screen.daemon.sent.insert(0, new)
        receipt = Receipt(id="m6", action="send", outcome="accepted", accepted_at=NOW)
        screen.daemon.push(Delta(receipts=[receipt]))
        await screen.shows("Messages · 6", "+1 555 000 9999")
        attempts = MESSAGES[1].attempts
        screen.daemon.push(
            Delta(receipts=[msgspec.structs.replace(receipt, outcome="verified", attempts=attempts)])
        )
        await until(screen.pilot, lambda: "✓ sent" in screen.line("+1 555 000 9999"))
        assert "billing" in screen.line("+1 555 000 9999")
        assert screen.daemon.read_messages == 2


async def test_older_ones_are_read_at_the_last() -> None:
    daemon = FakeDaemon(busy())
    daemon.sent = [
        msgspec.structs.replace(
            MESSAGES[1], action_id=f"s{n}", at=NOW - timedelta(seconds=n), recipient=f"4915{n:07}"
        )
        for n in range(PAGE + 30)
    ]
    async with at(PLACE, daemon=daemon) as screen:
        await screen.shows(f"Messages · {PAGE}+")
        await screen.press("end")
        await screen.shows(f"Messages · {PAGE + 30} ")
        await screen.press("end")
        assert daemon.read_messages == 2


async def test_after_the_daemon_was_gone_they_are_read_again() -> None:
    async with at(PLACE) as screen:
        await screen.shows("Messages · 5")
        screen.daemon.lose()
        await screen.shows("the connection to the daemon was lost")
        screen.daemon.sent = screen.daemon.sent[1:]
        screen.daemon.push(busy())
        await until(screen.pilot, lambda: screen.daemon.read_messages == 2)


async def test_what_cannot_be_read_is_said_and_r_reads_again() -> None:
    daemon = FakeDaemon(busy())
    daemon.unreadable = DaemonGone("the daemon does not answer")
    async with at(PLACE, daemon=daemon) as screen:
        await screen.shows(
            "the messages could not be read: the daemon does not answer", "no messages were sent yet"
        )
        daemon.unreadable = None
        await screen.press("r")
        await screen.shows("+34 600 555 777")
        daemon.sent = []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "no messages were sent yet · t on a session sends one"),
        ({"keymap": {"session.send": "Y"}}, "no messages were sent yet · Y on a session sends one"),
        ({"read_only": True}, "no messages were sent yet"),
    ],
    ids=["t", "another key", "read-only"],
)
async def test_where_none_were_sent_the_key_that_sends_one_is_named(
    options: dict[str, Any], said: str
) -> None:
    daemon = FakeDaemon(busy())
    daemon.sent = []
    async with at(PLACE, daemon=daemon, **options) as screen:
        await screen.shows(said)
        assert screen.line("no messages").strip() == said


async def test_a_message_without_a_session() -> None:
    daemon = FakeDaemon(busy())
    daemon.sent = [msgspec.structs.replace(MESSAGES[0], attempts=[])]
    async with at(PLACE, daemon=daemon) as screen:
        await screen.shows("? unknown")
        await screen.press("d")
        assert screen.said == "this message was tried through no session"
