"""The live feed: a snapshot, then deltas; nobody who does not read slows the receiver."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.effort import effort
from wa_tui.client import Unauthorised
from wa_tui.daemon.healing import Healer
from wa_tui.daemon.recording import recorder
from wa_tui.daemon.views import view_builder
from wa_tui.model.facts import Webhook
from wa_tui.model.registers import Status
from wa_tui.wire import Delta, LiveMessage, SessionView, Snapshot

from .conftest import NewDaemon
from .forgetful import FEW
from .inside import nth, world
from .pouring import rate
from .running import CONTROL_KEY, KEY, WEBHOOK, RunningDaemon
from .waiting import webhook

LIVE = "/api/v1/live"
POURED = effort("WA_TUI_POURED", sample=2_400, full=6_000)
"""Webhooks that come in while monitors attach."""


@contextlib.asynccontextmanager
async def feed(daemon: RunningDaemon) -> AsyncIterator[AsyncGenerator[LiveMessage, None]]:
    messages = daemon.client.live()
    try:
        yield messages
    finally:
        await messages.aclose()


async def told(messages: AsyncGenerator[LiveMessage, None], session_id: str, status: str) -> SessionView:
    """Return the view that a delta brings; other deltas may come before it."""
    async with asyncio.timeout(40):
        async for message in messages:
            assert isinstance(message, Delta)
            for view in message.sessions:
                if (view.session_id, view.status) == (session_id, status):
                    return view
    raise AssertionError("the feed ended")


async def test_a_snapshot_then_deltas(daemon: RunningDaemon) -> None:
    await daemon.connected("before")
    async with feed(daemon) as messages:
        snapshot = await anext(messages)
        assert isinstance(snapshot, Snapshot)
        assert [view.session_id for view in snapshot.sessions] == ["before"]
        assert [view.name for view in snapshot.gateways] == ["default"]
        assert snapshot.daemon.pid == daemon.pid and snapshot.jobs
        assert [event.kind for event in snapshot.events if event.session_id] == ["adopted"]
        for status in ("disconnected", "connected", "auth_failed"):
            began = time.monotonic()
            assert (await daemon.post_webhook("before", status)).status_code == 200
            await told(messages, "before", status)
            # At once, and not with the next of anything periodic.
            assert time.monotonic() - began < 3


async def test_a_feed_is_caught_up_by_its_deltas(daemon: RunningDaemon) -> None:
    async with feed(daemon) as messages:
        await anext(messages)
        bodies = [
            webhook(f"s{number % 40}", ("connected", "disconnected")[number % 3 == 0], sequence=number)
            for number in range(200)
        ]

        async def post_all() -> None:
            posts = [daemon.web.post(WEBHOOK, json=body, headers={"x-api-key": KEY}) for body in bodies]
            await asyncio.gather(*posts)
            # What it is told of last, once all the others are answered.
            await daemon.connected("end")

        posting = asyncio.create_task(post_all())
        views: dict[str, SessionView] = {}
        events: list[int] = []
        async with asyncio.timeout(40):
            while "end" not in views:
                message = await anext(messages)
                assert isinstance(message, Delta)
                views |= {view.session_id: view for view in message.sessions}
                events += [event.id for event in message.events]
        await posting
    assert events == sorted(set(events))
    for view in await daemon.client.sessions():
        assert views[view.session_id].status == view.status


async def test_who_attaches_while_webhooks_pour_in_misses_nothing(daemon: RunningDaemon) -> None:
    each = 301  # An odd number: so each session changes every time.
    await rate(daemon, 4 * each, sessions=each)
    posting = asyncio.create_task(rate(daemon, POURED, sessions=each))

    async def watch(after: float) -> tuple[dict[str, SessionView], list[int]]:
        await asyncio.sleep(after)
        views: dict[str, SessionView] = {}
        events: list[int] = []
        async with feed(daemon) as messages, asyncio.timeout(40):
            async for message in messages:
                if isinstance(message, Snapshot):
                    views, events = {}, []
                views |= {view.session_id: view for view in message.sessions}
                events += [event.id for event in message.events]
                if "end" in views:
                    break
        return views, events

    watching = [asyncio.create_task(watch(number * 0.03)) for number in range(8)]
    await posting
    await daemon.connected("end")
    truth = {view.session_id: view.status for view in await daemon.client.sessions()}
    assert len(truth) == 4 * each + 1
    for views, events in await asyncio.gather(*watching):
        assert {name: view.status for name, view in views.items()} == truth
        assert events == [*range(events[0], events[-1] + 1)]


async def test_a_reader_that_never_reads_holds_up_nobody_and_gets_a_snapshot(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    # Few events and many at once, so that it takes a moment: who reads nothing for ten seconds is cut off.
    daemon.module = "tests.daemon.forgetful"
    await daemon.start()
    narrow = socket.socket(socket.AF_UNIX)
    narrow.connect(str(daemon.socket))
    narrow.setblocking(False)
    async with unix_connect(
        uri=f"ws://localhost{LIVE}",
        sock=narrow,
        max_queue=1,
        ping_interval=None,
        compression=None,
        max_size=None,
    ) as stalled:
        # An odd number, as above; more than what the socket between takes in besides.
        await rate(daemon, FEW + 4000, sessions=13, connections=16)
        await daemon.connected("at-last")
        kinds: list[str] = []
        seen: set[str] = set()
        async with asyncio.timeout(40):
            while "at-last" not in seen:
                message = msgspec.json.decode(await stalled.recv(), type=LiveMessage)
                kinds.append(type(message).__name__)
                seen |= {view.session_id for view in message.sessions}
        # What it missed came as one snapshot, not as thousands of deltas.
        assert kinds[0] == "Snapshot" and "Snapshot" in kinds[1:], kinds
        assert len(kinds) < 30, len(kinds)


@contextlib.asynccontextmanager
async def raw_feed(daemon: RunningDaemon) -> AsyncIterator[ClientConnection]:
    """The feed as bytes, behind its snapshot; what is not read at once waits in the daemon."""
    narrow = socket.socket(socket.AF_UNIX)
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect(str(daemon.socket))
    narrow.setblocking(False)
    options: dict[str, Any] = {"max_queue": 1, "ping_interval": None, "compression": None, "max_size": None}
    async with unix_connect(uri=f"ws://localhost{LIVE}", sock=narrow, **options) as connection:
        assert b'"snapshot"' in await connection.recv()
        yield connection


async def until_told(connection: ClientConnection, session_id: str) -> list[bytes]:
    """Return the messages up to the one that tells of a session."""
    messages: list[bytes] = []
    async with asyncio.timeout(40):
        while not messages or session_id.encode() not in messages[-1]:
            message = await connection.recv()
            assert isinstance(message, bytes)
            messages.append(message)
    return messages


async def test_all_who_are_up_to_date_are_sent_the_same_and_a_slow_one_its_own(daemon: RunningDaemon) -> None:
    await rate(daemon, 400)
    async with contextlib.AsyncExitStack() as stack:
        quick = [await stack.enter_async_context(raw_feed(daemon)) for _ in range(4)]
        slow = await stack.enter_async_context(raw_feed(daemon))
        reading = [asyncio.create_task(until_told(connection, "the-end")) for connection in quick]
        for number in range(6):
            await rate(daemon, 200)
            await daemon.connected(f"step-{number}")
        await daemon.connected("the-end")
        told = await asyncio.gather(*reading)
        late = await until_told(slow, "the-end")
    sent = {data for messages in told for data in messages}
    assert len(sent) < 2 * len(told[0]), "four readers, and most bytes the same for all"
    assert len(told[0]) > 6
    assert len(late) < len(told[0]), "what it missed came as one"
    seen = [[message_of(data) for data in messages] for messages in (told[0], late)]
    for messages in seen:
        ids = [event.id for message in messages for event in message.events]
        assert ids == sorted(set(ids)), "each event once, in order"
    quick_ids, late_ids = ({event.id for message in each for event in message.events} for each in seen)
    assert quick_ids == late_ids
    quick_views, late_views = (
        {view.session_id: view.status for message in each for view in message.sessions} for each in seen
    )
    assert quick_views == late_views


def message_of(data: bytes) -> Delta:
    """Decode a message that must not be a snapshot."""
    return msgspec.json.decode(data, type=Delta)


async def test_a_snapshot_holds_what_was_not_told_yet_and_no_delta_tells_it_again(
    daemon: RunningDaemon,
) -> None:
    for _ in range(20):
        posting = asyncio.create_task(rate(daemon, 40))
        await asyncio.sleep(0)
        async with feed(daemon) as messages:
            snapshot = await anext(messages)
            await posting
            await daemon.connected("now")
            await daemon.post_webhook("now", "disconnected")
            told = [event.id for event in snapshot.events]
            known = told[-1] if told else 0
            async with asyncio.timeout(40):
                async for message in messages:
                    fresh = [event.id for event in message.events]
                    assert all(number > known for number in fresh)
                    known = max(fresh, default=known)
                    if any(
                        (one.session_id, one.status) == ("now", "disconnected") for one in message.sessions
                    ):
                        break


async def test_over_tcp_the_key_is_needed(daemon: RunningDaemon) -> None:
    for key in (None, "wrong", KEY):
        client = daemon.over_tcp(key)
        with pytest.raises(Unauthorised):
            await client.status()
        with pytest.raises(Unauthorised):
            await anext(client.live())
        await client.close()
    with pytest.raises(InvalidStatus) as refusal:
        await connect(f"ws://127.0.0.1:{daemon.port}{LIVE}", proxy=None)
    assert refusal.value.response.status_code == 401
    client = daemon.over_tcp(CONTROL_KEY)
    assert (await client.status()).daemon.pid == daemon.pid
    messages = client.live()
    assert isinstance(await anext(messages), Snapshot)
    await messages.aclose()
    await client.close()


async def test_who_leaves_is_forgotten(daemon: RunningDaemon) -> None:
    for _ in range(5):
        async with feed(daemon) as messages:
            await anext(messages)
    async with connect(
        f"ws://127.0.0.1:{daemon.port}{LIVE}", additional_headers={"x-api-key": CONTROL_KEY}, proxy=None
    ) as rude:
        await rude.recv()
        rude.transport.abort()
        with contextlib.suppress(ConnectionClosed):
            await rude.recv()
    async with connect(
        f"ws://127.0.0.1:{daemon.port}{LIVE}", additional_headers={"x-api-key": CONTROL_KEY}, proxy=None
    ) as chatty:
        await chatty.recv()
        await chatty.send("nobody asked")
        await daemon.connected("a")
        await chatty.recv()
    await daemon.connected("b")
    assert "Traceback" not in daemon.log() and "exception" not in daemon.log().lower()


async def test_webhooks_go_between_the_stretches_of_a_long_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_builder, "STRETCH", 1)
    monkeypatch.setattr(recorder, "WAY", 5.0)
    async with world(3) as (_, daemon):
        await daemon.proven(*map(nth, range(3)))
        await daemon.quiet()
        # After any check.
        core, now = daemon.daemon.parts, daemon.clock.now() + 1
        *_, last = core.fleet.everything()
        builder = daemon.daemon.parts.view_builder
        parts = builder.sessions(builder.keys())
        assert len(await anext(parts)) == 1
        core.recorder.submit([Webhook(*last.key, Status.DISCONNECTED, now, now)], lambda _: None)
        (middle,), (end,) = [part async for part in parts]
        assert (end.session_id, end.status) == (last.session_id, "disconnected")
        assert middle.status == "connected"


async def test_who_attaches_as_soon_as_the_daemon_listens_is_told_of_its_jobs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = asyncio.Event()
    begin = Healer.begin

    async def held(healer: Healer, *names: str) -> None:
        await begun.wait()
        await begin(healer, *names)

    monkeypatch.setattr(Healer, "begin", held)
    async with world(1, start=False) as (_, daemon):
        starting = asyncio.create_task(daemon.start())
        while not daemon.config.socket.exists():
            await asyncio.sleep(0.01)
        messages = daemon.client.live()
        snapshot = await anext(messages)
        assert isinstance(snapshot, Snapshot)
        names = {job.name for job in snapshot.jobs}
        assert {"health", "list-sync", "sync-session-status"} <= names
        assert all(job.next_at is not None for job in await daemon.client.jobs())
        assert not any(job.last_at for job in snapshot.jobs)
        begun.set()
        await starting
        await daemon.proven(nth(0))
        await messages.aclose()
