"""Gateways of several kinds: a column says which, the filter finds them, `:gateways` tells what each can."""

from __future__ import annotations

import msgspec
import pytest

from tests.tui.fake import FakeDaemon
from tests.tui.fleet import GATEWAYS, clock, session, snapshot
from tests.tui.places import at
from wa_tui.filters.sessions import parse
from wa_tui.text.columns import Column
from wa_tui.tui.fleet.columns import layout
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.views import SESSIONS, Place
from wa_tui.wire import Delta, Snapshot

EVOLUTION = msgspec.structs.replace(
    GATEWAYS[1],
    kind="evolution",
    version="2.3.7",
    proof="claimed",
    capabilities=["delete", "list_status", "logout", "raw_qr", "restart", "self_restore", "send_media"],
)
MIXED = [GATEWAYS[0], EVOLUTION]


def mixed() -> Snapshot:
    claimed = {"proven_at": None, "proof": "claimed"}
    return snapshot(
        gateways=MIXED,
        sessions=[session("sales"), session("shop", "eu-2", **claimed), session("desk", "eu-2", **claimed)],
    )


def columns(width: int, kind: int, names: int = 0) -> dict[str, int]:
    return {slot.column.name: slot.width for slot in layout(width, 2, names=names, kind=kind)}


@pytest.mark.parametrize("names", [0, 14, 30])
@pytest.mark.parametrize("kind", [len("evolution"), len("wppconnect")])
@pytest.mark.parametrize("width", [115, 119, 130, 160])
def test_the_kind_leaves_why_its_40(width: int, kind: int, names: int) -> None:
    found = columns(width, kind, names)
    assert found["KIND"] == kind and found["WHY"] >= 40
    assert ("LAST" in found) is (width > 120 or (width, kind) == (119, 9))
    assert list(found).index("KIND") == list(found).index("GATEWAY") + 1


@pytest.mark.parametrize("width", [60, 80, 99, 101, 105])
def test_where_the_kind_has_no_room_all_is_as_with_one(width: int) -> None:
    assert columns(width, 9) == columns(width, 0)


def test_one_kind_has_no_column() -> None:
    state = FleetState(clock)
    state.apply(snapshot())
    assert state.kind_cells == 0 and "KIND" not in columns(300, 0)
    state.apply(Delta(gateways=[EVOLUTION]))
    assert state.kind_cells == len("evolution")


async def test_each_row_says_its_kind() -> None:
    async with at(Place(SESSIONS), daemon=FakeDaemon(mixed())) as screen:
        await screen.shows(Column.KIND)
        assert screen.line("shop").split()[:2] == ["◌", "claimed"]
        assert " evolution " in screen.line("shop") and " contract " in screen.line("sales")
        screen.daemon.push(Delta(gateways=[msgspec.structs.replace(EVOLUTION, kind="contract")]))
        await screen.hides(Column.KIND)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kind:evolution", {"shop", "desk"}),
        ("kind:evo !desk", {"shop"}),
        ("!kind:evolution", {"sales"}),
        ("kind:waha", set()),
    ],
)
def test_the_filter_finds_a_kind(text: str, found: set[str]) -> None:
    state = FleetState(clock)
    state.apply(mixed())
    keys = state.rows(parse(text), Order.INSTANCE, state.now)
    assert {state.label(key) for key in keys} == found


def test_a_kind_that_is_recognised_later_is_found() -> None:
    state = FleetState(clock)
    state.apply(mixed())
    state.apply(Delta(gateways=[msgspec.structs.replace(EVOLUTION, kind=None)]))
    assert not state.rows(parse("kind:evolution"), Order.INSTANCE, state.now)
    state.apply(Delta(gateways=MIXED))
    assert len(state.rows(parse("kind:evolution"), Order.INSTANCE, state.now)) == 2


def test_a_kind_that_there_is_not() -> None:
    assert parse("kind:evolotion").problem == "kind:evolotion is no kind of gateway; evolution is"
    assert parse("kind:").unfinished == "kind: is not finished; write what the kind is to be"


async def test_gateways_say_what_they_are() -> None:
    async with at(Place("gateways"), daemon=FakeDaemon(mixed())) as screen:
        await screen.shows("KIND")
        assert " evolution " in screen.line("eu-2 ") and " contract " in screen.line("eu-1 ")
        assert screen.line("eu-2 ").endswith("this kind proves nothing by itself")
        await screen.press("down", "enter")
        await screen.shows("Evolution API 2.3.7", "this kind proves nothing by itself")
        assert screen.line("Cannot").split()[1:5] == ["stop,", "pairing", "codes,", "tell"]


async def test_of_one_kind_only_one_of_them_says_so() -> None:
    async with at(Place("gateways"), daemon=FakeDaemon(snapshot())) as screen:
        await screen.shows("Gateways · 3")
        assert "KIND" not in "\n".join(screen.lines)
        await screen.press("enter")
        await screen.shows("WhatsApp Node service")
        assert "restart, log out, delete" in screen.line("Cannot")
