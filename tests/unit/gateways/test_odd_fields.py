"""An answer's status stands, whatever the fields beside it are: each with each bad value, over HTTP."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import AsyncIterator

import pytest

from tests.odd import BAD, body
from tests.unit.gateways.stub import Stub, http, stub
from wa_tui.gateways import Garbled, Place, RefusalCause, Refused
from wa_tui.gateways.contract.client import NodeService
from wa_tui.model.registers import Status

STATUS = "/api/session/status/s-1"
LIST = "/api/session/list"


@pytest.fixture
async def server() -> AsyncIterator[Stub]:
    async with stub() as it:
        yield it


@pytest.fixture
async def gateway(server: Stub) -> AsyncIterator[NodeService]:
    it = NodeService(Place("eu-1", server.url, "the-key"))
    yield it
    await it.close()


def told(**fields: str) -> bytes:
    return http(body({"success": "true"} | fields))


async def test_a_check(server: Stub, gateway: NodeService) -> None:
    usual = {"exists": "true", "status": '"connected"', "isReady": "true"}
    for field in ("exists", "isReady", "phoneNumber", "qrCode", "qr", "error", "message", "more"):
        for what, value in BAD.items():
            server.answers[STATUS] = told(**usual | {field: value})
            found = await gateway.status("s-1")
            absent = field == "exists" and what == "no"
            assert found.status is (None if absent else Status.CONNECTED), (field, what)
            assert found.ready is not (field == "isReady" and what == "no"), (field, what)
    assert gateway.decoration["phoneNumber"] > 10 and gateway.decoration["isReady"] > 10
    server.answers[STATUS] = told(status='"connected"')
    assert (await gateway.status("s-1")).ready, "where it is not told, the status alone decides"


async def test_a_health(server: Stub, gateway: NodeService) -> None:
    for field in ("uptime", "timestamp", "capabilities", "limit", "status", "message", "more"):
        for what, value in BAD.items():
            server.answers["/health"] = told(**{"uptime": "7.5", field: value})
            health = await gateway.health()
            assert health.uptime_ms == 7500 or field == "uptime", (field, what)
            assert gateway.limit is None or gateway.limit >= 0, (field, what)
    server.answers["/health"] = told(uptime='"7.5"', timestamp="1795398127.25")
    health = await gateway.health()
    assert (health.uptime_ms, health.timestamp_ms) == (7500, 1795398127250)


async def test_a_list(server: Stub, gateway: NodeService) -> None:
    well = '{"sessionId":"well","status":"connected"}'
    for field in ("status", "phoneNumber", "more"):
        for what, value in BAD.items():
            row = body({"sessionId": '"odd"', "status": '"connected"'} | {field: value}).decode("latin-1")
            server.answers[LIST] = told(sessions=f"[{well},{row}]")
            rows = await gateway.list()
            assert [each.session_id for each in rows] == ["well", "odd"], (field, what)
            expected = None if field == "status" else Status.CONNECTED
            assert [each.status for each in rows] == [Status.CONNECTED, expected], (field, what)
    assert gateway.unreadable_rows == 0
    server.answers[LIST] = told(sessions='[{"sessionId":"a","status":"connected","phoneNumber":15550001234}]')
    assert [each.phone_number for each in await gateway.list()] == ["15550001234"]


async def test_a_start_a_pairing_code_and_a_message(server: Stub, gateway: NodeService) -> None:
    for field in ("phoneNumber", "qrCode", "qr", "isReady", "more"):
        for what, value in BAD.items():
            server.answers["/api/session/init"] = told(**{"status": '"qr_pending"', field: value})
            assert (await gateway.init("s-1", "7")).status is Status.QR_PENDING, (field, what)
    for field in ("messageId", "timestamp", "more"):
        for what, value in BAD.items():
            server.answers["/api/message/send-text"] = told(**{field: value})
            sent = await gateway.send_text("s-1", "15550001234", "hello")
            assert sent.timestamp is None or 0 <= sent.timestamp < 2**40, (field, what)
    server.answers["/api/message/send-text"] = told(
        messageId='{"fromMe":true,"_serialized":"true_1@c.us_3EB0"}', timestamp="1795398127848"
    )
    sent = await gateway.send_text("s-1", "15550001234", "hello")
    assert (sent.message_id, sent.timestamp) == ("true_1@c.us_3EB0", 1795398127)
    server.answers["/api/session/pairing-code"] = told(pairingCode="12345678")
    assert await gateway.pairing_code("s-1", "15550001234") == "12345678"


async def test_a_refusal_is_one_whatever_its_reason_is(server: Stub, gateway: NodeService) -> None:
    for what, value in BAD.items():
        server.answers[STATUS] = http(body({"success": "false", "message": value}))
        with pytest.raises((Refused, Garbled)):
            await gateway.status("s-1")
        assert what
    server.answers[STATUS] = http(body({"success": "false", "error": '{"message":"Client not found"}'}))
    with pytest.raises(Refused) as caught:
        await gateway.status("s-1")
    assert caught.value.cause is RefusalCause.NOT_FOUND


async def test_what_is_compressed_is_bounded_inflated_as_well_as_packed(
    server: Stub, gateway: NodeService
) -> None:
    content = body({"success": "true", "status": '"connected"'})
    bomb = body({"success": "true", "status": '"connected"', "more": json.dumps("x" * 50_000_000)})
    for encoding, packed in (("gzip", gzip.compress(content)), ("deflate", zlib.compress(content))):
        server.answers[STATUS] = http(packed, 200, f"Content-Encoding: {encoding}")
        assert (await gateway.status("s-1")).status is Status.CONNECTED
    for encoding, packed, detail in (
        ("gzip", gzip.compress(bomb), "more than 1048576 bytes when inflated"),
        ("gzip", gzip.compress(content)[:-12], "cut off"),
        ("gzip", content, "damaged"),
        ("br", content, "encoded as 'br'"),
    ):
        server.answers[STATUS] = http(packed, 200, f"Content-Encoding: {encoding}")
        with pytest.raises(Garbled, match=detail):
            await gateway.status("s-1")
