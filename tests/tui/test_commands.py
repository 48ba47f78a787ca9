"""The command line: what completes, what runs, what is said of what cannot; one table for it and the palette."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.cursor import put_cursor
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import session
from tests.tui.monitor import BILLING, SALES, monitor
from tests.tui.until import text, until
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.commands.runner import BY_NAME, COMMANDS, fitting
from wa_tui.tui.screens.details import DetailsScreen
from wa_tui.tui.screens.forms import NewSessionScreen
from wa_tui.tui.screens.help import HelpScreen
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.screens.questions import ConfirmScreen
from wa_tui.tui.screens.send_message import SendScreen
from wa_tui.tui.views import VIEWS
from wa_tui.tui.widgets.command_line import CommandLine
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.wire import ActionRequest, Delta

SIZE = (120, 40)


class Typed:
    """A monitor in which commands are typed, its cursor on one session."""

    def __init__(self, key: tuple[str, str] = SALES, **options: Any) -> None:
        self.daemon = FakeDaemon()
        self.app: WaTuiApp = monitor(self.daemon, **options)
        self.key = key

    async def ready(self, pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: self.app.state.connected and self.grid.cursor_key)
        put_cursor(self.grid, self.key)

    @property
    def grid(self) -> SessionGrid:
        return self.app.screen_stack[0].query_one(SessionGrid)

    @property
    def said(self) -> str:
        return self.app.notice.text if self.app.notice else ""

    async def open(self, pilot: Pilot[Any], typed: str = "") -> Input:
        await pilot.press("colon")
        await until(pilot, lambda: self.app.screen.query(CommandLine))
        field = self.app.screen.query_one(CommandLine).query_one(Input)
        await until(pilot, lambda: field.has_focus)
        field.value = typed
        field.cursor_position = len(typed)
        await pilot.pause()
        return field

    async def run(self, pilot: Pilot[Any], typed: str) -> None:
        await self.open(pilot, typed)
        await pilot.press("enter")
        await until(pilot, lambda: not self.app.screen.query(CommandLine))


def test_no_name_means_two_commands() -> None:
    names = Counter(name for command in COMMANDS for name in (command.name, *command.aliases))
    assert [name for name, count in names.items() if count > 1] == []
    assert {view.name for view in VIEWS} <= BY_NAME.keys()


def test_every_action_a_person_has_is_a_command() -> None:
    wanted = {"reconnect", "disconnect", "rename", "delete", "primary", "snooze", "ack", "send", "sync", "job", "sort",
              "theme", "q"}  # fmt: skip
    assert wanted <= BY_NAME.keys()


async def test_what_is_typed_is_completed_by_tab_and_by_the_menu() -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        field = await under.open(pilot)
        assert "Every session" in text(pilot), "an empty line shows what there is"
        await pilot.press("d", "i")
        await until(pilot, lambda: "Disconnect: it stays off; asks first" in text(pilot))
        assert "Every session" not in text(pilot)
        await pilot.press("tab")
        assert field.value == "disconnect "
        await until(pilot, lambda: "on eu-2" in text(pilot))
        await pilot.press("b", "o", "o", "k", "down", "down")
        await until(pilot, lambda: "▸ booking-fr" in text(pilot))
        await pilot.press("tab")
        assert field.value == "disconnect booking-fr "
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(under.app.screen, ConfirmScreen))
        assert "Disconnect booking-fr on eu-2?" in text(pilot)


async def test_tab_goes_on_to_the_next_command_once_one_is_whole() -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        field = await under.open(pilot)
        await pilot.press("tab")
        assert field.value == "sessions "
        await until(pilot, lambda: "enter does it: sessions [FILTER]" in text(pilot))
        await pilot.press("tab")
        assert field.value == "details "
        await pilot.press("escape")
        await under.open(pilot, "xyz")
        await until(pilot, lambda: "nothing fits" in text(pilot))


async def test_enter_runs_what_is_chosen_from_the_menu() -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await under.open(pilot, "he")
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(under.app.screen, HelpScreen))


async def test_escape_closes_it_with_nothing_done_and_gives_the_keys_back() -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await under.open(pilot, "quit")
        await pilot.press("escape")
        await until(pilot, lambda: not under.app.screen.query(CommandLine))
        assert isinstance(under.app.focused, SessionGrid) and not under.app._exit
        await under.open(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: not under.app.screen.query(CommandLine))


async def test_arrows_bring_earlier_commands_back() -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await under.run(pilot, "sort phone")
        await under.run(pilot, "sort user")
        field = await under.open(pilot, "so")
        for key, value in (("up", "sort user"), ("up", "sort phone"), ("up", "sort phone"), ("down", "sort user"),
                           ("down", "so")):  # fmt: skip
            await pilot.press(key)
            await until(pilot, lambda value=value: field.value == value)  # type: ignore[misc]
        await pilot.press("down")
        await until(pilot, lambda: "▸ sort" in text(pilot))
        await pilot.press("up")
        assert "▸" not in text(pilot)


def test_a_command_is_kept_once_and_the_oldest_go() -> None:
    commands = monitor().commands.runner
    for number in range(200):
        commands.note(f"log {number}")
    commands.note("log 150")
    assert (commands.typed(1), commands.typed(2)) == ("log 150", "log 199")
    assert commands.typed(100) == "log 100" and commands.typed(101) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("sesions", "there is no command :sesions; near: session"),
        ("xyzzy", "there is no command :xyzzy; tab lists them"),
        ("re", ":re could be"),
        ("rename", ":rename needs NAME"),
        ("help now", ":help takes nothing; now is too much"),
        ("details sales-ue", "there is no session sales-ue; near: sales-eu"),
        ("sync eu-9", "there is no gateway eu-9; near: eu-"),
        ("snooze soon", "soon is no duration; write 30m"),
        ("sort color", "color is no column; there are status instance"),
        ("theme pink", "there is no theme pink; there are"),
        ("job cleanup", "there is no job cleanup; there are health"),
        ("send 12 hi", '"12" has 2 digits'),
        ("send +49 152 5550001 hi", "write :send RECIPIENT TEXT, a number without spaces"),
        ("send 4915255 50001 hi", "is 50001 part of the number or of the text?"),
        ("send 4915255509", "the text is missing"),
        ("new x", ":new takes nothing"),
    ],
)
async def test_what_cannot_be_done_is_said_with_what_is_near(typed: str, said: str) -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await under.run(pilot, typed)
        await until(pilot, lambda: said in under.said)
        assert under.daemon.asked == [] and isinstance(under.app.screen, MainScreen)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("reconnect", ActionRequest(action="reconnect", gateway=SALES[0], session_id=SALES[1])),
        ("reconnect courier-2", ActionRequest(action="reconnect", gateway="eu-2",
                                              session_id="user_7_instance_courier-2")),
        ("reconnect eu-2/courier-2", ActionRequest(action="reconnect", gateway="eu-2",
                                                   session_id="user_7_instance_courier-2")),
        ("rename sales south", ActionRequest(action="rename", gateway=SALES[0], session_id=SALES[1],
                                             instance_name="sales south")),
        ("primary", ActionRequest(action="set_primary", gateway=SALES[0], session_id=SALES[1])),
        ("snooze 2h", ActionRequest(action="snooze", gateway=SALES[0], session_id=SALES[1], minutes=120)),
        ("snooze 0 billing", ActionRequest(action="snooze", gateway=BILLING[0], session_id=BILLING[1], minutes=0)),
        ("ack", ActionRequest(action="acknowledge", gateway=SALES[0], session_id=SALES[1])),
        ("snooze", ActionRequest(action="snooze", gateway=SALES[0], session_id=SALES[1], minutes=120)),
        ("snooze billing", ActionRequest(action="snooze", gateway=BILLING[0], session_id=BILLING[1], minutes=120)),
        ("snooze eu-1", ActionRequest(action="snooze", gateway="eu-1", minutes=120)),
        ("snooze 30m gateway:eu-1", ActionRequest(action="snooze", gateway="eu-1", minutes=30)),
        ("ack eu-2", ActionRequest(action="acknowledge", gateway="eu-2")),
        ("adopt", ActionRequest(action="adopt", gateway=SALES[0], session_id=SALES[1])),
        ("send +49 hello", None),
        ("send 4915255509 hello there", ActionRequest(action="send", gateway=SALES[0], session_id=SALES[1],
                                                      recipient="4915255509", message="hello there")),
        ("sync", ActionRequest(action="sync")),
        ("sync eu-2", ActionRequest(action="sync", gateway="eu-2")),
        ("job health eu-1", ActionRequest(action="run_job", job="health", gateway="eu-1")),
        ("run sync-session-status", ActionRequest(action="run_job", job="sync-session-status")),
    ],
)  # fmt: skip
async def test_commands_ask_the_daemon(typed: str, asked: ActionRequest | None) -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await under.run(pilot, typed)
        if asked is None:
            await until(pilot, lambda: under.said)
            assert under.daemon.asked == []
            return
        await until(pilot, lambda: under.daemon.asked)
        assert under.daemon.asked == [asked]
        await until(pilot, lambda: "accepted" in under.said)


async def test_a_name_that_a_session_and_a_gateway_have_is_refused_with_both_readings() -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        under.daemon.push(Delta(sessions=[session("eu-1", "eu-2")]))
        await until(pilot, lambda: ("eu-2", "user_7_instance_eu-1") in under.app.state.sessions)
        for command in ("ack eu-1", "snooze 2h eu-1"):
            await under.run(pilot, command)
            await until(
                pilot, lambda: "eu-2/eu-1 for the session, gateway:eu-1 for the gateway" in under.said
            )
            await pilot.press("escape")
        assert under.daemon.asked == []


async def test_a_gateway_under_the_cursor_is_what_quieting_is_about() -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await under.run(pilot, "gateways")
        await until(pilot, lambda: "Gateways" in text(pilot))
        await under.run(pilot, "snooze 30m")
        await until(pilot, lambda: under.daemon.asked)
        assert under.daemon.asked == [ActionRequest(action="snooze", gateway="eu-1", minutes=30)]


async def test_delete_and_disconnect_ask_first() -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        for command, asks in (
            ("delete", "Delete sales-eu on eu-1?"),
            ("disconnect", "Disconnect sales-eu on eu-1?"),
        ):
            await under.run(pilot, command)
            await until(pilot, lambda asks=asks: asks in text(pilot))  # type: ignore[misc]
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(under.app.screen, MainScreen))
        assert under.daemon.asked == []


async def test_a_name_is_a_text_with_its_spaces_slashes_and_cases() -> None:
    under = Typed(BILLING)
    under.daemon.change(SALES, instance_name="a/B c")
    under.daemon.change(BILLING, instance_name="a/b c")
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await until(pilot, lambda: under.app.state.sessions[BILLING].instance_name == "a/b c")
        for typed in ("ack a/B c", "ack eu-1/a/B c"):
            under.daemon.asked.clear()
            await under.run(pilot, typed)
            await until(pilot, lambda: under.daemon.asked)
            assert [(asked.gateway, asked.session_id) for asked in under.daemon.asked] == [SALES]
        await under.run(pilot, "details A/b C")
        await until(pilot, lambda: "A/b C is 2 sessions" in under.said)


async def test_a_name_that_two_gateways_have_is_asked_for_with_its_gateway() -> None:
    under = Typed()
    under.daemon.change(SALES, instance_name="booking-fr")
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await until(pilot, lambda: under.app.state.sessions[SALES].instance_name == "booking-fr")
        await under.run(pilot, "reconnect booking-fr")
        await until(pilot, lambda: "booking-fr is 2 sessions: eu-1/booking-fr, eu-2/booking-fr" in under.said)
        assert [word.text for word in fitting(under.app.monitor, "reconnect booking-f")] == [
            "eu-1/booking-fr",
            "eu-2/booking-fr",
        ]


async def test_a_command_filters_the_sessions_from_anywhere() -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await under.run(pilot, "help")
        await until(pilot, lambda: isinstance(under.app.screen, HelpScreen))
        await under.run(pilot, "sessions gateway:us-1")
        await until(
            pilot, lambda: isinstance(under.app.screen, MainScreen) and "Sessions 3 of 24" in text(pilot)
        )
        await until(pilot, lambda: "/ gateway:us-1" in text(pilot))
        await under.run(pilot, "details us-ops")
        await until(pilot, lambda: isinstance(under.app.screen, DetailsScreen))
        await under.run(pilot, "reconnect")
        await until(pilot, lambda: under.daemon.asked)
        assert under.daemon.asked[0].session_id == "user_7_instance_us-ops"


async def test_forms_open_from_commands() -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await under.run(pilot, "send")
        await until(pilot, lambda: isinstance(under.app.screen, SendScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(under.app.screen, MainScreen))
        await under.run(pilot, "new")
        await until(pilot, lambda: isinstance(under.app.screen, NewSessionScreen))


async def test_a_theme_is_put_on_at_once_and_q_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        before = under.app.theme
        await under.run(pilot, "theme light")
        await until(pilot, lambda: under.app.theme != before)
        await under.open(pilot, "q")
        await pilot.press("enter")
        await until(pilot, lambda: under.app._exit)


async def test_the_palette_runs_the_same_commands() -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("ctrl+p")
        await until(
            pilot, lambda: isinstance(under.app.screen, CommandPalette) and "Every session" in text(pilot)
        )
        await pilot.press(*"primary")
        await until(
            pilot, lambda: "Make it its user's primary" in text(pilot) and "Every session" not in text(pilot)
        )
        await pilot.press("enter")
        await until(pilot, lambda: under.daemon.asked)
        assert under.daemon.asked[0].action == "set_primary"


async def test_the_palette_hands_what_needs_more_to_the_command_line() -> None:
    under = Typed()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(under.app.screen, CommandPalette))
        await pilot.press(*"rename")
        await until(pilot, lambda: "Give it another instance name" in text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: under.app.screen.query(CommandLine))
        await until(
            pilot, lambda: isinstance(under.app.focused, Input) and under.app.focused.value == "rename "
        )


async def test_a_read_only_monitor_refuses_commands_too() -> None:
    under = Typed(read_only=True)
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        for command in ("reconnect", "snooze 2h", "send 4915255509 hi", "delete"):
            await under.run(pilot, command)
            await until(pilot, lambda: "refused, this monitor was started with --read-only" in under.said)
            under.app.notices.say(None)
        assert under.daemon.asked == []
        for number, command in enumerate(("sync", "job health"), 1):
            await under.run(pilot, command)
            await until(pilot, lambda number=number: len(under.daemon.asked) == number)  # type: ignore[misc]
