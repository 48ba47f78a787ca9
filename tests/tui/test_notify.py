"""Who calls a person, when, and how often."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import msgspec
import pytest

from tests.needing import BANNED, SCAN_QR, need
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import NOW, session, snapshot
from tests.tui.monitor import monitor
from tests.tui.until import text, until
from wa_tui.config import Ui
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.notices import Burst, Caller, is_quiet
from wa_tui.wire import AcknowledgedView, Attention, AttentionCode, Delta, GatewayView, SessionView

BILLING = session("billing")
KEY = BILLING.key
MINUTE = timedelta(minutes=1)


class Watch:
    """A caller and the fleet it looks at, at an instant that moves."""

    def __init__(self, first: SessionView = BILLING, **options: Any) -> None:
        self.now = NOW
        self.state = FleetState(lambda: self.now)
        self.caller = Caller(**options)
        self.state.apply(snapshot(sessions=[first]))
        assert self.look() is None, "what is found at first is on the screen"

    def look(self, **options: Any) -> Burst | None:
        return self.caller.look(self.state, self.state.drain(), self.now, **options)

    def change(self, **fields: Any) -> Burst | None:
        self.state.apply(Delta(sessions=[msgspec.structs.replace(self.state.sessions[KEY], **fields)]))
        return self.look()


def down(text: str = "flapping, 9 drops/h") -> dict[str, Any]:
    return {"status": "disconnected", "attention": need("flapping", text)}


def test_one_that_begins_to_need_a_person_calls_once() -> None:
    watch = Watch()
    burst = watch.change(**down())
    assert burst is not None and burst.rings
    assert burst.text == "billing on eu-1: flapping, 9 drops/h"
    assert watch.change(**down("flapping, 10 drops/h")) is None, "the same need in other words"
    assert watch.change(status="connected", attention=None) is None
    assert watch.change(**down()) is not None, "again, after it was well"


def test_another_need_calls_anew() -> None:
    watch = Watch()
    watch.change(**down())
    burst = watch.change(attention=BANNED)
    assert burst is not None and burst.text.endswith("banned by WhatsApp")


def test_what_needed_somebody_before_calls_nobody_at_first() -> None:
    watch = Watch(session("billing", **down()))
    assert watch.change(detail="Target closed") is None


def test_nobody_is_called_while_it_is_snoozed_and_somebody_when_that_is_over() -> None:
    watch = Watch()
    watch.change(snoozed_until=NOW + 10 * MINUTE)
    assert watch.change(**down()) is None
    watch.now += 5 * MINUTE
    assert watch.look() is None
    watch.now += 6 * MINUTE
    assert watch.look() is not None, "no message came in: the time is over"
    assert watch.look() is None


def test_a_snooze_that_a_person_ends_does_not_call_that_person() -> None:
    watch = Watch()
    watch.change(**down())
    watch.change(snoozed_until=NOW + 10 * MINUTE)
    assert watch.change(snoozed_until=None) is None


def test_one_that_somebody_takes_care_of_calls_only_for_something_new() -> None:
    watch = Watch()
    watch.change(**down())
    taken = AcknowledgedView(who="ana@ops", at=NOW)
    assert watch.change(acknowledged=taken) is None
    assert watch.change(**down("flapping, 12 drops/h")) is None
    assert watch.change(attention=BANNED) is not None


def test_many_at_once_are_one_burst() -> None:
    watch = Watch()
    fleet = [session(name, **down()) for name in ("c", "a", "b")]
    watch.state.apply(Delta(sessions=fleet))
    burst = watch.look()
    assert burst is not None and burst.text == "a on eu-1: flapping, 9 drops/h · 2 more"


def test_a_burst_rings_once() -> None:
    watch = Watch()
    rung = [watch.change(**down())]
    watch.now += timedelta(seconds=5)
    rung.append(watch.change(attention=BANNED))
    watch.now += MINUTE
    rung.append(watch.change(attention=SCAN_QR))
    assert [burst is not None and burst.rings for burst in rung] == [True, False, True]


def test_gateways_call_when_they_stop_to_answer_or_refuse_the_key() -> None:
    watch = Watch()
    told = []
    for state in ("slow", "down", "down", "restarting", "up", "unauthorised"):
        watch.state.apply(Delta(gateways=[GatewayView(name="eu-1", url="", state=state)]))
        burst = watch.look()
        told.append(burst and burst.text)
    assert told == [
        None,
        "gateway eu-1: not answering",
        None,
        None,
        None,
        "gateway eu-1: refuses our key",
    ]


def test_what_gateways_and_the_daemon_need_besides_calls_once() -> None:
    watch = Watch()
    told: list[str | None] = []

    def look(message: Delta) -> None:
        watch.state.apply(message)
        burst = watch.look()
        told.append(burst.text if burst is not None else None)

    for number in (1, 2, 3):
        need = Attention(code=AttentionCode.WEBHOOKS_REFUSED, text=f"{number} webhooks refused: wrong key")
        look(Delta(gateways=[GatewayView(name="eu-1", url="", state="up", attention=[need])]))
    full = Attention(code=AttentionCode.STORE_FAILED, text="the disk is full")
    daemon = snapshot().daemon
    look(Delta(gateways=[GatewayView(name="eu-1", url="", state="up")]))
    look(Delta(daemon=msgspec.structs.replace(daemon, attention=[full])))
    look(Delta(daemon=daemon))
    assert told == [
        "gateway eu-1: 1 webhooks refused: wrong key",
        None,
        None,
        None,
        "this daemon: the disk is full",
        None,
    ]


def test_a_gateway_that_was_told_to_wait_calls_once_that_is_over_and_one_taken_care_of_does_not() -> None:
    watch = Watch()
    down = GatewayView(name="us-1", url="", state="down", detail="connection refused")
    taken = AcknowledgedView(who="ana@ops", at=NOW)
    told: list[str | None] = []
    for fields in (
        {"snoozed_until": NOW + MINUTE},
        {},
        {"acknowledged": taken},
        {"snoozed_until": NOW - MINUTE},
    ):
        watch.state.apply(Delta(gateways=[msgspec.structs.replace(down, **fields)]))
        burst = watch.look()
        told.append(burst.text if burst is not None else None)
    assert told == [None, "gateway us-1: not answering", None, "gateway us-1: not answering"]


def test_one_that_its_gateway_covers_calls_once_that_is_over() -> None:
    watch = Watch()

    def quiet(**fields: Any) -> Burst | None:
        gateway = GatewayView(name="eu-1", url="", state="up", **fields)
        watch.state.apply(Delta(gateways=[gateway]))
        return watch.look()

    assert quiet(snoozed_until=NOW + MINUTE) is None
    assert watch.change(**down() | {"reason": "missing"}) is None
    assert watch.state.counts(watch.now).covered == 1
    watch.now += 2 * MINUTE
    assert watch.look() is not None
    assert watch.state.counts(watch.now).covered == 0


def test_whose_code_somebody_looks_at_need_not_call() -> None:
    watch = Watch()
    watch.state.apply(Delta(sessions=[msgspec.structs.replace(BILLING, **down("scan the QR code"))]))
    assert watch.look(shown=KEY) is None
    assert watch.look() is None


def test_those_who_began_while_the_daemon_was_gone_call_when_it_is_back() -> None:
    watch = Watch()
    watch.state.lose("closed")
    assert watch.look() is None
    watch.state.apply(snapshot(sessions=[session("billing", **down())]))
    assert watch.look() is not None


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        (None, "03:00", False),
        ("22:00-07:00", "21:59", False),
        ("22:00-07:00", "22:00", True),
        ("22:00-07:00", "06:59", True),
        ("22:00-07:00", "07:00", False),
        ("12:00-13:00", "12:30", True),
        ("12:00-13:00", "13:00", False),
    ],
)
def test_quiet_hours(hours: str | None, at: str, quiet: bool) -> None:
    begin_end = None
    if hours is not None:
        begin, end = hours.split("-")
        begin_end = (time.fromisoformat(begin), time.fromisoformat(end))
    assert is_quiet(time.fromisoformat(at), begin_end) is quiet


def test_quiet_hours_and_no_bell_silence_the_bell_alone() -> None:
    local = NOW.astimezone()
    hours = ((local - 5 * MINUTE).time(), (local + 5 * MINUTE).time())
    for options in ({"bell": False}, {"quiet_hours": hours}):
        burst = Watch(**options).change(**down())
        assert burst is not None and not burst.rings


async def test_the_screen_says_who_calls_and_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = FakeDaemon()
    app = monitor(daemon, ui=Ui())
    rung: list[datetime] = []
    monkeypatch.setattr(app, "bell", lambda: rung.append(app.monitor.clock()))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.state.connected and "billing" in text(pilot))
        assert not rung
        daemon.change(KEY, **down("banned by WhatsApp: use another number"))
        await until(pilot, lambda: "! billing on eu-1: banned by WhatsApp: use another number" in text(pilot))
        assert len(rung) == 1


def test_what_is_over_is_called_no_longer() -> None:
    watch = Watch()
    burst = watch.change(**down())
    assert burst is not None and all(watch.caller.stands(call) for call in burst.calls)
    watch.change(status="connected", attention=None)
    assert not any(watch.caller.stands(call) for call in burst.calls)
