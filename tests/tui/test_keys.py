from __future__ import annotations

from collections import Counter

import pytest
from textual.binding import Binding

from wa_tui.keys.keymap import conflicts
from wa_tui.keys.table import CHANGING, KEYS, TOGETHER, Context, bar, keys_of, named, table
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.bindings import bindings
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.screens.details import DetailsScreen
from wa_tui.tui.screens.dialog import Dialog
from wa_tui.tui.screens.gateways import GatewaysScreen
from wa_tui.tui.screens.help import HelpScreen
from wa_tui.tui.screens.jobs import JobsScreen
from wa_tui.tui.screens.log import LogScreen
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.screens.messages import MessagesScreen
from wa_tui.tui.screens.qr import QrScreen
from wa_tui.tui.screens.questions import ConfirmScreen, NamedViewsScreen
from wa_tui.tui.screens.raw import RawScreen
from wa_tui.tui.screens.report import ReportScreen
from wa_tui.tui.screens.session_screen import SessionScreen
from wa_tui.tui.screens.stopped import StoppedScreen
from wa_tui.tui.screens.traffic import TrafficScreen
from wa_tui.tui.screens.users import UsersScreen
from wa_tui.tui.widgets.command_line import CommandLine
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.tui.widgets.log_view import EventLog

OWNERS = {
    Context.EVERYWHERE: WaTuiApp,
    Context.VIEW: FleetScreen,
    Context.SESSIONS: MainScreen,
    Context.SESSION: SessionScreen,
    Context.ACTION: SessionScreen,
    Context.MARKS: MainScreen,
    Context.ORDER: MainScreen,
    Context.GRID: SessionGrid,
    Context.LOG: EventLog,
    Context.LOG_VIEW: LogScreen,
    Context.DETAILS: DetailsScreen,
    Context.GATEWAYS: GatewaysScreen,
    Context.JOBS: JobsScreen,
    Context.MESSAGES: MessagesScreen,
    Context.RAW: RawScreen,
    Context.USERS: UsersScreen,
    Context.TRAFFIC: TrafficScreen,
    Context.REPORT: ReportScreen,
    Context.QR: QrScreen,
    Context.HELP: HelpScreen,
    Context.COMMAND: CommandLine,
    Context.DIALOG: Dialog,
    Context.QUESTION: ConfirmScreen,
    Context.NAMED: NamedViewsScreen,
    Context.STOPPED: StoppedScreen,
}


@pytest.mark.parametrize("contexts", TOGETHER)
def test_no_key_has_two_meanings_where_it_works(contexts: tuple[Context, ...]) -> None:
    names = Counter(name for context in contexts for key in keys_of(context) for name in key.names)
    assert [name for name, count in names.items() if count > 1] == []


def test_ids_are_unique() -> None:
    assert len({key.id for key in KEYS}) == len(KEYS)


def test_every_key_can_be_remapped_by_its_id() -> None:
    made = bindings(*Context)
    assert {binding.id for binding in made if isinstance(binding, Binding)} == {key.id for key in KEYS}


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.id)
def test_every_action_exists_where_the_key_works(key: object) -> None:
    context, action = key.context, key.action  # type: ignore[attr-defined]
    owner = WaTuiApp if action.startswith("app.") else OWNERS[context]
    assert hasattr(owner, "action_" + action.removeprefix("app.").partition("(")[0])


def test_nothing_that_asks_first_is_on_a_chord() -> None:
    assert not [key for key in KEYS if key.asks and "+" in key.keys]


def test_the_bar_begins_with_what_is_wanted_most() -> None:
    shown = bar(Context.SESSION, Context.ACTION, Context.SESSIONS, Context.EVERYWHERE)
    assert shown[:3] == [("r", "Reconnect"), ("o", "QR"), ("enter", "Details")]
    assert ("?", "Help") in shown


async def test_a_keymap_remaps_by_id() -> None:
    from tests.tui.fake import FakeDaemon
    from tests.tui.monitor import monitor
    from tests.tui.until import until

    daemon = FakeDaemon()
    app = monitor(daemon)
    async with app.run_test(size=(120, 40)) as pilot:
        app.set_keymap({"sessions.sync": "Y"})
        await until(pilot, lambda: app.state.connected)
        await pilot.press("s")
        await pilot.press("Y")
        await until(pilot, lambda: len(daemon.asked) == 1)
        assert daemon.asked[0].action == "sync"


def test_a_keymap_is_written_as_people_write_keys() -> None:
    assert named("/, ?") == "slash,question_mark"
    assert named("esc,ctrl+k, pgdn") == "escape,ctrl+k,pagedown"
    assert named(",") == "comma"


def test_the_table_of_a_keymap_has_its_keys() -> None:
    shown = {key.id: key.shown for key in table({"session.reconnect": "f5,R", "sessions.filter": "&"})}
    assert (shown["session.reconnect"], shown["sessions.filter"], shown["session.qr"]) == (
        "f5 R",
        "ampersand",
        "o",
    )
    assert bar(Context.ACTION, keymap={"session.reconnect": "f5"})[0] == ("f5", "Reconnect")
    assert table() is KEYS


def test_conflicts_of_a_keymap_are_named() -> None:
    assert conflicts({}) == []
    assert conflicts({"session.reconnect": "f5"}) == []
    (unknown,) = conflicts({"session.reconnekt": "f5"})
    assert unknown.startswith("there is no key session.reconnekt")
    assert conflicts({"session.reconnect": "o"}) == ["o is session.reconnect (Reconnect) and session.qr (QR)"]
    assert conflicts({"session.reconnect": "o", "session.qr": "r"}) == [], "they changed places"
    assert sorted(conflicts({"grid.up": "slash"})) == [
        "/ is grid.up (Up) and traffic.filter (Filter)",
        "/ is sessions.filter (Filter) and grid.up (Up)",
    ]


async def test_a_remapped_key_works_and_stands_in_the_key_bar() -> None:
    from tests.tui.hands import Hands
    from tests.tui.until import until

    courier = ("eu-2", "user_7_instance_courier-2")
    under = Hands(courier, keymap={"session.reconnect": "f5", "grid.up": "K", "command": "M"})
    async with under.app.run_test(size=(120, 40)) as pilot:
        await under.ready(pilot)
        await under.shows(pilot, "f5 Reconnect", "M Command")
        row = under.grid.keys.index(under.key)
        await pilot.press("r", "K", "up", "k")
        assert under.grid.cursor_key == under.grid.keys[row - 1]
        await pilot.press("f5", "M")
        await until(pilot, lambda: under.app.screen.query("CommandLine"))


async def test_two_keys_can_change_places() -> None:
    from tests.tui.hands import Hands
    from tests.tui.until import until

    under = Hands(keymap={"session.reconnect": "o", "session.qr": "r"})
    async with under.app.run_test(size=(120, 40)) as pilot:
        await under.ready(pilot)
        await pilot.press("o")
        await until(pilot, lambda: under.asked)
        await pilot.press("r")
        await until(pilot, lambda: isinstance(under.app.screen, QrScreen))


def test_read_only_offers_nothing_that_is_refused() -> None:
    assert {key.id for key in KEYS} > CHANGING
    contexts = (Context.SESSION, Context.ACTION, Context.SESSIONS)
    labels = [label for _, label in bar(*contexts, refused=CHANGING)]
    assert set(labels).isdisjoint({"Reconnect", "Test message", "New", "Disconnect"})
    assert {"QR", "Details", "Log", "Filter", "Sync now"} <= set(labels), "what only looks is safe"


def test_a_chord_that_is_another_key_to_a_terminal_is_refused() -> None:
    assert conflicts({"marks.mark": "ctrl+i"}) == ["marks.mark: a terminal sends tab for ctrl+i; write that"]
    assert "enter" in conflicts({"log.level": "ctrl+m"})[0]
