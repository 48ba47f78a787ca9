"""What goes over the wire, byte by byte: answers leave whole, and none is held back."""

from __future__ import annotations

import asyncio
import json

from .conftest import NewDaemon
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
