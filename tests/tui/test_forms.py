"""Forms: the way through them, and what a message is sent as and through."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.cursor import put_cursor
from tests.tui.fake import FakeDaemon
from tests.tui.monitor import BILLING, monitor
from tests.tui.until import fill, text, until
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.screens.send_message import SendScreen, kind_of
from wa_tui.tui.widgets.fields import Choice
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.wire import ActionRequest


async def opened(pilot: Pilot[Any]) -> None:
    app = pilot.app
    await until(pilot, lambda: "billing" in text(pilot))
    assert isinstance(app.screen, MainScreen)
    put_cursor(app.screen.query_one(SessionGrid), BILLING)
    await pilot.press("t")
    await until(pilot, lambda: isinstance(app.screen, SendScreen) and app.screen.query(Input))


async def sent(*, media: str = "", routes: int = 0, detail: str | None = None) -> ActionRequest:
    """What is asked of the daemon for a form filled in so."""
    daemon = FakeDaemon()
    app = monitor(daemon)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        screen = app.screen
        if detail is not None:
            screen.query_one("#text", Input).value = detail
        screen.query_one("#media", Input).value = media
        screen.query_one("#route", Choice).focus()
        await pilot.press(*["right"] * routes)
        await fill(pilot, "#recipient", "4915255509")
        assert not daemon.asked, "the text was not seen yet"
        await pilot.press("enter")
        await until(pilot, lambda: daemon.asked)
        return daemon.asked[0]


async def test_a_text_goes_through_its_session_alone() -> None:
    asked = await sent()
    assert asked == ActionRequest(
        action="send",
        gateway=BILLING[0],
        session_id=BILLING[1],
        recipient="4915255509",
        message="Test message from wa-tui",
    )


async def test_it_may_go_on_through_the_users_others_or_through_the_pool() -> None:
    asked = await sent(routes=1)
    assert (asked.session_id, asked.user_id, asked.fallback) == (BILLING[1], None, True)
    asked = await sent(routes=2)
    assert (asked.gateway, asked.session_id, asked.user_id, asked.fallback) == (None, None, "7", False)


async def test_a_file_is_sent_as_what_its_name_says_with_the_text_under_it() -> None:
    asked = await sent(media="https://files.example/report.pdf?x=1", detail="the report")
    assert (asked.action, asked.media_url, asked.media_type, asked.caption, asked.message) == (
        "send_media",
        "https://files.example/report.pdf?x=1",
        "document",
        "the report",
        None,
    )
    assert (await sent(media="https://files.example/a.png", detail=" ")).caption is None


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://x/a.JPG", "image"),
        ("https://x/a.mp4#t=1", "document"),
        ("https://x/a.mp4", "video"),
        ("https://x/a.ogg?k=v.png", "audio"),
        ("https://x/a", "document"),
        ("", "document"),
    ],
)
def test_a_files_kind_is_guessed_from_its_name(url: str, kind: str) -> None:
    assert kind_of(url) == kind


async def test_what_is_missing_is_said_and_gone_to() -> None:
    app = monitor()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        screen = app.screen
        screen.query_one("#media", Input).value = "ftp://files/x"
        await fill(pilot, "#recipient", "4915255509")
        await pilot.press("enter")
        await until(pilot, lambda: "must be a URL that begins with http" in text(pilot))
        assert app.focused is screen.query_one("#media", Input)
        screen.query_one("#media", Input).value = ""
        screen.query_one("#text", Input).value = ""
        await fill(pilot, "#text", " ")
        await until(pilot, lambda: "the text is missing" in text(pilot))
        assert app.focused is screen.query_one("#text", Input)


async def test_what_becomes_of_it_may_be_told_after_the_form_was_closed() -> None:
    app = monitor(FakeDaemon())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        form = app.screen
        assert isinstance(form, SendScreen)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        form.answer(Notice("verified · sent", "good"))
        await pilot.pause()


async def test_it_begins_at_the_sessions_own_number_and_typing_replaces_what_is_suggested() -> None:
    daemon = FakeDaemon()
    app = monitor(daemon)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await until(pilot, lambda: "+49 152 555 0007" in text(pilot))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: len(daemon.asked) == 1)
        assert daemon.asked[0].recipient == app.state.sessions[BILLING].phone_number
        await pilot.press("escape")
        await opened(pilot)
        await pilot.press(*"4915255509", "enter", *"hello", "enter")
        await until(pilot, lambda: len(daemon.asked) == 2)
        assert (daemon.asked[1].recipient, daemon.asked[1].message) == ("4915255509", "hello")


@pytest.mark.parametrize("outcome", ["verified", "failed", "unknown"])
async def test_a_second_enter_never_sends_a_second_message(outcome: str) -> None:
    daemon = FakeDaemon()
    app = monitor(daemon)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("enter", "enter", "enter", "enter")
        await until(pilot, lambda: "accepted" in text(pilot))
        daemon.finish(outcome, "pong")
        await until(pilot, lambda: "pong" in text(pilot))
        for keys in (["enter"], ["shift+tab", "enter", "enter"], [*["tab"] * 5, "enter"]):
            await pilot.press(*keys)
        await until(pilot, lambda: "not sent a second time" in text(pilot))
        assert len(daemon.asked) == 1
        app.screen.query_one("#text", Input).focus()
        await pilot.press("end", "2", "enter")
        await until(pilot, lambda: len(daemon.asked) == 2)


async def test_a_form_that_asked_for_something_is_not_closed_for_nothing() -> None:
    app = monitor(FakeDaemon())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: "cancelled, nothing done" in text(pilot))
        await opened(pilot)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "accepted" in text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert "cancelled" not in text(pilot)
