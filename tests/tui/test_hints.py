"""What screens say of keys: as they are mapped, and not what is refused."""

from __future__ import annotations

import time

import msgspec
import pytest

from tests.needing import DOWN, SCAN_QR
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import BUSY_GATEWAYS, NOW, busy, session, troubled
from tests.tui.hands import SIZE, Hands
from tests.tui.monitor import SALES
from tests.tui.places import at
from tests.tui.until import text, until
from wa_tui.tui.views import Place
from wa_tui.wire import AcknowledgedView, Snapshot


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


KEYMAP = {
    "session.reconnect": "f5",
    "session.qr": "f6",
    "session.acknowledge": "f2",
    "view.back": "f9",
    "log.autoscroll": "f7",
    "log.search": "f11",
    "log.end": "f4",
    "marks.mark": "f3",
    "qr.renew": "f8",
    "sessions.trouble": "f12",
}
LOST = ("eu-1", "user_7_instance_down")


def fleet() -> Snapshot:
    """A session that only a person brings back, on a gateway that may be read-only."""
    taken = AcknowledgedView(who="bo@ops", at=NOW)
    sessions = [
        troubled(
            "down",
            "disconnected",
            reason="browser_died",
            attention=DOWN,
            acknowledged=taken,
        ),
        troubled(
            "lost",
            "disconnected",
            credentials="needs_scan",
            attention=SCAN_QR,
        ),
    ]
    return msgspec.structs.replace(busy(), sessions=sessions, receipts=[], events=[])


def read_only() -> Snapshot:
    gateways = [msgspec.structs.replace(BUSY_GATEWAYS[0], read_only=True), *BUSY_GATEWAYS[1:]]
    return msgspec.structs.replace(fleet(), gateways=gateways)


PLACES = [
    (Place("sessions"), ["f5 Reconnect"]),
    (Place("needs"), ["browser died · f5 reconnects"]),
    (Place("details", LOST), ["f5\N{NO-BREAK SPACE}reconnects", "f2 takes that back"]),
    (Place("qr", LOST), ["f9, then f5 reconnects it."]),
    (Place("qr", ("eu-1", "user_7_instance_lost")), ["f8 asks eu-1 for one."]),
    (Place("results"), ["f3 marks, f5 x D z f2 act on all marked"]),
]


@pytest.mark.parametrize(("place", "told"), PLACES, ids=lambda value: str(getattr(value, "view", "")))
async def test_a_remapped_key_is_what_the_screens_say(place: Place, told: list[str]) -> None:
    async with at(place, daemon=FakeDaemon(fleet()), keymap=KEYMAP) as screen:
        await screen.shows(*told)


async def test_the_next_step_of_a_row_is_the_mapped_key() -> None:
    under = Hands(LOST, FakeDaemon(fleet()), keymap=KEYMAP)
    async with under.app.run_test(size=(160, 40)) as pilot:
        await under.ready(pilot)
        await under.shows(pilot, "not linked · f6 starts a new code", "browser died · taken: bo")
        await pilot.press("f12", "slash", *"zzz", "enter")
        await under.shows(pilot, "no session matches zzz · f9 clears the filter")


async def test_the_log_says_the_mapped_keys() -> None:
    async with at(Place("log"), keymap=KEYMAP) as screen:
        await screen.press("f7")
        await screen.shows("not following, f7 follows")
        await screen.press("n")
        assert screen.said == "nothing is searched for · f11 looks for a text"


@pytest.mark.parametrize("place", [place for place, _ in PLACES[:5]], ids=lambda place: place.view)
@pytest.mark.parametrize("whole", [True, False], ids=["monitor", "gateway"])
async def test_what_is_refused_is_offered_nowhere(place: Place, whole: bool) -> None:
    daemon = FakeDaemon(fleet() if whole else read_only())
    async with at(place, daemon=daemon, read_only=whole) as screen:
        if place.view == "needs":
            while screen.app.screen.aim().key != LOST:  # type: ignore[attr-defined]
                await screen.press("down")
        await screen.pilot.pause()
        shown = text(screen.pilot)
        for offer in ("r Reconnect", "r reconnect", "t Test message", "r asks", "x Disconnect", "o new QR"):
            assert offer not in shown


async def test_the_title_of_a_log_says_the_zone() -> None:
    for size in ((80, 24), (40, 20), (120, 40)):
        async with at(Place("log"), size) as screen:
            assert " · UTC · " in screen.lines[0] or "UTC" in screen.lines[0]
    under = Hands(SALES)
    async with under.app.run_test(size=(80, 24)) as pilot:
        await under.ready(pilot)
        await until(pilot, lambda: "Log · all sessions · UTC · following" in text(pilot))


async def test_down_and_off_are_told_apart_in_the_gateways() -> None:
    sessions = [troubled("a", "disconnected"), troubled("b", "disconnected", desired="offline"), session("c")]
    snapshot = msgspec.structs.replace(busy(), sessions=sessions)
    async with at(Place("gateways"), SIZE, FakeDaemon(snapshot)) as screen:
        await screen.shows("●1 ○1 off\N{NO-BREAK SPACE}1")
