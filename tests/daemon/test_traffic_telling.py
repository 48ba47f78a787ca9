"""What was counted is told once a minute: nothing is lost where the store takes nothing, and nothing stays for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from wa_tui.daemon.recording.bus import Bus
from wa_tui.daemon.recording.recorder import Recorder
from wa_tui.daemon.traffic import Traffic
from wa_tui.daemon.traffic.keeping import TrafficKeeper
from wa_tui.daemon.traffic.publishing import TrafficPublisher
from wa_tui.model.facts import Removed, Webhook
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import MINUTE, SessionKey, Status
from wa_tui.model.traffic import Counters, Flow, FlowCounts, Message
from wa_tui.store import Store

from .fake_store import FakeStore, FixedClock

KEY = SessionKey("g", "sales")


@dataclass
class Bench:
    """What counts and tells, on a store that fails as a test wishes."""

    store: FakeStore
    recorder: Recorder
    traffic: Traffic
    publisher: TrafficPublisher
    clock: FixedClock


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store, clock, fleet, bus = FakeStore(), FixedClock(), Fleet(), Bus()
    recorder = Recorder(cast(Store, store), fleet, clock, bus.publish)
    recorder.start()
    traffic = Traffic(fleet, clock)
    keeper = TrafficKeeper(tmp_path / "traffic.db", traffic, clock)
    await keeper.begin()
    await recorder.record(Webhook(*KEY, Status.CONNECTED, clock.now(), clock.now()))
    yield Bench(store, recorder, traffic, TrafficPublisher(traffic, keeper, recorder, bus), clock)
    await recorder.stop()
    await keeper.end()


async def test_acknowledgements_that_the_store_does_not_take_are_told_with_the_next_minute(
    bench: Bench,
) -> None:
    bench.traffic.count(KEY.gateway, [Message(KEY.session_id, Flow.ACKED)])
    bench.store.broken = True
    await bench.publisher.publish()
    bench.store.broken = False
    await bench.publisher.publish()
    session = bench.recorder.fleet.session(KEY)
    assert session is not None and session.vouched is not None
    assert session.vouched.server == bench.clock.now()


async def test_what_was_counted_of_a_session_that_is_no_more_is_forgotten(bench: Bench) -> None:
    told = Counters(KEY.session_id, "boot", FlowCounts(received=5), queued=1)
    bench.traffic.compare(KEY.gateway, [told])
    await bench.publisher.forget()
    assert bench.traffic.sessions() == [KEY]
    await bench.recorder.record(Removed(*KEY, bench.clock.now(), "deleted long ago"))
    await bench.publisher.forget()
    assert bench.traffic.sessions() == [] and bench.traffic.queued(KEY) == 0


async def test_an_acknowledgement_that_is_repeated_half_an_hour_later_is_counted_once(bench: Bench) -> None:
    message = Message(KEY.session_id, Flow.ACKED, id="one")
    for _ in range(2):
        bench.traffic.count(KEY.gateway, [message])
        bench.clock.at += 31 * MINUTE
    assert sum(bench.traffic.newest(KEY, "days")[-1].counts) == 1
