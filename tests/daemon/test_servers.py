"""What goes over the wire, byte by byte: answers leave whole, and none is held back."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from wa_tui.daemon.receiving.receiver import Receiver

from .conftest import NewDaemon
from .inside import world
from .running import CONTROL_KEY, KEY, WEBHOOK, RunningDaemon
from .waiting import raw_post, webhook


async def exchanged(daemon: RunningDaemon, *requests: bytes) -> list[bytes]:
    """Send requests over one connection and return what came first after each."""
    reader, writer = await asyncio.open_connection("127.0.0.1", daemon.port)
    answers = []
    for request in requests:
        writer.write(request)
        answers.append(await asyncio.wait_for(reader.read(65536), 5))
    writer.close()
    return answers


def posted(session_id: str) -> bytes:
    body = json.dumps(webhook(session_id, "connected")).encode()
    return raw_post(WEBHOOK, KEY, body, len(body))


async def test_an_answer_leaves_in_one_piece(new_daemon: NewDaemon) -> None:
    daemon = await new_daemon().start()
    for answer in await exchanged(daemon, posted("a"), posted("b")):
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ") and json.loads(body)["success"] is True


async def test_an_answer_without_a_body_is_not_held_back(new_daemon: NewDaemon) -> None:
    daemon = await new_daemon().start()
    head = f"HEAD /api/v1/status HTTP/1.1\r\nhost: x\r\nx-api-key: {CONTROL_KEY}\r\n\r\n".encode()
    first, second = await exchanged(daemon, head, posted("a"))
    assert first.startswith(b"HTTP/1.1 200 ") and first.endswith(b"\r\n\r\n")
    assert second.startswith(b"HTTP/1.1 200 ")


async def test_a_sender_that_asks_whether_to_continue_is_told_at_once(new_daemon: NewDaemon) -> None:
    daemon = await new_daemon().start()
    head, _, body = posted("a").partition(b"\r\n\r\n")
    first, second = await exchanged(daemon, head + b"\r\nexpect: 100-continue\r\n\r\n", body)
    assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert second.startswith(b"HTTP/1.1 200 ")


async def answers(daemon: RunningDaemon, *pieces: bytes, count: int = 1) -> list[tuple[bytes, bytes]]:
    """Send pieces a moment apart over one connection and return the heads and bodies of the answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", daemon.port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.02)
    found = []
    async with asyncio.timeout(40):
        for _ in range(count):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            found.append((head, await reader.readexactly(length)))
        if b"connection: close" in found[-1][0].lower():
            assert await reader.read() == b""
    writer.close()
    return found


async def test_webhooks_sent_at_once_are_answered_in_order(daemon: RunningDaemon) -> None:
    head = f"GET /api/v1/status HTTP/1.1\r\nhost: x\r\nx-api-key: {CONTROL_KEY}\r\n\r\n".encode()
    found = await answers(daemon, posted("a") + posted("b") + head + posted("c"), count=4)
    assert [json.loads(body).get("data", {}).get("session_id") for _, body in found] == ["a", "b", None, "c"]
    assert {session.session_id for session in await daemon.client.sessions()} == {"a", "b", "c"}


async def test_a_webhook_may_come_in_pieces(daemon: RunningDaemon) -> None:
    whole = posted("a")
    [(head, body)] = await answers(daemon, *(whole[at : at + 60] for at in range(0, len(whole), 60)))
    assert head.startswith(b"HTTP/1.1 200 ") and json.loads(body)["data"]["session_id"] == "a"


async def test_a_webhook_may_come_in_chunks(daemon: RunningDaemon) -> None:
    head, _, body = posted("a").partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    chunks = b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (20, body[:20], len(body) - 20, body[20:])
    whole = b"\r\n".join([*lines, b"transfer-encoding: chunked", b"", chunks])
    [(answer, _)] = await answers(daemon, whole)
    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_who_wants_the_connection_closed_gets_it_closed(daemon: RunningDaemon) -> None:
    for old, new in ((b" HTTP/1.1", b" HTTP/1.0"), (b"host:", b"connection: close\r\nhost:")):
        request = re.sub(re.escape(old), new, posted("a"), count=1, flags=re.IGNORECASE)
        [(head, _)] = await answers(daemon, request)
        assert head.startswith(b"HTTP/1.1 200 ") and b"connection: close" in head.lower()


async def test_refusals_leave_the_connection_usable(daemon: RunningDaemon) -> None:
    wrong = posted("a").replace(KEY.encode(), b"another")
    found = await answers(daemon, wrong + raw_post(WEBHOOK, KEY, b"[", 1) + posted("b"), count=3)
    assert [head.split(b" ")[1] for head, _ in found] == [b"403", b"400", b"200"]


async def test_a_head_that_came_before_changes_nothing_of_what_follows_it(daemon: RunningDaemon) -> None:
    wrong = posted("x").replace(KEY.encode(), KEY[::-1].encode())
    garbled = posted("x").replace(b"{", b"[")
    head, _, body = posted("d").partition(b"\r\n\r\n")
    pieces = [
        *map(posted, "abc"),
        head + b"\r\n\r\n",
        body,
        posted("e") + posted("f"),
        wrong,
        posted("g")[:-1],
        posted("g")[-1:] + posted("h"),
        garbled,
        posted("i"),
        # What looks like a webhook is part of a body here, and of a head.
        raw_post(WEBHOOK, KEY, b"[", 1 + len(posted("z"))),
        posted("z"),
        b"POST / HTTP/1.1\r\nx: ",
        posted("z"),
    ]
    found = await answers(daemon, *pieces, count=13)
    said = [json.loads(body).get("data") for _, body in found]
    assert [data and data["session_id"] for data in said] == [*"abcdef", None, *"gh", None, "i", None, None]
    refused = [head.split(b" ")[1] for head, _ in found if b" 200 " not in head]
    assert refused == [b"403", b"400", b"400", b"404"]
    assert {session.session_id for session in await daemon.client.sessions()} == {*"abcdefghi"}


async def test_a_mistake_of_ours_is_answered_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async with world() as (_, inside):
        port = inside.config.listen[1]
        body = json.dumps(webhook("a", "connected")).encode()
        request = raw_post(WEBHOOK, inside.config.gateways[0].api_key or "", body, len(body))
        for step in ("receive", "_success"):
            with monkeypatch.context() as broken:
                broken.setattr(Receiver, step, lambda *_: 1 / 0)
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(request)
                assert (await asyncio.wait_for(reader.read(65536), 5)).startswith(b"HTTP/1.1 500 ")
                writer.close()
