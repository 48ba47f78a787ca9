"""One test a key: what is asked for, what is said, and what goes wrong."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input

from tests.tui.cursor import put_cursor
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import snapshot
from tests.tui.monitor import BILLING, ONBOARDING, SALES, monitor
from tests.tui.places import at
from tests.tui.until import fill, text, until
from wa_tui.client import DaemonGone, Refused
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.screens.details import DetailsScreen
from wa_tui.tui.screens.forms import NewSessionScreen
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.screens.qr import QrScreen
from wa_tui.tui.screens.questions import ConfirmScreen
from wa_tui.tui.screens.send_message import SendScreen
from wa_tui.tui.views import SESSIONS, Place
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.wire import ActionRequest, Delta, Problem

SIZE = (120, 40)


def flat(page: str) -> str:
    """A page's words, with single spaces between them and without the lines of a dialog."""
    return " ".join(page.replace("│", " ").split())


def _says(pilot: Pilot[None], detail: str) -> bool:
    return detail in flat(text(pilot))


class Session:
    """A monitor under test, its cursor on one session."""

    def __init__(self, daemon: FakeDaemon | None = None, **options: object) -> None:
        self.daemon = daemon or FakeDaemon()
        self.app = monitor(self.daemon, **options)

    async def at(self, pilot: object, key: tuple[str, str]) -> None:
        await until(pilot, lambda: self.app.state.connected and self.grid.cursor_key)  # type: ignore[arg-type]
        put_cursor(self.grid, key)

    @property
    def grid(self) -> SessionGrid:
        return self.app.query_one(SessionGrid) if isinstance(self.app.screen, MainScreen) else self._beneath()

    def _beneath(self) -> SessionGrid:
        return self.app.screen_stack[0].query_one(SessionGrid)

    @property
    def said(self) -> str:
        return self.app.notice.text if self.app.notice else ""


async def test_r_reconnects_what_is_down_and_tells_the_outcome() -> None:
    under = Session()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, SALES)
        await pilot.press("r")
        await until(pilot, lambda: under.daemon.asked)
        assert under.daemon.asked == [
            ActionRequest(action="reconnect", gateway=SALES[0], session_id=SALES[1])
        ]
        await until(pilot, lambda: under.said == "reconnect sales-eu on eu-1: accepted")
        under.daemon.finish("no_effect", "QR code generation timeout after 30 s")
        said = "reconnect sales-eu on eu-1: no effect · QR code generation timeout after 30 s"
        await until(pilot, lambda: under.said == said)
        assert said in text(pilot)


async def test_r_asks_first_where_it_works_and_cancel_has_the_focus() -> None:
    under = Session()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, BILLING)
        await pilot.press("r")
        await until(pilot, lambda: isinstance(under.app.screen, ConfirmScreen))
        assert "Reconnect billing on eu-1?" in text(pilot)
        assert isinstance(under.app.focused, Button) and under.app.focused.id == "cancel"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(under.app.screen, MainScreen))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(under.app.screen, ConfirmScreen))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: under.daemon.asked)
        assert [request.force for request in under.daemon.asked] == [True]
        assert isinstance(under.app.focused, SessionGrid)


async def test_an_action_binds_to_the_session_of_the_keypress() -> None:
    under = Session()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, SALES)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(under.app.screen, ConfirmScreen))
        put_cursor(under.grid, BILLING)
        under.daemon.change(SALES, status="connected", proven_at=None)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: under.daemon.asked)
        assert under.daemon.asked[0].session_id == SALES[1]


async def test_x_disconnects_once_confirmed() -> None:
    under = Session()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, SALES)
        await pilot.press("x", "escape")
        await until(pilot, lambda: isinstance(under.app.screen, MainScreen))
        await pilot.press("x", "enter")
        await until(pilot, lambda: isinstance(under.app.screen, MainScreen))
        assert under.daemon.asked == []
        await pilot.press("x")
        await until(pilot, lambda: "Disconnect sales-eu on eu-1?" in text(pilot))
        await pilot.press("tab", "enter")
        await until(pilot, lambda: under.daemon.asked)
        assert under.daemon.asked[0].action == "disconnect"


async def test_s_tells_the_result_line() -> None:
    under = Session()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, SALES)
        await pilot.press("s")
        await until(pilot, lambda: under.daemon.asked)
        assert under.daemon.asked == [ActionRequest(action="sync")]
        await until(pilot, lambda: under.said)
        under.daemon.finish("verified", "Session sync complete: 21 checked, 2 updated")
        await until(pilot, lambda: "✓ Session sync complete: 21 checked, 2 updated" in text(pilot))


async def test_t_sends_and_shows_the_message_id() -> None:
    under = Session()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, BILLING)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(under.app.screen, SendScreen))
        await fill(pilot, "#recipient", "+49 152 5550 9")
        await pilot.press("enter")
        await until(pilot, lambda: under.daemon.asked)
        asked = under.daemon.asked[0]
        assert (asked.action, asked.recipient, asked.message) == (
            "send",
            "4915255509",
            "Test message from wa-tui",
        )
        await until(pilot, lambda: "accepted" in text(pilot))
        await pilot.press("enter")
        under.daemon.finish("verified", "sent", message_id="3EB0A1")
        await until(pilot, lambda: "verified · sent · message 3EB0A1" in text(pilot))
        assert len(under.daemon.asked) == 1
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(under.app.screen, MainScreen))


async def test_t_shows_the_exact_error() -> None:
    detail = "Client not connected (status: qr_pending). Please reconnect the session."
    under = Session()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, SALES)
        await pilot.press("t")
        await fill(pilot, "#recipient", "12345678")
        await pilot.press("enter")
        await until(pilot, lambda: under.daemon.asked)
        under.daemon.finish("failed", detail)
        await until(pilot, lambda: "Client not connected (status: qr_pending)" in text(pilot))
        assert detail in under.said


async def test_t_says_both_readings_of_a_number_and_asks_for_nothing() -> None:
    under = Session()
    async with under.app.run_test(size=(80, 24)) as pilot:
        await under.at(pilot, BILLING)
        await pilot.press("t")
        for typed, readings in (
            ("+49 (0) 152 5550001", ("+491525550001", "+4901525550001")),
            ("0049 152 5550001", ("+491525550001", "before 00491525550001")),
            ("0152 5550001", ("+49 1525550001", "+39 01525550001")),
        ):
            under.app.screen.query_one("#recipient", Input).value = ""
            await fill(pilot, "#recipient", typed)
            await pilot.press("enter")
            for reading in readings:
                await until(pilot, partial(_says, pilot, reading))
        assert under.daemon.asked == []


async def test_t_refuses_a_bad_recipient() -> None:
    under = Session()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, BILLING)
        await pilot.press("t", "b", "enter", "enter")  # typed over the number that it begins with
        await until(pilot, lambda: '"b" is no recipient' in text(pilot))
        assert under.daemon.asked == []
        assert isinstance(under.app.focused, Input) and under.app.focused.id == "recipient"


async def test_n_starts_a_session_and_opens_its_code() -> None:
    under = Session()
    under.daemon.answers["new"] = {"session_id": ONBOARDING[1]}
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, SALES)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(under.app.screen, NewSessionScreen))
        await pilot.press("shift+tab", "right", "left")
        await fill(pilot, "#name", "fresh")
        await fill(pilot, "#user", "7")
        await until(pilot, lambda: under.daemon.asked)
        assert under.daemon.asked == [
            ActionRequest(action="new", gateway="eu-1", instance_name="fresh", user_id="7")
        ]
        await until(pilot, lambda: isinstance(under.app.screen, QrScreen))


async def test_n_says_what_is_missing() -> None:
    under = Session()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, SALES)
        await pilot.press("n")
        await fill(pilot, "#user", "7")
        assert "the instance name is missing" in text(pilot)
        await fill(pilot, "#name", "billing")
        assert "user 7 already has an instance billing" in text(pilot)
        await fill(pilot, "#user", "")
        await fill(pilot, "#user", " ")
        assert "the user id is missing" in text(pilot)
        assert under.daemon.asked == []


async def test_n_shows_a_refusal_and_can_be_mended() -> None:
    under = Session()
    under.daemon.refusal = Refused(Problem(error="gateway eu-1 is at its limit of 50 sessions"), 409)
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, SALES)
        await pilot.press("n")
        await fill(pilot, "#name", "fresh")
        await fill(pilot, "#user", "7")
        await until(pilot, lambda: "is at its limit of 50 sessions" in text(pilot))
        assert isinstance(under.app.screen, NewSessionScreen)
        under.daemon.refusal = None
        await pilot.press("enter")
        await until(pilot, lambda: len(under.daemon.asked) == 2)


async def test_a_refusal_says_why() -> None:
    under = Session()
    under.daemon.refusal = Refused(Problem(error="sales-eu on eu-1 has an action under way"), 409)
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, SALES)
        await pilot.press("r")
        await until(pilot, lambda: "refused: sales-eu on eu-1 has an action under way" in under.said)


async def test_a_daemon_that_goes_while_it_is_asked_leaves_the_outcome_unknown() -> None:
    under = Session()
    under.daemon.refusal = DaemonGone("the connection was lost")
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, SALES)
        await pilot.press("r")
        await until(pilot, lambda: "outcome unknown" in under.said)


async def test_an_outcome_is_told_although_the_daemon_was_gone_meanwhile() -> None:
    under = Session()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, SALES)
        await pilot.press("r")
        await until(pilot, lambda: "accepted" in under.said)
        under.daemon.lose()
        await until(pilot, lambda: not under.app.state.connected)
        await pilot.press("s")
        await until(pilot, lambda: "not asked for" in under.said)
        receipt = under.daemon.receipts["r1"]
        under.daemon.receipts["r1"] = type(receipt)(
            id="r1",
            action="reconnect",
            outcome="unknown",
            text="the daemon restarted",
            accepted_at=receipt.accepted_at,
        )
        under.daemon.push(snapshot())
        await until(pilot, lambda: "outcome unknown · the daemon restarted" in under.said)


async def test_a_read_only_monitor_refuses_and_says_why() -> None:
    under = Session(read_only=True)
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, SALES)
        for key, what in (
            ("r", "reconnect"),
            ("x", "disconnect"),
            ("t", "test message"),
            ("n", "new session"),
        ):
            await pilot.press(key)
            await until(pilot, lambda what=what: f": {what}" in under.said)  # type: ignore[misc]
            assert "refused, this monitor was started with --read-only" in under.said
            assert isinstance(under.app.screen, MainScreen)
        assert under.daemon.asked == []
        assert "r reconnect" not in text(pilot) and "o new QR" not in text(pilot)
        await pilot.press("s")
        await until(pilot, lambda: [one.action for one in under.daemon.asked] == ["sync"])


async def test_actions_in_the_details_are_about_their_session() -> None:
    under = Session()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.at(pilot, SALES)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(under.app.screen, DetailsScreen))
        await pilot.press("r")
        await until(pilot, lambda: under.daemon.asked)
        assert under.daemon.asked[0].session_id == SALES[1]
        under.daemon.push(Delta(removed=[SALES]))
        await until(pilot, lambda: "This session was deleted." in text(pilot))
        await pilot.press("r")
        await until(pilot, lambda: "no session is under the cursor" in under.said)


@pytest.mark.parametrize("size", [(40, 20), (60, 24), (80, 24), (120, 40)])
async def test_a_read_only_monitor_says_so_and_offers_no_actions(size: tuple[int, int]) -> None:
    app = monitor(read_only=True)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state.connected and "sales-eu" in text(pilot))
        first, *_, keys = text(pilot).split("\n")
        assert "read-only" in first and "us-1" in first
        assert "Reconnect" not in keys and "Details" in keys


async def test_a_daemon_that_is_read_only_takes_the_offers_away_and_gives_them_back() -> None:
    daemon = FakeDaemon()
    app = monitor(daemon)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "r Reconnect" in text(pilot) and app.state.connected)
        known = app.state.daemon
        assert known is not None
        daemon.push(Delta(daemon=msgspec.structs.replace(known, read_only=True)))
        await until(pilot, lambda: "read-only" in text(pilot) and "r Reconnect" not in text(pilot))
        daemon.push(Delta(daemon=known))
        await until(pilot, lambda: "read-only" not in text(pilot) and "r Reconnect" in text(pilot))


async def test_a_new_session_is_not_offered_on_a_gateway_that_is_read_only() -> None:
    daemon = FakeDaemon()
    app = monitor(daemon)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.state.connected and "sales-eu" in text(pilot))
        daemon.push(Delta(gateways=[msgspec.structs.replace(app.state.gateways["eu-1"], read_only=True)]))
        await until(pilot, lambda: app.state.gateways["eu-1"].read_only)
        put_cursor(app.screen.query_one(SessionGrid), SALES)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewSessionScreen) and "1 of 2" in text(pilot))
        assert "eu-2" in next(line for line in text(pilot).split("\n") if "1 of 2" in line)


async def test_deleting_says_that_the_credentials_stay() -> None:
    app = monitor()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.state.connected and "sales-eu" in text(pilot))
        put_cursor(app.screen.query_one(SessionGrid), SALES)
        await pilot.press("D")
        await until(pilot, lambda: "credentials stay on the gateway." in text(pilot))
        assert "linked anew" not in text(pilot)


async def test_an_outcome_that_needs_more_than_a_line_is_read_to_its_end() -> None:
    daemon = FakeDaemon()
    why = "connection refused: gateway eu-1 is down; noted, sales comes back when the gateway answers; start eu-1 on vm"
    async with at(Place(SESSIONS), (80, 24), daemon=daemon) as screen:
        app = screen.app
        rows = app.screen.query_one(SessionGrid).size.height
        app.notices.say(Notice(why, "warn"))
        await screen.shows("! connection refused: gateway eu-1", "  gateway answers; start eu-1 on vm")
        assert app.screen.query_one(SessionGrid).size.height == rows - 1
        app.notices.say(Notice(why * 4, "warn"))
        await until(screen.pilot, lambda: app.screen.query_one(SessionGrid).size.height == rows - 2)
        app.notices.say(Notice("done", "good"))
        await until(screen.pilot, lambda: app.screen.query_one(SessionGrid).size.height == rows)
