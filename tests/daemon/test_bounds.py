"""What a peer may send and how long it may take, before it has shown a key and after; and who does not read."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import zlib
from collections.abc import AsyncIterator

import pytest

from wa_tui.config import GatewayConfig
from wa_tui.daemon.http import bounds
from wa_tui.daemon.http.room import Descriptors

from .inside import QUIET, Inside, inside, on_uvloop, sockets
from .running import CONTROL_KEY, KEY, WEBHOOK
from .waiting import raw_post, until, webhook

MANY = 64 * 1024 * 1024
KEYED = f"x-api-key: {CONTROL_KEY}\r\n".encode()
GATEWAYS = f"x-api-key: {KEY}\r\n".encode()
CHUNKED = b"transfer-encoding: chunked\r\n\r\n"
UPGRADE = (
    b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@contextlib.asynccontextmanager
async def daemon() -> AsyncIterator[Inside]:
    """Run a daemon whose gateway is never there."""
    gateway = GatewayConfig(name="default", url="http://127.0.0.1:9", api_key=KEY)
    slowly = {"health": QUIET, "list_sync": QUIET, "qr_expiry": QUIET}
    async with inside(gateway, intervals=slowly) as running:
        yield running


async def connected(running: Inside) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", running.config.listen[1])


def posted(session_id: str, pad: int = 0) -> bytes:
    body = json.dumps(webhook(session_id, "connected", other="x" * pad)).encode()
    return raw_post(WEBHOOK, KEY, body, len(body))


async def takes_webhooks(running: Inside) -> None:
    reader, writer = await connected(running)
    writer.write(posted("after"))
    assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
    writer.close()


ENDLESS = {
    "header value": (b"GET / HTTP/1.1\r\nx: ", b"a" * 4096, (431,)),
    "header name": (b"GET / HTTP/1.1\r\n", b"a" * 4096, (431,)),
    "headers": (b"GET / HTTP/1.1\r\n", b"a: b\r\n" * 700, (431,)),
    "target": (b"GET /", b"a" * 4096, (414,)),
    "webhook's target": (f"POST {WEBHOOK}?".encode(), b"a" * 4096, (414,)),
    "method": (b"A", b"A" * 4096, (400,)),
    "garbage": (b"", b"\x00" * 4096, (400,)),
    "chunk's extension": (b"POST /api/v1/actions HTTP/1.1\r\n" + KEYED + CHUNKED + b"5;", b"a" * 4096, (413,)),
    "trailer": (b"POST /api/v1/actions HTTP/1.1\r\n" + KEYED + CHUNKED + b"0\r\nx: ", b"a" * 4096, (400, 413)),
    "trailers": (b"POST /api/v1/actions HTTP/1.1\r\n" + KEYED + CHUNKED + b"0\r\n", b"a: b\r\n" * 700, (400, 413)),
    "tiny chunks": (b"POST /api/v1/actions HTTP/1.1\r\n" + KEYED + CHUNKED, b"1\r\na\r\n" * 700, (413,)),
    "action": (b"POST /api/v1/actions HTTP/1.1\r\n" + KEYED + CHUNKED, b"1000\r\n" + b"a" * 4096 + b"\r\n", (413,)),
    "announced action": (
        b"POST /api/v1/actions HTTP/1.1\r\n" + KEYED + b"content-length: 400000000\r\n\r\n",
        b"a" * 4096,
        (413,),
    ),
    "keyless action": (b"POST /api/v1/actions HTTP/1.1\r\n" + CHUNKED, b"1000\r\n" + b"a" * 4096 + b"\r\n", (401,)),
    "body of a GET": (
        b"GET /api/v1/status HTTP/1.1\r\n" + KEYED + b"content-length: 400000000\r\n\r\n",
        b"a" * 4096,
        (200,),
    ),
    "webhook": (
        f"POST {WEBHOOK} HTTP/1.1\r\n".encode() + GATEWAYS + CHUNKED,
        b"1000\r\n" + b"a" * 4096 + b"\r\n",
        (413,),
    ),
    "webhook without a key": (
        f"POST {WEBHOOK} HTTP/1.1\r\ncontent-length: 400000000\r\n\r\n".encode(),
        b"a" * 4096,
        (403,),
    ),
}  # fmt: skip


@on_uvloop
async def test_nothing_is_taken_in_without_end() -> None:
    async with daemon() as running:
        before = sockets()
        for name, (beginning, more, statuses) in ENDLESS.items():
            reader, writer = await connected(running)
            writer.write(beginning)
            sent = 0
            with contextlib.suppress(ConnectionError):
                while sent < MANY and not reader.at_eof() and not writer.is_closing():
                    writer.write(more * 16)
                    sent += 16 * len(more)
                    await writer.drain()
                    await asyncio.sleep(0)
            assert sent < MANY, f"{name}: taken in for ever"
            with contextlib.suppress(ConnectionError):
                answer = await reader.read()
                assert int(answer.split(b" ")[1]) in statuses, f"{name}: {answer[:200]!r}"
            writer.close()
        await takes_webhooks(running)
        await until(lambda: below(before))


async def at_least(number: int) -> bool:
    return sockets() >= number


async def below(before: int) -> bool:
    return sockets() <= before


HALVES = {
    "nothing": b"",
    "line ends": b"\r\n\r\n",
    "line": b"GET / HT",
    "head": b"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n",
    "webhook": posted("half")[:-60],
    "large webhook": posted("half", pad=12_000)[:-60],
    "action": b"POST /api/v1/actions HTTP/1.1\r\n" + KEYED + b"content-length: 100\r\n\r\n12345",
    "chunks": b"POST /api/v1/actions HTTP/1.1\r\n" + KEYED + CHUNKED + b"50\r\n123",
    "a second one": posted("whole") + b"POST / HTTP/1.1\r\n",
}


@on_uvloop
@pytest.mark.parametrize("dribbling", [False, True])
async def test_half_a_request_is_ended(monkeypatch: pytest.MonkeyPatch, dribbling: bool) -> None:
    monkeypatch.setattr(bounds, "SILENCE_S", 0.5 if dribbling else 0.1)
    for name in ("HEAD_S", "BODY_S"):
        monkeypatch.setattr(bounds, name, 0.7 if dribbling else 1.0)
    async with daemon() as running:
        before = sockets()

        async def half(data: bytes) -> bytes:
            reader, writer = await connected(running)
            writer.write(data)
            ended = asyncio.create_task(reader.read())
            with contextlib.suppress(ConnectionError):
                while dribbling and data and not ended.done():
                    await asyncio.wait({ended}, timeout=0.1)
                    writer.write(b"\r\n" if data == b"\r\n\r\n" else b"a")
            try:
                async with asyncio.timeout(15):
                    return await ended
            finally:
                writer.close()

        answers = await asyncio.gather(*map(half, HALVES.values()))
        for (name, data), answer in zip(HALVES.items(), answers, strict=True):
            last = answer[answer.rfind(b"HTTP/1.1") :]
            assert last.startswith(b"HTTP/1.1 408") or not data.strip(), f"{name}: {answer!r}"
        await takes_webhooks(running)
        await until(lambda: below(before))
        assert "half" not in {view.session_id for view in await running.client.sessions()}


@on_uvloop
async def test_a_slow_sender_within_its_time_is_served() -> None:
    async with daemon() as running:
        reader, writer = await connected(running)
        whole = posted("slow", pad=200)
        for at in range(0, len(whole), 7):
            writer.write(whole[at : at + 7])
            await asyncio.sleep(0)
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
        writer.close()


SESSIONS = b"GET /api/v1/sessions HTTP/1.1\r\n" + KEYED + b"\r\n"
PING = b"\x89\xfd\x00\x00\x00\x00".ljust(131, b"x")
UNREAD = {
    "lists": SESSIONS * 150,
    "webhooks": posted("again") * 2_500,
    "refusals": b"GET /nowhere HTTP/1.1\r\n\r\n" * 5_000,
    "monitor": b"GET /api/v1/live HTTP/1.1\r\nhost: x\r\n" + KEYED + UPGRADE,
    "pings": b"GET /api/v1/live HTTP/1.1\r\nhost: x\r\n" + KEYED + UPGRADE + PING * 8_000,
}  # fmt: skip


def narrow(running: Inside, *, tcp: bool) -> socket.socket:
    """Return a connection whose host takes little that is not read."""
    peer = socket.socket(socket.AF_INET if tcp else socket.AF_UNIX)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect(running.config.listen if tcp else str(running.config.socket))
    peer.setblocking(False)
    return peer


async def sending(peer: socket.socket, data: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        await asyncio.get_running_loop().sock_sendall(peer, data)


@on_uvloop
@pytest.mark.parametrize("kind", UNREAD)
async def test_who_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(bounds, "STALLED_S", 0.4)
    async with daemon() as running:
        before = sockets()
        for number in range(30):
            await running.tell(f"session-{number}", "connected", phoneNumber="15550001234")
        peers = [narrow(running, tcp=False) for _ in range(3)]
        await until(lambda: at_least(before + 2 * len(peers)))
        busy = [asyncio.create_task(sending(peer, UNREAD[kind])) for peer in peers]
        filling = asyncio.create_task(fill(running)) if kind == "monitor" else None
        try:
            # Their own half of each connection is still open.
            await until(lambda: below(before + len(peers) + (2 if filling else 0)))
        finally:
            for task in [*busy, *([filling] if filling else [])]:
                task.cancel()
            for peer in peers:
                peer.close()
        await takes_webhooks(running)
        assert any(seen.kind == "unread" for seen in (await running.client.status()).daemon.refused)


async def fill(running: Inside) -> None:
    """Have much to tell to monitors."""
    reader, writer = await connected(running)
    for number in range(1_000_000):
        body = json.dumps(
            webhook(f"s{number % 50}", ("connected", "disconnected")[number // 50 % 2], error="x" * 2000)
        )
        writer.write(raw_post(WEBHOOK, KEY, body.encode(), len(body)))
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))


@on_uvloop
async def test_who_reads_slowly_gets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "STALLED_S", 0.6)
    async with daemon() as running:
        for number in range(30):
            await running.tell(f"session-{number}", "connected", phoneNumber="15550001234")
        loop, peer, got = asyncio.get_running_loop(), narrow(running, tcp=True), bytearray()
        asking = asyncio.create_task(sending(peer, SESSIONS * 40))
        began = loop.time()
        # As slow as makes it several times as long as one that does not read is waited for.
        while got.count(b"HTTP/1.1 200") < 40:
            data = await loop.sock_recv(peer, 1 << 18)
            assert data, "cut off"
            got += data
            if loop.time() - began < 3 * bounds.STALLED_S:
                await asyncio.sleep(0.05)
        await asking
        peer.close()


@on_uvloop
async def test_there_is_room_for_a_webhook_and_for_who_asks_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Descriptors, "tcp", 6)
    async with daemon() as running:
        # Half requests, and connections that were left open, give way to who asks for something.
        halves = [await connected(running) for _ in range(6)]
        for number, (reader, writer) in enumerate(halves):
            writer.write(posted("kept") if number == 0 else b"GET / HTTP/1.1\r\n")
            if number == 0:
                await reader.readuntil(b"\r\n\r\n")
        for _ in range(10):
            await takes_webhooks(running)
        # Monitors do not.
        monitors = [await connected(running) for _ in range(6)]
        for reader, writer in monitors:
            writer.write(b"GET /api/v1/live HTTP/1.1\r\nhost: x\r\n" + KEYED + UPGRADE)
            assert b" 101 " in await reader.readuntil(b"\r\n")
        reader, writer = await connected(running)
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 503")
        status = (await running.client.status()).daemon
        assert any("all 6 connections over TCP were taken" in notice for notice in status.notices)
        assert any(seen.kind == "too_many" for seen in status.refused)
        for _, each in [*halves, *monitors, (reader, writer)]:
            each.close()


EARLY = {
    "garbage": b"\xff" * 100,
    "pings": PING * 100,
    "a close": b"\x88\x80\0\0\0\0",
    "half a frame": b"\x81",
    "a frame too large": b"\x82\xff\0\0\0\0\x06\0\0\0\0\0\0\0",
}


@on_uvloop
@pytest.mark.parametrize("key", [KEYED, b""], ids=["with a key", "without"])
async def test_frames_wait_for_the_handshakes_answer(key: bytes, caplog: pytest.LogCaptureFixture) -> None:
    head = b"GET /api/v1/live HTTP/1.1\r\nhost: localhost\r\n" + key + UPGRADE
    async with daemon() as running:
        for name, early in EARLY.items():
            for pieces in ([head + early], [head, early], [head[:-1], head[-1:] + early[:1], early[1:]]):
                reader, writer = await connected(running)
                for piece in pieces:
                    writer.write(piece)
                    await asyncio.sleep(0)
                expected = b"HTTP/1.1 101" if key else b"HTTP/1.1 401"
                assert (await reader.readuntil(b"\r\n")).startswith(expected), name
                writer.close()
        await takes_webhooks(running)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@on_uvloop
async def test_a_message_that_grows_as_it_is_inflated_ends_its_connection() -> None:
    async with daemon() as running:
        reader, writer = await connected(running)
        deflating = UPGRADE.replace(b"\r\n\r\n", b"\r\nsec-websocket-extensions: permessage-deflate\r\n\r\n")
        writer.write(b"GET /api/v1/live HTTP/1.1\r\nhost: x\r\n" + KEYED + deflating)
        assert b"permessage-deflate" in await reader.readuntil(b"\r\n\r\n")
        packing = zlib.compressobj(wbits=-12)
        packed = packing.compress(bytes(50_000_000)) + packing.flush(zlib.Z_SYNC_FLUSH)
        assert len(packed) < 65_536
        writer.write(b"\xc1\xfe" + len(packed).to_bytes(2, "big") + b"\0\0\0\0" + packed)
        last = (await reader.read())[-60:]
        assert (1009).to_bytes(2, "big") in last, last
        writer.close()
        await takes_webhooks(running)
