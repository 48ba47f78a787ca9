"""The recorder on a store that fails, waits and refuses, and what the receiver answers meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import httpx
import pytest

from wa_tui.daemon.receiving.addresses import Addresses
from wa_tui.daemon.receiving.attribution import Attribution
from wa_tui.daemon.receiving.foreign import ForeignReceiver
from wa_tui.daemon.receiving.messages import MessageCounting
from wa_tui.daemon.receiving.receiver import Receiver
from wa_tui.daemon.receiving.refusals import Refusals
from wa_tui.daemon.receiving.senders import Senders
from wa_tui.daemon.receiving.signatures import Secrets
from wa_tui.daemon.receiving.webhook_counter import WebhookCounter
from wa_tui.daemon.receiving.webhook_metrics import WebhookMetrics
from wa_tui.daemon.recording import recorder as recorder_module
from wa_tui.daemon.recording.bus import Bus
from wa_tui.daemon.recording.change import Change
from wa_tui.daemon.recording.intake import SEVERAL
from wa_tui.daemon.recording.recorder import Inapplicable, QueueFull, Recorder, Stopped
from wa_tui.model.apply import apply as model_apply
from wa_tui.model.facts import Fact, Webhook
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SECOND, SessionKey, Status
from wa_tui.model.transition import Transition, Verdict
from wa_tui.store import Batch, Store, StoreError

from .fake_store import FakeStore, FixedClock
from .running import KEY, WEBHOOK
from .waiting import webhook

NOW = 1_795_400_000_000


@dataclass
class Bench:
    """A recorder on a fake store, and what it published."""

    store: FakeStore = field(default_factory=FakeStore)
    fleet: Fleet = field(default_factory=Fleet)
    published: list[Change] = field(default_factory=list)
    capacity: int = 100

    def __post_init__(self) -> None:
        self.recorder = Recorder(
            cast(Store, self.store),
            self.fleet,
            FixedClock(NOW),
            self.published.append,
            capacity=self.capacity,
        )

    def status(self, session_id: str) -> str | None:
        session = self.fleet.session(SessionKey("eu", session_id))
        return session.status.value if session is not None else None

    def later(self, *facts: Fact) -> asyncio.Task[list[Transition]]:
        return asyncio.create_task(self.recorder.record(*facts))

    async def held(self) -> None:
        """Hold the store with one commit under way."""
        self.store.gate.clear()
        self.later(says("holder"))
        await self.store.committing.wait()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    made.recorder.start()
    yield made
    made.store.gate.set()
    await made.recorder.stop()


def says(session_id: str, status: Status = Status.CONNECTED, at: int = NOW) -> Webhook:
    return Webhook("eu", session_id, status, at, at)


async def test_a_failed_commit_changes_nothing_and_fails_all_that_wait(bench: Bench) -> None:
    await bench.recorder.record(says("a"))
    await bench.held()
    bench.store.broken = True
    waiting = [bench.later(says("a", Status.DISCONNECTED, NOW + 1)), bench.later(says("b"))]
    await asyncio.sleep(0)
    bench.store.gate.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [StoreError, StoreError]
    assert (bench.status("a"), bench.status("b"), bench.status("holder")) == ("connected", None, None)
    assert len(bench.published) == 1 and bench.recorder.trouble == "the disk is full"
    # What failed was not remembered as seen: the same webhook is taken in when it comes again.
    bench.store.broken = False
    (outcome,) = await bench.recorder.record(says("a", Status.DISCONNECTED, NOW + 1))
    assert outcome.verdict is Verdict.APPLIED and bench.status("a") == "disconnected"
    assert bench.recorder.trouble is None
    ids = [event.id for change in bench.published for event in change.events]
    assert ids == [1, 2]


async def test_nothing_is_seen_before_it_is_committed(bench: Bench) -> None:
    bench.store.gate.clear()
    task = bench.later(says("a"))
    await bench.store.committing.wait()
    assert bench.status("a") is None and not task.done() and not bench.published
    bench.store.gate.set()
    await task
    assert bench.status("a") == "connected" and len(bench.published) == 1


async def test_the_others_are_told_while_the_disk_works_on_the_next_commit(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[tuple[str, int]] = []
    told: list[tuple[int, int]] = []

    def post(name: str) -> None:
        bench.recorder.submit([says(name)], lambda _: ended.append((name, len(bench.published))))

    async def commit(batch: Batch, meanwhile: Callable[[], None] | None = None) -> int:
        if not told:
            post("b")
        before = len(bench.published)
        if meanwhile is not None:
            meanwhile()
        told.append((before, len(bench.published)))
        return 1

    monkeypatch.setattr(bench.store, "commit", commit)
    many = [f"a{number}" for number in range(SEVERAL)]
    for name in many:
        post(name)
    await bench.recorder.drain()
    # The senders of many are answered before anybody else is told, and they are before b is committed.
    assert told == [(0, 0), (0, 1)]
    assert ended == [*((name, 0) for name in many), ("b", 1)]
    assert [sessions(change) for change in bench.published] == [many, ["b"]]


async def test_of_few_facts_everybody_is_told_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []

    async def commit(batch: Batch, meanwhile: Callable[[], None] | None = None) -> int:
        if not told:
            bench.recorder.submit([says("b")], lambda _: None)
        told.append(len(bench.published))
        return 1

    monkeypatch.setattr(bench.store, "commit", commit)
    bench.recorder.submit([says("a")], lambda _: None)
    await bench.recorder.drain()
    assert told == [0, 1]


async def test_who_asks_need_not_wait_for_the_next_commit(bench: Bench) -> None:
    bench.store.hasty = True
    for number in range(SEVERAL):
        bench.recorder.submit([says(f"s{number}")], lambda _: None)
    while bench.status("s0") is None:
        bench.store.gate.set()
        await asyncio.sleep(0)
    bench.recorder.publish()
    assert sum(len(change.sessions) for change in bench.published) == SEVERAL
    bench.recorder.publish()
    assert len(bench.published) == 1


def sessions(change: Change) -> list[str]:
    return [key.session_id for key in change.sessions]


@pytest.mark.parametrize("hasty", [False, True])
@pytest.mark.parametrize("broken", [False, True])
async def test_a_commit_is_told_whatever_becomes_of_the_next(bench: Bench, hasty: bool, broken: bool) -> None:
    bench.store.hasty = hasty
    await bench.held()
    first = bench.later(says("a"))
    bench.store.gate.set()
    while bench.status("a") is None:
        await asyncio.sleep(0)
    bench.store.broken = broken
    second = bench.later(says("b"))
    results = await asyncio.gather(first, second, return_exceptions=True)
    await bench.recorder.drain()
    assert isinstance(results[1], StoreError) is broken
    told = [name for change in bench.published for name in sessions(change)]
    assert told == (["holder", "a"] if broken else ["holder", "a", "b"])


async def test_who_waits_for_facts_finds_that_everybody_was_told(bench: Bench) -> None:
    many = [bench.later(says(f"s{number}")) for number in range(20)]
    for task in many:
        await task
        assert sum(len(change.sessions) for change in bench.published) == 20
    await bench.recorder.record(says("one"))
    assert len(bench.published[-1].sessions) == 1


async def test_a_recorder_that_dies_has_told_what_it_committed(bench: Bench) -> None:
    for number in range(20):
        bench.recorder.submit([says(f"s{number}")], lambda _: None)
    while bench.status("s19") is None:
        await asyncio.sleep(0)
    assert bench.recorder._task is not None
    bench.recorder._task.cancel()
    await asyncio.gather(bench.recorder._task, return_exceptions=True)
    await asyncio.sleep(0)
    assert sum(len(change.sessions) for change in bench.published) == 20


async def test_long_work_gives_way_to_what_came_in(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "WAY", 30.0)
    await bench.recorder.give_way()
    bench.store.gate.clear()
    bench.recorder.submit([says("a")], lambda _: None)
    giving_way = asyncio.create_task(bench.recorder.give_way())
    for _ in range(10):
        await asyncio.sleep(0)
    assert bench.store.committing.is_set() and not giving_way.done()
    bench.store.gate.set()
    await asyncio.wait_for(giving_way, 5)
    assert bench.status("a") == "connected"
    # But not for long.
    monkeypatch.setattr(recorder_module, "WAY", 0.01)
    await bench.held()
    await asyncio.wait_for(bench.recorder.give_way(), 5)
    assert bench.status("holder") is None


async def test_repetitions_are_recognised_within_a_batch_and_after_it(bench: Bench) -> None:
    await bench.held()
    tasks = [bench.later(says("a")) for _ in range(3)]
    await asyncio.sleep(0)
    bench.store.gate.set()
    verdicts = [outcome.verdict for (outcome,) in await asyncio.gather(*tasks)]
    assert verdicts == [Verdict.APPLIED, Verdict.DUPLICATE, Verdict.DUPLICATE]
    (again,) = await bench.recorder.record(says("a"))
    assert again.verdict is Verdict.DUPLICATE
    assert len([event for batch in bench.store.batches for event in batch.events]) == 2


async def test_a_fact_that_cannot_be_applied_fails_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def apply(known: Any, fact: Fact) -> Transition:
        if isinstance(fact, Webhook) and fact.session_id == "poison":
            raise ZeroDivisionError("a mistake of ours")
        return model_apply(known, fact)

    monkeypatch.setattr(recorder_module, "apply", apply)
    await bench.held()
    tasks = [
        bench.later(says("a")),
        bench.later(says("b"), says("poison")),
        bench.later(says("poison")),
        bench.later(says("c")),
    ]
    await asyncio.sleep(0)
    bench.store.gate.set()
    a, b, poison, c = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(b, Inapplicable) and isinstance(poison, Inapplicable)
    assert not isinstance(a, BaseException) and not isinstance(c, BaseException)
    # An entry is taken in whole or not at all, and what it did to the draft is gone.
    assert [bench.status(name) for name in ("a", "b", "poison", "c")] == [
        "connected",
        None,
        None,
        "connected",
    ]
    assert [event.id for change in bench.published for event in change.events] == [1, 2, 3]
    assert "poison" in caplog.text and "ZeroDivisionError" in caplog.text
    with pytest.raises(Inapplicable):
        await bench.recorder.record(says("poison"))
    await bench.recorder.record(says("d"))
    assert bench.status("d") == "connected"


async def test_a_caller_that_gives_up_harms_nobody_and_its_fact_is_kept(bench: Bench) -> None:
    await bench.held()
    gone, stays = bench.later(says("gone")), bench.later(says("stays"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    bench.store.gate.set()
    await stays
    assert gone.cancelled()
    assert (bench.status("gone"), bench.status("stays")) == ("connected", "connected")


async def test_a_full_queue_refuses_and_takes_nothing() -> None:
    bench = Bench(capacity=3)
    bench.recorder.start()
    await bench.held()
    waiting = [bench.later(says(f"s{number}")) for number in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(QueueFull):
        await bench.recorder.record(says("too-many"))
    bench.store.gate.set()
    await asyncio.gather(*waiting)
    assert bench.status("s2") == "connected" and bench.status("too-many") is None
    await bench.recorder.stop()
    with pytest.raises(Stopped):
        await bench.recorder.record(says("after"))


async def test_stopping_commits_what_was_taken_in(bench: Bench) -> None:
    await bench.held()
    waiting = [bench.later(says(f"s{number}")) for number in range(50)]
    stopping = asyncio.create_task(bench.recorder.stop())
    await asyncio.sleep(0)
    bench.store.gate.set()
    await asyncio.gather(stopping, *waiting)
    assert bench.status("s49") == "connected"


async def test_a_writer_that_dies_leaves_nobody_waiting(bench: Bench) -> None:
    bench.store.gate.clear()
    committing = bench.later(says("committing"))
    await bench.store.committing.wait()
    waiting = bench.later(says("a"))
    await asyncio.sleep(0)
    task = bench.recorder._task
    assert task is not None
    task.cancel()
    for caller in (committing, waiting):
        with pytest.raises(Stopped):
            await asyncio.wait_for(caller, 1)
    with pytest.raises(Stopped):
        await bench.recorder.record(says("b"))


async def test_a_listener_that_fails_does_not_stop_the_recorder(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Change] = []
    bus = Bus()
    bus.subscribe(lambda change: 1 / 0)  # type: ignore[arg-type]
    bus.subscribe(heard.append)
    store = FakeStore()
    recorder = Recorder(cast(Store, store), Fleet(), FixedClock(), bus.publish)
    recorder.start()
    with caplog.at_level(logging.ERROR):
        await recorder.record(says("a"))
        await recorder.record(says("b"))
    await recorder.stop()
    assert len(heard) == 2 and "ZeroDivisionError" in caplog.text


def test_how_something_looks_is_told_to_those_who_watch_alone() -> None:
    heard: list[Change] = []
    seen: list[Change] = []
    bus, fact, look = Bus(), Change(), Change()
    bus.subscribe(heard.append)
    leave = bus.watch(seen.append)
    bus.publish(fact)
    bus.show(look)
    leave()
    bus.publish(Change())
    assert (len(heard), heard[0] is fact) == (2, True)
    assert len(seen) == 2 and seen[0] is fact and seen[1] is look


async def test_the_receiver_says_when_to_come_again() -> None:
    bench = Bench(capacity=1)
    bench.recorder.start()
    clock = FixedClock(NOW)
    counter = WebhookCounter({}, WebhookMetrics(), clock)
    refusals = Refusals(clock, Addresses({}), counter.count, lambda *_: "")
    attribution = Attribution(bench.fleet, lambda _: None, {})
    attribution.add("eu", KEY)
    shared = bench.fleet, bench.recorder, clock
    senders = Senders(bench.fleet, clock, lambda _: False, cast(Any, None))
    counting = MessageCounting(bench.fleet, {}, lambda *_: None)
    foreign = ForeignReceiver(senders, *shared, refusals, counter, lambda names: None, {}, counting)
    receiver = Receiver(*shared, attribution, refusals, counter, lambda names: None, foreign, Secrets())
    transport = httpx.ASGITransport(cast(Any, receiver))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as web:

        async def post(session_id: str) -> httpx.Response:
            body = webhook(session_id, "connected", at=datetime.fromtimestamp(NOW / SECOND, UTC))
            return await web.post(WEBHOOK, json=body, headers={"x-api-key": KEY})

        bench.store.broken = True
        broken = await post("a")
        bench.store.broken = False
        await bench.held()
        waiting = asyncio.create_task(post("b"))
        while not bench.recorder._intake:
            await asyncio.sleep(0)
        busy = await post("c")
        bench.store.gate.set()
        assert (await waiting).status_code == 200
        await bench.recorder.stop()
        stopped = await post("d")
    for answer in (broken, busy, stopped):
        assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
        assert answer.json()["success"] is False and answer.json()["error_code"] is None
    assert "the disk is full" in broken.json()["message"]
    assert counter.webhooks["eu"] == {"not_stored": 2, "busy": 1}
    assert [bench.status(name) for name in "abcd"] == [None, "connected", None, None]
