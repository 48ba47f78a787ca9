"""Deadlines, lost connections, bounds, and slots that do not starve each other."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import pytest

from tests.daemon.waiting import free_port
from tests.unit.gateways.stub import Handler, Stub, answer, endless, half, http, reset, stub, trickle
from wa_tui.gateways import Deadlines, Garbled, GatewayError, NoAnswer, Place, Unreachable
from wa_tui.gateways.contract.client import NodeService

SHORT = Deadlines(health=0.3, list=0.3, status=0.3, init=0.3, disconnect=0.3, send=0.3)
CONNECTED = answer({"success": True, "exists": True, "status": "connected", "isReady": True})
SENT = answer({"success": True, "messageId": "3EB0", "timestamp": 1})
SEND = "/api/message/send-text"
STATUS = "/api/session/status/s-1"


@pytest.fixture
async def server() -> AsyncIterator[Stub]:
    async with stub() as it:
        yield it


@pytest.fixture
async def gateway(server: Stub) -> AsyncIterator[NodeService]:
    it = NodeService(Place("eu-1", server.url, "the-key"), slots=2, deadlines=SHORT)
    yield it
    await it.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_nobody_listens(host: str) -> None:
    gateway = NodeService(Place("eu-1", f"http://{host}:{free_port()}"), deadlines=SHORT)
    for call in (gateway.health(), gateway.send_text("s-1", "1", "x")):
        with pytest.raises(
            Unreachable, match=r"^connection refused: (gateway|session s-1 on) eu-1; start eu-1 on "
        ) as caught:
            await call
        error = caught.value
        assert (error.refused, error.sent, error.outcome_known) == (True, False, True)
    await gateway.close()


async def test_a_host_without_an_address() -> None:
    gateway = NodeService(Place("eu-1", "http://gateway.invalid"), deadlines=Deadlines(health=5))
    with pytest.raises(Unreachable) as caught:
        await gateway.health()
    assert (caught.value.refused, caught.value.sent) == (False, False)
    await gateway.close()


async def test_a_connection_that_is_never_made_sent_nothing() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        host, port = deaf.getsockname()
        queued = [socket.socket() for _ in range(4)]
        for each in queued:
            each.setblocking(False)
            each.connect_ex((host, port))
        gateway = NodeService(Place("eu-1", f"http://{host}:{port}"), deadlines=SHORT)
        with pytest.raises(Unreachable, match=r"no connection within 0\.3 s") as caught:
            await gateway.send_text("s-1", "1", "x")
        assert (caught.value.sent, caught.value.outcome_known) == (False, True)
        await gateway.close()
        for each in queued:
            each.close()


async def test_a_tls_gateway_that_speaks_no_tls_was_sent_nothing(server: Stub) -> None:
    gateway = NodeService(Place("eu-1", server.url.replace("http:", "https:")), deadlines=SHORT)
    with pytest.raises(Unreachable) as caught:
        await gateway.send_text("s-1", "1", "x")
    assert (caught.value.refused, caught.value.sent, server.requests) == (False, False, [])
    await gateway.close()


@pytest.mark.parametrize("handler", [None, trickle], ids=["hangs", "trickles"])
async def test_the_deadline_covers_the_whole_call(
    server: Stub, gateway: NodeService, handler: Handler | None
) -> None:
    if handler is not None:
        server.answers |= {SEND: handler, STATUS: handler}
    began = time.monotonic()
    with pytest.raises(NoAnswer, match=r"^no answer within 0\.3 s: session s-1 on eu-1.*may hang") as caught:
        await gateway.status("s-1")
    assert caught.value.outcome_known
    with pytest.raises(NoAnswer, match="may have been done") as caught:
        await gateway.send_text("s-1", "1", "x")
    assert (caught.value.sent, caught.value.outcome_known) == (True, False)
    assert time.monotonic() - began < 1.5
    assert len(server.requests) == 2


@pytest.mark.parametrize("handler", [reset, half], ids=["reset", "half a body"])
async def test_a_lost_connection_leaves_a_change_unknown_and_is_not_tried_again(
    server: Stub, gateway: NodeService, handler: Handler
) -> None:
    server.answers[SEND] = handler
    with pytest.raises(NoAnswer, match="connection was lost") as caught:
        await gateway.send_text("s-1", "1", "x")
    assert (caught.value.sent, caught.value.outcome_known) == (True, False)
    assert len(server.requests) == 1


async def test_something_that_is_not_http(server: Stub, gateway: NodeService) -> None:
    server.answers["/health"] = b"-ERR wrong number of arguments\r\n\r\n"
    with pytest.raises(Garbled, match="not HTTP"):
        await gateway.health()


async def test_an_answer_without_end_is_cut_off(server: Stub) -> None:
    gateway = NodeService(Place("eu-1", server.url))
    server.answers["/health"] = endless
    with pytest.raises(Garbled, match="more than 1048576 bytes"):
        await gateway.health()
    server.answers["/api/session/list"] = endless
    with pytest.raises(Garbled, match="more than 33554432 bytes"):
        await gateway.list()
    await gateway.close()


async def test_the_slots_bound_what_is_in_flight_and_waiting_counts(
    server: Stub, gateway: NodeService
) -> None:
    began = time.monotonic()
    results = await asyncio.gather(*(gateway.status("s-1") for _ in range(6)), return_exceptions=True)
    assert time.monotonic() - began < 0.9
    # On a slow machine a connection may take as long as the deadline.
    errors = [error for error in results if isinstance(error, NoAnswer | Unreachable)]
    # All have one deadline: one that waits may be given a slot by another's end in the instant of its own.
    waited = [error for error in errors if not error.sent]
    assert len(errors) == 6 and 1 <= len(waited) <= 4
    assert 2 <= len(server.requests) <= 6 - len(waited)


async def test_hanging_checks_starve_neither_health_nor_changes(server: Stub) -> None:
    gateway = NodeService(Place("eu-1", server.url), slots=2)
    server.answers |= {"/health": answer({"success": True}), SEND: SENT}
    checks = [asyncio.ensure_future(gateway.status("s-1")) for _ in range(10)]
    await server.seen(2)
    async with asyncio.timeout(2):
        await gateway.health()
        await gateway.send_text("s-1", "1", "x")
    for check in checks:
        check.cancel()
    await asyncio.gather(*checks, return_exceptions=True)
    server.answers[STATUS] = CONNECTED
    async with asyncio.timeout(2):
        assert (await gateway.status("s-1")).ready
    await gateway.close()


async def test_a_slot_survives_a_failure(server: Stub, gateway: NodeService) -> None:
    for broken in (reset, half, trickle, http(b"<html>", 500)):
        server.answers[STATUS] = broken
        for _ in range(2):
            with pytest.raises(GatewayError):
                await gateway.status("s-1")
    server.answers[STATUS] = CONNECTED
    for _ in range(4):
        assert (await gateway.status("s-1")).ready


async def test_reads_share_connections_and_each_change_has_its_own(
    server: Stub, gateway: NodeService
) -> None:
    server.answers |= {STATUS: CONNECTED, SEND: SENT}
    for _ in range(5):
        await gateway.status("s-1")
    assert {request.connection for request in server.requests} == {1}
    for _ in range(3):
        await gateway.send_text("s-1", "1", "x")
    assert [request.connection for request in server.requests[5:]] == [2, 3, 4]


async def test_a_connection_that_the_service_closed_is_not_used_again(
    server: Stub, gateway: NodeService
) -> None:
    async def last(writer: asyncio.StreamWriter) -> None:
        writer.write(CONNECTED)
        await writer.drain()
        raise ConnectionResetError

    server.answers[STATUS] = last
    for _ in range(3):
        assert (await gateway.status("s-1")).ready


async def test_no_proxy_sees_the_key(
    server: Stub, gateway: NodeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    it = NodeService(Place("eu-1", server.url, "the-key"))
    server.answers[STATUS] = CONNECTED
    assert (await it.status("s-1")).ready
    await it.close()


async def test_cookies_are_not_kept(server: Stub, gateway: NodeService) -> None:
    body = CONNECTED.partition(b"\r\n\r\n")[2]
    server.answers[STATUS] = http(body, 200, "Set-Cookie: a=b; Path=/")
    for _ in range(2):
        await gateway.status("s-1")
    assert "cookie" not in server.requests[1].headers


async def test_closing_ends_what_is_under_way(server: Stub) -> None:
    gateway = NodeService(Place("eu-1", server.url))
    check = asyncio.ensure_future(gateway.status("s-1"))
    await server.seen(1)
    await gateway.close()
    async with asyncio.timeout(2):
        with pytest.raises(NoAnswer, match="connection was lost"):
            await check


async def test_a_cancelled_call_frees_its_slot_and_its_connection(server: Stub) -> None:
    gateway = NodeService(Place("eu-1", server.url), slots=1)
    for seen in range(1, 4):
        check = asyncio.ensure_future(gateway.status("s-1"))
        start = asyncio.ensure_future(gateway.init("s-1", "1"))
        await server.seen(2 * seen)
        for call in (check, start):
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
    server.answers[STATUS] = CONNECTED
    async with asyncio.timeout(2):
        assert (await gateway.status("s-1")).ready
    await gateway.close()
