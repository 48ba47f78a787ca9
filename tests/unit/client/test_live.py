from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests import fake_daemon
from tests.fake_daemon import FakeDaemon, until
from wa_tui import wire
from wa_tui.client import Client, DaemonGone, Disconnected, Incompatible, Unix, live

T = TypeVar("T")


async def soon(feed: AsyncIterator[T]) -> T:
    async with asyncio.timeout(40):
        return await anext(feed)


async def test_one_connection_brings_a_snapshot_then_deltas(daemon: FakeDaemon, client: Client) -> None:
    feed = client.live()
    first = await soon(feed)
    assert isinstance(first, wire.Snapshot)
    assert [session.session_id for session in first.sessions] == ["s1", "s2"]
    daemon.change("eu-1", "s2", status="connected")
    second = await soon(feed)
    assert isinstance(second, wire.Delta)
    assert second.sessions[0].status == "connected"
    await daemon.kill()
    with pytest.raises(DaemonGone, match="daemon gone"):
        await soon(feed)


async def test_leaving_the_feed_closes_it(daemon: FakeDaemon, client: Client) -> None:
    feed = client.live()
    await soon(feed)
    assert daemon.monitors == 1
    await feed.aclose()
    await until(lambda: not daemon.monitors)


async def test_ten_thousand_sessions_arrive(daemon: FakeDaemon, client: Client) -> None:
    history = [(1795398127 + hour * 3600, "c") for hour in range(24)]
    for number in range(10_000):
        view = wire.SessionView(gateway="eu-1", session_id=f"user_{number}_instance_0", history=history)
        daemon.sessions[view.key] = view
    first = await soon(client.live())
    assert isinstance(first, wire.Snapshot)
    assert len(first.sessions) == 10_002
    assert gc.isenabled(), "it is off while they come, and no longer"


async def test_a_snapshot_that_is_cut_off_leaves_the_collector_on(
    daemon: FakeDaemon, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake_daemon, "_parts_of", lambda _: [wire.SnapshotPart()])
    coming = asyncio.ensure_future(soon(client.live()))
    await until(lambda: not gc.isenabled())
    await daemon.kill()
    with pytest.raises(DaemonGone):
        await coming
    assert gc.isenabled()


async def test_following_survives_a_restart(daemon: FakeDaemon, client: Client) -> None:
    feed = client.follow()
    assert isinstance(await soon(feed), wire.Snapshot)
    await daemon.kill()
    lost = await soon(feed)
    assert isinstance(lost, Disconnected)
    assert isinstance(lost.error, DaemonGone)
    following = asyncio.ensure_future(soon(feed))
    await asyncio.sleep(0.5)  # several attempts, none of them told
    assert not following.done()
    daemon.sessions.pop(("eu-1", "s1"))
    await daemon.start()
    back = await following
    assert isinstance(back, wire.Snapshot)
    assert [session.session_id for session in back.sessions] == ["s2"]
    await feed.aclose()


async def test_following_begins_without_a_daemon(daemon: FakeDaemon, client: Client) -> None:
    await daemon.kill()
    feed = client.follow()
    assert isinstance(await soon(feed), Disconnected)
    await daemon.start()
    assert isinstance(await soon(feed), wire.Snapshot)
    await feed.aclose()


async def test_following_tells_another_kind_of_trouble(daemon: FakeDaemon, client: Client) -> None:
    await daemon.kill()
    feed = client.follow()
    assert isinstance(await soon(feed), Disconnected)
    daemon.garbage = b"?"
    await daemon.start()
    other = await soon(feed)
    assert isinstance(other, Disconnected)
    assert isinstance(other.error, Incompatible)
    await feed.aclose()


async def test_a_quiet_daemon_is_alive_and_a_stopped_one_is_not(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "QUIET_S", 0.1)
    monkeypatch.setattr(live, "PONG_S", 0.3)
    path = directory / "d.sock"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fake_daemon_process", "--socket", str(path)
    )
    try:
        feed = Client(Unix(path)).follow()
        while not isinstance(await soon(feed), wire.Snapshot):
            pass
        waiting = asyncio.ensure_future(soon(feed))
        await asyncio.sleep(1.0)  # two rounds of silence, answered by pongs
        assert not waiting.done()
        os.kill(process.pid, signal.SIGSTOP)
        lost = await waiting
        assert isinstance(lost, Disconnected)
        assert "did not answer within 0.3 s" in lost.reason
        os.kill(process.pid, signal.SIGCONT)
        assert isinstance(await soon(feed), wire.Snapshot)
        await feed.aclose()
    finally:
        process.kill()
        await process.wait()


async def test_a_reader_that_stalls_loses_nothing(daemon: FakeDaemon, client: Client) -> None:
    feed = client.live()
    await soon(feed)
    for number in range(200):
        daemon.change("eu-1", "s1", detail=str(number))
    await asyncio.sleep(0.2)
    detail: list[str | None] = []
    while not detail or detail[-1] != "199":
        message = await soon(feed)
        assert isinstance(message, wire.Delta)
        detail.append(message.sessions[0].detail)
    assert detail == [str(number) for number in range(200)]
    await feed.aclose()
