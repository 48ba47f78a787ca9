from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fake_daemon import FakeDaemon, until
from wa_tui import wire
from wa_tui.client import Client, DaemonGone, Incompatible, Refused, Tcp, Unauthorised, Unix, http

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


async def test_reads(daemon: FakeDaemon, client: Client) -> None:
    daemon.jobs["health", "eu-1"] = wire.JobView(name="health", gateway="eu-1", interval_s=10.0)
    status = await client.status()
    assert (status.sessions.total, status.gateways[0].name) == (2, "eu-1")
    assert [session.session_id for session in await client.sessions()] == ["s1", "s2"]
    assert [job.name for job in await client.jobs()] == ["health"]


async def test_events_by_session_and_position(daemon: FakeDaemon, client: Client) -> None:
    for number in range(6):
        daemon.say(gateway="eu-1", session_id=f"s{number % 2}")
    assert [event.id for event in await client.events()] == [1, 2, 3, 4, 5, 6]
    assert [event.id for event in await client.events(limit=2)] == [5, 6]
    assert [event.id for event in await client.events("eu-1", "s1", after=2)] == [4, 6]
    assert [event.id for event in await client.events(limit=2, before=5)] == [3, 4]
    assert await client.events("us-1") == []


async def test_qr(daemon: FakeDaemon, client: Client) -> None:
    assert await client.qr("eu-1", "s2") is None
    view = wire.QrView(digest="d", payload="2@abc", expires_at=NOW + timedelta(seconds=60))
    daemon.qr["eu-1", "s2"] = view
    assert await client.qr("eu-1", "s2") == view


async def test_an_action_from_accepted_to_verified(daemon: FakeDaemon, client: Client) -> None:
    request = wire.ActionRequest(action="reconnect", gateway="eu-1", session_id="s1")
    receipt = await client.act(request)
    assert (receipt.outcome, receipt.who, daemon.requests) == ("accepted", "ann@laptop", [request])
    assert (await client.receipt(receipt.id)).outcome == "accepted"
    waiting = asyncio.create_task(client.receipt(receipt.id, wait=5))
    await asyncio.sleep(0)
    daemon.finish(receipt.id, "verified", "connected")
    assert (await waiting).text == "connected"


async def test_a_refusal_has_the_daemons_words_and_status(daemon: FakeDaemon, client: Client) -> None:
    daemon.refuse = (409, wire.Problem(error="s1 on eu-1 is proven; ask again with force", code="proven"))
    with pytest.raises(Refused, match="ask again with force") as caught:
        await client.act(wire.ActionRequest(action="reconnect", gateway="eu-1", session_id="s1"))
    assert (caught.value.status, caught.value.problem.code) == (409, "proven")


async def test_read_only_is_the_daemons_to_refuse(daemon: FakeDaemon) -> None:
    client = Client(Unix(daemon.socket), who="zoë@laptop", read_only=True)
    with pytest.raises(Refused, match="read-only"):
        await client.act(wire.ActionRequest(action="disconnect", gateway="eu-1", session_id="s1"))
    assert daemon.headers[-1][wire.WHO_HEADER] == "zo?@laptop"
    await client.close()


async def test_no_daemon_says_which_socket_and_what_to_do(directory: Path) -> None:
    client = Client(Unix(directory / "none.sock"))
    with pytest.raises(DaemonGone, match=r"\(there is no such socket\).*wa-tui --daemon.*none\.sock"):
        await client.status()
    with pytest.raises(DaemonGone, match=r"\(there is no such socket\)"):
        await anext(client.live())
    await client.close()


async def test_a_socket_left_behind_is_no_daemon(daemon: FakeDaemon, client: Client) -> None:
    await daemon.kill()
    assert daemon.socket.exists()
    with pytest.raises(DaemonGone, match="connection refused"):
        await client.sessions()
    await daemon.start()
    assert len(await client.sessions()) == 2


async def test_a_restart_between_two_requests_goes_unnoticed(daemon: FakeDaemon, client: Client) -> None:
    await client.sessions()
    await daemon.kill()
    await daemon.start()
    assert (await client.act(wire.ActionRequest(action="sync"))).outcome == "accepted"


async def test_a_peer_that_hangs_up_at_once_is_gone(directory: Path) -> None:
    path = directory / "rude.sock"
    server = await asyncio.start_unix_server(lambda _, writer: writer.close(), path)
    client = Client(Unix(path))
    with pytest.raises(DaemonGone, match="daemon gone"):
        await client.status()
    with pytest.raises(DaemonGone, match="daemon gone"):
        await anext(client.live())
    await client.close()
    server.close()


async def test_a_daemon_that_hangs(
    daemon: FakeDaemon, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.hang = True
    with pytest.raises(DaemonGone, match="did not answer within"):
        await http.HttpApi(client.address, {}).get("/status", wire.StatusView, deadline=0.05)
    daemon.hang = "POST"
    monkeypatch.setattr(http, "DEADLINE_S", 0.5)
    request = wire.ActionRequest(action="send", gateway="eu-1", session_id="s1", recipient="1", message="x")
    with pytest.raises(DaemonGone, match="whether it did send eu-1/s1 is unknown"):
        await client.act(request)


async def test_a_daemon_killed_during_an_action_leaves_it_unknown(daemon: FakeDaemon, client: Client) -> None:
    daemon.hang = "POST"
    asking = asyncio.create_task(client.act(wire.ActionRequest(action="sync")))
    await until(lambda: bool(daemon.busy))
    await daemon.kill()
    with pytest.raises(DaemonGone, match="whether it did sync is unknown"):
        await asking


async def test_over_tcp_with_a_key(daemon: FakeDaemon) -> None:
    client = Client(Tcp(daemon.url, "key"))
    assert len(await client.sessions()) == 2
    feed = client.live()
    assert isinstance(await anext(feed), wire.Snapshot)
    await feed.aclose()
    await client.close()


@pytest.mark.parametrize(("key", "detail"), [("wrong", "does not accept this key"), (None, "asks for a key")])
async def test_over_tcp_without_the_key(daemon: FakeDaemon, key: str | None, detail: str) -> None:
    client = Client(Tcp(daemon.url, key))
    with pytest.raises(Unauthorised, match=f"{detail}; set WA_TUI_API_KEY"):
        await client.sessions()
    with pytest.raises(Unauthorised, match=detail):
        await anext(client.live())
    await client.close()


async def test_something_else_answers(daemon: FakeDaemon, client: Client) -> None:
    daemon.garbage = b"<html>welcome</html>"
    with pytest.raises(Incompatible, match="does not speak wa-tui's API"):
        await client.status()
    with pytest.raises(Incompatible, match="does not speak wa-tui's API"):
        await anext(client.live())


async def test_another_path_of_the_same_host_is_not_the_api(daemon: FakeDaemon) -> None:
    client = Client(Tcp(f"{daemon.url}/elsewhere", "key"))
    with pytest.raises(Incompatible, match="HTTP status 404"):
        await client.status()
    with pytest.raises((Incompatible, Unauthorised)):
        await anext(client.live())
    await client.close()


@pytest.mark.parametrize(
    "body", [b'{"success":false,"error":"API key required"}', b"", b"<html>log in</html>"]
)
async def test_the_refusal_of_a_stranger_asks_for_no_key(body: bytes) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 401 Unauthorized\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    client = Client(Tcp(address, None))
    detail = f"something that is not a wa-tui daemon answers at {address}"
    with pytest.raises(Incompatible, match=detail):
        await client.status()
    with pytest.raises(Incompatible, match=detail):
        await anext(client.live())
    await client.close()
    server.close()


def test_importing_costs_no_http() -> None:
    code = "import sys, wa_tui.client as c; print([m for m in ('httpx','websockets','textual') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("encoding", ["", "content-encoding: gzip\r\n"])
async def test_an_answer_without_an_end_is_none_of_a_daemons(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(http, "LARGEST", 1 << 20)
    packing = zlib.compressobj(wbits=31)
    part = packing.compress(bytes(4096)) + packing.flush(zlib.Z_SYNC_FLUSH) if encoding else bytes(4096)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal part
        writer.write(f"HTTP/1.1 200 OK\r\n{encoding}content-length: 99999999999\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
                part = packing.compress(bytes(4096)) + packing.flush(zlib.Z_SYNC_FLUSH) if encoding else part

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    client = Client(Tcp(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "key"), who="ann")
    with pytest.raises(Incompatible, match="an answer of more than 1 MiB"):
        await client.sessions()
    await client.close()
    server.close()


HEAD = f"HTTP/1.1 200 OK\r\nconnection: close\r\n{wire.API_HEADER}: {wire.API_VERSION}\r\n".encode()


async def test_an_answer_that_comes_slowly_is_waited_for(directory: Path) -> None:
    path, gaps = directory / "slow.sock", asyncio.Queue[float]()
    api = http.HttpApi(Unix(path), {})

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"transfer-encoding: chunked\r\n\r\n1\r\n[\r\n")
        while (gap := await gaps.get()) >= 0:
            await asyncio.sleep(gap)
            writer.write(b"1\r\n \r\n")
            await writer.drain()
        writer.write(b"1\r\n]\r\n0\r\n\r\n")
        writer.close()

    async with await asyncio.start_unix_server(answer, path):
        for gap in (0.3, 0.3, 0.3, 0.3, 0.3, -1):
            gaps.put_nowait(gap)
        # Longer in all than its deadline, and never silent for that long.
        assert await api.get("/sessions", list[int], deadline=1.2) == []
        gaps.put_nowait(600)
        with pytest.raises(DaemonGone, match="did not answer within"):
            await api.get("/sessions", list[int], deadline=0.1)
    await api.close()
