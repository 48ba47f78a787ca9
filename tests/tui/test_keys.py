from __future__ import annotations

from collections import Counter

import pytest
from textual.binding import Binding

from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.keys import KEYS, TOGETHER, Context, bar, bindings, keys_of
from wa_tui.tui.screens.acting import ActingScreen
from wa_tui.tui.screens.base import Dialog, FleetScreen
from wa_tui.tui.screens.details import DetailsScreen
from wa_tui.tui.screens.help import HelpScreen
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.screens.qr import QrScreen
from wa_tui.tui.screens.stopped import StoppedScreen
from wa_tui.tui.widgets.command_line import CommandLine
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.tui.widgets.log import EventLog

OWNERS = {
    Context.EVERYWHERE: WaTuiApp,
    Context.VIEW: FleetScreen,
    Context.SESSIONS: MainScreen,
    Context.SESSION: ActingScreen,
    Context.MARKS: MainScreen,
    Context.ORDER: MainScreen,
    Context.GRID: SessionGrid,
    Context.LOG: EventLog,
    Context.DETAILS: DetailsScreen,
    Context.QR: QrScreen,
    Context.HELP: HelpScreen,
    Context.COMMAND: CommandLine,
    Context.DIALOG: Dialog,
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
    shown = bar(Context.SESSION, Context.SESSIONS, Context.EVERYWHERE)
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
