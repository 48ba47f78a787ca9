"""What readers of the live feed are told: one message for all who are up to date, one's own for who is not."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import datetime
from typing import cast

import msgspec
import pytest

from wa_tui.daemon.recording.bus import Bus
from wa_tui.daemon.recording.change import Change
from wa_tui.daemon.views import feed as feed_module
from wa_tui.daemon.views import walk
from wa_tui.daemon.views.feed import PACE, PIECE, Feed
from wa_tui.daemon.views.journal import Journal
from wa_tui.daemon.views.pending_delta import EVENTS_WAITING
from wa_tui.daemon.views.reader import Reader
from wa_tui.daemon.views.view_builder import ViewBuilder
from wa_tui.daemon.views.walk import PART
from wa_tui.model.registers import SessionKey
from wa_tui.store import Store
from wa_tui.wire import (
    DaemonView,
    Delta,
    EventView,
    LiveFrame,
    LiveMessage,
    SessionView,
    Snapshot,
    SnapshotPart,
    utc_now,
)


class Fleet:
    """A mirror of sessions that a test names, which counts how often it is looked at."""

    def __init__(self) -> None:
        self.there: set[SessionKey] = set()
        self.births = 0
        self.looks = 0
        self.broken = False
        self.taken = 0
        """Snapshots that were begun."""
        self.gate = asyncio.Event()
        """Holds a snapshot that is begun until it is set."""
        self.gate.set()

    def now(self) -> datetime:
        return utc_now()

    def keys(self) -> list[SessionKey]:
        return sorted(self.there)

    async def sessions(self, keys: list[SessionKey]) -> AsyncIterator[list[SessionView]]:
        self.taken += 1
        await self.gate.wait()
        for key in keys:
            yield [view for view in self.views([key]) if view is not None]

    def views(self, keys: Iterable[SessionKey]) -> Iterator[SessionView | None]:
        for key in keys:
            self.looks += 1
            if self.broken:
                self.broken = False
                raise RuntimeError("it is broken")
            there = key in self.there
            yield SessionView(gateway=key.gateway, session_id=key.session_id) if there else None

    def event_views(self, events: Iterable[EventView]) -> list[EventView]:
        return list(events)


class Place:
    """A feed on a bus of its own."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.fleet = Fleet()
        self.events: list[EventView] = []
        self.journal = Journal(cast(Store, None), "a", 0)
        self.feed = Feed(
            self.bus, cast(ViewBuilder, self.fleet), self.journal, self.snapshot, list, self.daemon
        )

    def daemon(self) -> DaemonView:
        return DaemonView(pid=1, version="1", started_at=utc_now())

    def snapshot(self) -> Snapshot:
        return Snapshot(daemon=self.daemon(), gateways=[], events=list(self.events))

    def happen(self, *names: str, gone: bool = False) -> None:
        """Sessions come, or are gone; each with an event."""
        keys = {SessionKey("eu-1", name) for name in names}
        self.fleet.there = self.fleet.there - keys if gone else self.fleet.there | keys
        self.fleet.births += 0 if gone else len(keys)
        first = len(self.events) + 1
        lines = [
            EventView(id=first + step, at=utc_now(), source="node", kind="line", text=name)
            for step, name in enumerate(names)
        ]
        self.events += lines
        self.bus.publish(Change(removed=keys, lines=lines))


@pytest.fixture
def place() -> Iterator[Place]:
    yield Place()


async def message(reader: Reader) -> LiveMessage:
    """Return the next message, a snapshot with the sessions of its parts."""
    parts: list[SessionView] = []
    while True:
        frame: LiveFrame = msgspec.json.decode(await raw(reader), type=LiveFrame)
        if isinstance(frame, SnapshotPart):
            parts += frame.sessions
        elif isinstance(frame, Snapshot):
            return msgspec.structs.replace(frame, sessions=[*parts, *frame.sessions])
        else:
            return frame


async def raw(reader: Reader) -> bytes:
    async with asyncio.timeout(40):
        await reader.changed()
    return await reader.message()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(40):
        while not holds():
            await asyncio.sleep(0.005)


async def test_a_delta_is_made_once_for_all_who_are_up_to_date(place: Place) -> None:
    with place.feed.reader() as one, place.feed.reader() as other:
        for reader in (one, other):
            assert isinstance(await message(reader), Snapshot)
        place.happen("a")
        before = place.fleet.looks
        assert await raw(one) is await raw(other)
        assert place.fleet.looks == before + 1
        assert one.rest == 0, "the feed rests for all"


async def test_who_missed_some_is_told_them_in_one_and_then_what_all_are_told(place: Place) -> None:
    with place.feed.reader() as quick, place.feed.reader() as slow:
        for reader in (quick, slow):
            await message(reader)
        told = []
        for name in ("a", "b", "c"):
            place.happen(name, gone=name == "c")
            told.append(await message(quick))
        missed = await message(slow)
        assert isinstance(missed, Delta)
        assert [event.id for event in missed.events] == [1, 2, 3]
        assert [event.id for each in told for event in each.events] == [1, 2, 3]
        assert {view.session_id for view in missed.sessions} == {"a", "b"}
        assert missed.removed == [("eu-1", "c")]
        place.happen("d")
        assert await raw(quick) is await raw(slow)


async def test_who_missed_too_much_gets_a_snapshot_and_nothing_of_it_again(place: Place) -> None:
    with place.feed.reader() as quick, place.feed.reader() as slow:
        for reader in (quick, slow):
            await message(reader)
        for _ in range(3):
            place.happen(*(f"s{number}" for number in range(EVENTS_WAITING // 2)))
            await message(quick)
        place.happen("not told yet")
        snapshot = await message(slow)
        assert isinstance(snapshot, Snapshot) and snapshot.events[-1].text == "not told yet"
        assert [event.text for event in (await message(quick)).events] == ["not told yet"]
        place.happen("later")
        assert [event.text for event in (await message(slow)).events] == ["later"]


async def test_what_is_published_as_a_snapshot_is_made_is_told_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.feed.reader() as one, place.feed.reader() as other:
        await message(one)
        make = place.snapshot

        def snapshot() -> Snapshot:
            place.happen("a")
            return make()

        monkeypatch.setattr(place.feed, "_snapshot", snapshot)
        await asyncio.sleep(2 * PACE)
        held = await message(other)
        assert isinstance(held, Snapshot) and [event.text for event in held.events] == ["a"]
        place.happen("b")
        assert [event.text for event in (await message(other)).events] == ["b"]
        assert [event.text for event in (await message(one)).events] == ["a", "b"]


async def test_what_changes_while_a_snapshot_is_made_is_in_it_and_not_told_again(place: Place) -> None:
    place.happen("stays", "goes")
    with place.feed.reader() as reader:
        place.fleet.gate.clear()
        making = asyncio.create_task(message(reader))
        await until(lambda: place.fleet.taken == 1)
        place.happen("comes")
        place.happen("goes", gone=True)
        place.fleet.gate.set()
        held = await making
        assert isinstance(held, Snapshot) and [view.session_id for view in held.sessions] == [
            "stays",
            "comes",
        ]
        assert held.removed == [("eu-1", "goes")]
        assert [event.text for event in held.events] == ["stays", "goes", "comes", "goes"]
        place.happen("later")
        told = await message(reader)
        assert isinstance(told, Delta) and not told.removed
        assert [view.session_id for view in told.sessions] == ["later"]
        assert [event.text for event in told.events] == ["later"]


async def test_however_much_happens_while_a_snapshot_is_made_it_ends(place: Place) -> None:
    place.happen(*(f"s{number}" for number in range(2 * PART)))
    with place.feed.reader() as reader:
        assert isinstance(msgspec.json.decode(await raw(reader), type=LiveFrame), SnapshotPart)
        for half in range(2):
            place.happen(*(f"{half}s{number}" for number in range(EVENTS_WAITING // 2 + 1)))
            await asyncio.sleep(2 * PACE)
        place.happen("s1", gone=True)
        held = await message(reader)
        assert isinstance(held, Snapshot) and held.removed == [("eu-1", "s1")]
        known = {view.session_id for view in held.sessions}
        assert {f"1s{number}" for number in range(EVENTS_WAITING // 2 + 1)} < known


async def test_a_snapshot_ends_where_more_changes_than_a_slow_reader_reads(place: Place) -> None:
    names = [f"s{number}" for number in range(2 * PART)]
    place.happen(*names)
    with place.feed.reader() as reader:
        known: set[str] = set()
        snapshots = 0
        for turn in range(30):
            frame: LiveFrame = msgspec.json.decode(await raw(reader), type=LiveFrame)
            known |= {view.session_id for view in frame.sessions}
            known -= {name for _, name in frame.removed}
            snapshots += isinstance(frame, Snapshot)
            place.happen(*names[turn % 2 :], gone=turn == 29)
            await asyncio.sleep(2 * PACE)
        assert snapshots
        # What the end left out is told after it.
        while known - {names[0]}:
            gone = msgspec.json.decode(await raw(reader), type=LiveFrame)
            known |= {view.session_id for view in gone.sessions}
            known -= {name for _, name in gone.removed}


async def test_those_who_attach_together_share_the_parts_and_who_comes_later_goes_on_from_there(
    place: Place,
) -> None:
    place.happen(*(f"s{number:05}" for number in range(5 * PART)))
    with contextlib.ExitStack() as stack:
        one, other, late, gone = (stack.enter_context(place.feed.reader()) for _ in range(4))
        assert await raw(one) is not None and await raw(one) is not None
        assert place.fleet.looks == 2 * PART
        # These begin with the third part and the fourth, the last one with the fifth: all that it gets is made for it,
        # and is all that the others lack.
        assert await raw(late) != await raw(gone)
        for reader in (other, one, late):
            held = await message(reader)
            assert isinstance(held, Snapshot)
        assert place.fleet.looks == (4 + 5) * PART
        place.happen("b")
        assert len({id(await raw(reader)) for reader in (one, other, late)}) == 1


@pytest.mark.parametrize("seed", range(6))
async def test_in_whatever_order_they_read_each_ends_with_the_fleet_as_it_is(
    place: Place, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "PART", 3)
    monkeypatch.setattr(walk, "PARTS_KEPT", 2)
    chance = random.Random(seed)
    names = [f"s{number}" for number in range(40)]
    place.happen(*names[:25])
    with contextlib.ExitStack() as stack:
        readers: dict[Reader, dict[str, SessionView]] = {}
        events: dict[Reader, list[int]] = {}
        for _ in range(150):
            if chance.random() < 0.4:
                place.happen(*chance.sample(names, chance.randrange(1, 4)), gone=chance.random() < 0.4)
            if len(readers) < 5 and chance.random() < 0.1:
                reader = stack.enter_context(place.feed.reader())
                readers[reader], events[reader] = {}, []
            if readers and chance.random() < 0.8:
                await hear(chance.choice([*readers]), readers, events)
            else:
                await asyncio.sleep(0)
        place.happen("end")
        for reader in readers:
            while "end" not in readers[reader]:
                await hear(reader, readers, events)
            assert {*readers[reader]} == {key.session_id for key in place.fleet.there}
            assert events[reader] == [*range(1, len(place.events) + 1)]


async def hear(
    reader: Reader, known: dict[Reader, dict[str, SessionView]], events: dict[Reader, list[int]]
) -> None:
    """Take in the next frame, if there is one."""
    if not reader._awake.is_set():
        await asyncio.sleep(PACE)
        return
    frame: LiveFrame = msgspec.json.decode(await reader.message(), type=LiveFrame)
    known[reader] |= {view.session_id: view for view in frame.sessions}
    for _, name in frame.removed:
        known[reader].pop(name, None)
    if not isinstance(frame, SnapshotPart):
        events[reader] += [event.id for event in frame.events]


async def test_what_came_back_before_it_was_told_is_not_gone(place: Place) -> None:
    with place.feed.reader() as reader:
        await message(reader)
        place.happen("a", gone=True)
        place.happen("a")
        delta = await message(reader)
        assert isinstance(delta, Delta)
        assert [view.session_id for view in delta.sessions] == ["a"] and not delta.removed


async def test_bursts_are_told_as_one(place: Place) -> None:
    with place.feed.reader() as reader:
        await message(reader)
        place.happen("first")
        await message(reader)
        for number in range(50):
            place.happen(f"s{number}")
        assert len((await message(reader)).events) == 50


async def test_many_are_told_in_the_order_of_their_changes(place: Place) -> None:
    there = [f"s{number}" for number in range(3 * PIECE + 7)]
    gone = [f"g{number}" for number in range(2 * PIECE)]
    with place.feed.reader() as reader:
        await message(reader)
        place.happen(*gone, gone=True)
        for name in there:
            place.happen(name)
        delta = await message(reader)
        assert isinstance(delta, Delta)
        assert [view.session_id for view in delta.sessions] == there
        assert sorted(name for _, name in delta.removed) == sorted(gone)
        assert [event.text for event in delta.events] == [*gone, *there]


async def test_while_webhooks_pour_in_the_pieces_of_a_message_wait_for_their_turn(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "LULL", 30.0)
    with place.feed.reader() as reader:
        await message(reader)
        place.happen(*(f"s{number}" for number in range(2 * PIECE + 1)))
        making = asyncio.create_task(raw(reader))
        await until(lambda: place.fleet.looks == PIECE)
        await asyncio.sleep(0.05)
        assert place.fleet.looks == PIECE
        place.happen("more")
        await until(lambda: place.fleet.looks == 2 * PIECE)
        # Nothing comes any more: it does not wait for ever.
        monkeypatch.setattr(feed_module, "LULL", 0.01)
        place.happen("last")
        delta = msgspec.json.decode(await asyncio.wait_for(making, 5), type=Delta)
        assert len(delta.sessions) == 2 * PIECE + 1


async def test_what_comes_while_a_message_is_made_is_told_to_all_in_one_after_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "LULL", 30.0)
    with place.feed.reader() as one, place.feed.reader() as other:
        for reader in (one, other):
            await message(reader)
        place.happen(*(f"s{number}" for number in range(5 * PIECE)))
        making = [asyncio.create_task(raw(reader)) for reader in (one, other)]
        await until(lambda: place.fleet.looks > 0)
        # Each would be told by itself, were it not for the message under way.
        while not all(task.done() for task in making):
            place.happen("more")
            await asyncio.sleep(PACE)
        assert making[0].result() is making[1].result()
        monkeypatch.setattr(feed_module, "LULL", 0.0)  # nothing comes any more that would end one
        assert await raw(one) is await raw(other)


async def test_what_cannot_be_told_becomes_a_snapshot(place: Place) -> None:
    with place.feed.reader() as reader:
        await message(reader)
        place.fleet.broken = True
        place.happen("a")
        assert isinstance(await message(reader), Snapshot)
        place.happen("b")
        assert isinstance(await message(reader), Delta)


async def test_what_nobody_reads_is_never_made(place: Place) -> None:
    with place.feed.reader() as reader:
        await message(reader)
        for name in "abc":
            place.happen(name)
            await asyncio.sleep(0.06)
        assert place.fleet.looks == 0
        told = await message(reader)
        assert isinstance(told, Delta) and [event.text for event in told.events] == ["a", "b", "c"]
        assert place.fleet.looks == 3


async def test_nobody_listens_where_nobody_reads(place: Place) -> None:
    with place.feed.reader() as reader:
        await message(reader)
    place.happen("a")
    assert place.fleet.looks == 0 and not place.bus._watchers
    with place.feed.reader() as reader:
        assert isinstance(await message(reader), Snapshot)
        place.happen("b")
        assert [event.text for event in (await message(reader)).events] == ["b"]
