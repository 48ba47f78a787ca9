"""The live feed goes on after an event: what changed since, or a snapshot that says what it lacks."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import InvalidStatus

from wa_tui.client import Client, Disconnected, Unix
from wa_tui.client.cursor import Cursor
from wa_tui.daemon.views import walk
from wa_tui.wire import Delta, Lack, LiveFrame, LiveMessage, Snapshot, SnapshotPart

from .pouring import rate
from .running import RunningDaemon

LIVE = "/api/v1/live"


@contextlib.asynccontextmanager
async def live(daemon: RunningDaemon, cursor: Cursor | None = None) -> AsyncIterator[LiveMessage]:
    """The first message of a connection."""
    messages = daemon.client.live(cursor)
    try:
        async with asyncio.timeout(20):
            yield await anext(messages)
    finally:
        await messages.aclose()


async def seen(daemon: RunningDaemon) -> tuple[Snapshot, Cursor]:
    async with live(daemon) as snapshot:
        assert isinstance(snapshot, Snapshot) and snapshot.store and snapshot.lacks is None
        return snapshot, Cursor(snapshot.events[-1].id, snapshot.store)


async def test_what_changed_since_an_event_is_told_and_nothing_else(daemon: RunningDaemon) -> None:
    for name in ("stays", "moves"):
        await daemon.connected(name)
    _, cursor = await seen(daemon)
    await daemon.connected("comes")
    await daemon.post_webhook("moves", "disconnected")
    async with live(daemon, cursor) as delta:
        assert isinstance(delta, Delta) and delta.since == cursor.after
        known = {view.session_id: view.status for view in delta.sessions}
        assert known.pop("comes") == "connected" and known.pop("moves") == "disconnected"
        assert "stays" not in known
        ids = [event.id for event in delta.events]
        assert ids == [*range(cursor.after + 1, cursor.after + 1 + len(ids))] and len(ids) >= 2
        # What carries no event is told in any case.
        assert delta.daemon is not None and delta.jobs and delta.now is not None
        assert [gateway.name for gateway in delta.gateways] == ["default"]


@pytest.mark.parametrize(
    ("after", "store", "lack"),
    [
        (0, None, Lack.TOO_OLD),
        (10**9, None, Lack.NOT_YET),
        (None, "0" * 32, Lack.OTHER_STORE),
    ],
)
async def test_what_cannot_be_told_is_a_snapshot_that_says_why(
    daemon: RunningDaemon, after: int | None, store: str | None, lack: Lack
) -> None:
    await daemon.connected("a")
    whole, cursor = await seen(daemon)
    asked = Cursor(cursor.after if after is None else after, store or cursor.store)
    async with live(daemon, asked) as snapshot:
        assert isinstance(snapshot, Snapshot) and snapshot.lacks is lack
        assert [view.session_id for view in snapshot.sessions] == ["a"]
        assert snapshot.store == whole.store


@pytest.mark.parametrize(
    "query",
    ["after=1", "store=abc", "after=x&store=abc", "after=-1&store=abc", "after=1e3&store=abc", "after=1&store=",
     "after=1&store=%00", f"after={10**30}&store=abc", "after=&store=abc", f"after=1&store={'a' * 80}"],
)  # fmt: skip
async def test_a_query_that_makes_no_sense_is_refused_with_a_reason(
    daemon: RunningDaemon, query: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connected(daemon, query)
    answer = refused.value.response
    assert answer.status_code == 400
    said = json.loads(answer.body or b"")
    assert said["code"] == "bad_query" and ("after" in said["error"] or "store" in said["error"])


async def connected(daemon: RunningDaemon, query: str = "") -> ClientConnection:
    return await unix_connect(
        str(daemon.socket), uri=f"ws://localhost{LIVE}?{query}", compression=None, ping_interval=None
    )


async def test_after_a_crash_it_starts_anew_and_the_ids_go_on(daemon: RunningDaemon) -> None:
    await daemon.connected("a")
    async with contextlib.aclosing(daemon.client.follow()) as feed:
        first = await told(feed, Snapshot)
        await daemon.kill()
        assert isinstance(await anext(feed), Disconnected)
        await daemon.start()
        second = await told(feed, Snapshot)
        assert isinstance(first, Snapshot) and isinstance(second, Snapshot)
        # Of what changed without an event before the crash nobody knows.
        assert (second.store[:32], second.lacks) == (first.store[:32], Lack.TOO_OLD)
        assert {view.session_id for view in second.sessions} == {"a"}
        assert second.events[-1].id > first.events[-1].id
        await daemon.connected("b")
        delta = await told(feed, Delta)
        while not delta.events:
            delta = await told(feed, Delta)
        assert delta.events[0].id == second.events[-1].id + 1


async def test_a_lost_connection_loses_and_doubles_nothing(daemon: RunningDaemon) -> None:
    """A proxy cuts the connection again and again while webhooks come in."""
    socket = daemon.socket.with_name("proxy.sock")
    ends: set[asyncio.StreamWriter] = set()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_unix_connection(str(daemon.socket))
        ends.update({writer, there[1]})

        async def one_way(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while data := await source.read(4096):
                    sink.write(data)
                    await sink.drain()
            sink.close()

        await asyncio.gather(one_way(reader, there[1]), one_way(there[0], writer))

    await daemon.connected("first")
    kinds: list[str] = []
    events: list[int] = []
    known: dict[str, str] = {}
    async with await asyncio.start_unix_server(pass_on, socket):
        client = Client(Unix(socket))

        async def post() -> None:
            for number in range(60):
                await daemon.post_webhook(f"s{number % 7}", ("connected", "disconnected")[number % 2])
                if number % 10 == 9:
                    for end in [*ends]:
                        end.transport.abort()
                    ends.clear()
            await daemon.connected("end")

        posting = asyncio.create_task(post())
        async with contextlib.aclosing(client.follow()) as feed, asyncio.timeout(60):
            async for message in feed:
                if isinstance(message, Disconnected):
                    continue
                if isinstance(message, Snapshot):
                    assert not kinds, "it goes on where it was"
                    known = {}
                kinds.append(type(message).__name__)
                known |= {view.session_id: view.status for view in message.sessions}
                events += [event.id for event in message.events]
                if "end" in known:
                    break
        await posting
        await client.close()
    assert events == [*range(events[0], events[-1] + 1)]
    truth = {view.session_id: view.status for view in await daemon.client.sessions()}
    assert {name: known[name] for name in truth} == truth


async def test_a_connection_cut_in_the_middle_of_the_parts_leaves_nothing_behind(
    daemon: RunningDaemon,
) -> None:
    each = walk.PART // 2 + 10
    many = sorted(f"s{connection}-{number}" for connection in range(4) for number in range(each))
    await rate(daemon, len(many), sessions=each, connections=4)
    connection = await connected(daemon)
    assert isinstance(msgspec.json.decode(await connection.recv(), type=LiveFrame), SnapshotPart)
    connection.transport.abort()
    async with live(daemon) as snapshot:
        assert isinstance(snapshot, Snapshot)
        assert sorted(view.session_id for view in snapshot.sessions) == many


Message = TypeVar("Message", Snapshot, Delta)


async def told(feed: AsyncGenerator[LiveMessage | Disconnected, None], kind: type[Message]) -> Message:
    async with asyncio.timeout(30):
        async for message in feed:
            if isinstance(message, kind):
                return message
    raise AssertionError("it ended")
