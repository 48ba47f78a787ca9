"""The contract's answers, as they are and as they should not be."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from urllib.parse import unquote

import pytest

from tests.unit.gateways.stub import Stub, answer, http, stub
from wa_tui.gateways import (
    Capability,
    Garbled,
    GatewayError,
    InvalidRequest,
    Place,
    RefusalCause,
    Refused,
    Sent,
    Started,
    Unauthorised,
)
from wa_tui.gateways.contract.client import CAPABILITIES, NodeService
from wa_tui.identity.sessions import in_path
from wa_tui.model.registers import Status

STATUS = "/api/session/status/s-1"
INIT = "/api/session/init"
DISCONNECT = "/api/session/disconnect"
SEND = "/api/message/send-text"
LIST = "/api/session/list"


@pytest.fixture
async def server() -> AsyncIterator[Stub]:
    async with stub() as it:
        yield it


@pytest.fixture
async def gateway(server: Stub) -> AsyncIterator[NodeService]:
    it = NodeService(Place("eu-1", server.url + "/", "the-key"))
    yield it
    await it.close()


async def send(gateway: NodeService) -> Sent:
    return await gateway.send_text("s-1", "15550001234", "hello")


async def test_health_sends_no_key_and_reads_both_clocks(server: Stub, gateway: NodeService) -> None:
    body = {"success": True, "status": "healthy", "uptime": 7.05, "timestamp": "2026-11-23T01:41:27.848Z"}
    server.answers["/health"] = answer(body)
    health = await gateway.health()
    assert (health.uptime_ms, health.timestamp_ms) == (7050, 1795398087848)
    assert "x-api-key" not in server.requests[0].headers


async def test_health_without_clocks_is_health(server: Stub, gateway: NodeService) -> None:
    server.answers["/health"] = answer({"success": True})
    health = await gateway.health()
    assert (health.uptime_ms, health.timestamp_ms) == (None, None)


async def test_health_without_a_zone_is_utc(server: Stub, gateway: NodeService) -> None:
    server.answers["/health"] = answer({"success": True, "timestamp": "2026-11-23T01:41:27.848"})
    assert (await gateway.health()).timestamp_ms == 1795398087848


async def test_a_status_is_read(server: Stub, gateway: NodeService) -> None:
    told = {"exists": True, "status": "connected", "qrCode": None, "phoneNumber": "1555", "isReady": True}
    server.answers[STATUS] = answer({"success": True} | told)
    status = await gateway.status("s-1")
    assert (status.exists, status.status, status.ready) == (True, Status.CONNECTED, True)
    assert (status.phone_number, status.qr) == ("1555", None)
    assert server.requests[0].headers["x-api-key"] == "the-key"


async def test_an_unknown_client_has_no_status(server: Stub, gateway: NodeService) -> None:
    told = {"exists": False, "status": "not_found", "qrCode": None, "phoneNumber": None, "isReady": False}
    server.answers[STATUS] = answer({"success": True} | told)
    status = await gateway.status("s-1")
    assert (status.exists, status.status, status.ready) == (False, None, False)


async def test_raw_text_of_a_qr_code_goes_before_its_picture(server: Stub, gateway: NodeService) -> None:
    told = {"success": True, "status": "qr_pending", "qrCode": "data:image/png;base64,AA==", "qr": "2@abc"}
    server.answers[STATUS] = answer(told)
    assert (await gateway.status("s-1")).qr == "2@abc"


async def test_a_status_that_does_not_exist_is_garbled(server: Stub, gateway: NodeService) -> None:
    server.answers[STATUS] = answer({"success": True, "exists": True, "status": "banana"})
    with pytest.raises(Garbled, match=r"^unknown status 'banana': session s-1 on eu-1; "):
        await gateway.status("s-1")


@pytest.mark.parametrize(
    "session_id",
    ["a b", "../health", "a/b", "ä", "a\n", "x" * 256, "-x", "..", "a?b#c", "50%", "%2e", "📱", "\x00"],
)
async def test_any_id_that_a_gateway_has_is_one_segment_of_a_path(
    server: Stub, gateway: NodeService, session_id: str
) -> None:
    path = f"/api/session/status/{in_path(session_id)}"
    server.answers[path] = answer({"success": True, "exists": True, "status": "connected"})
    await gateway.status(session_id)
    [asked] = server.requests
    assert asked.path.startswith("/api/session/status/") and asked.path.count("/") == 4
    assert unquote(asked.path.rpartition("/")[2]) == session_id


@pytest.mark.parametrize("session_id", ["", "x" * 1001])
async def test_a_bad_session_id_is_not_sent(server: Stub, gateway: NodeService, session_id: str) -> None:
    for call in (gateway.status(session_id), gateway.disconnect(session_id), gateway.init(session_id, "1")):
        with pytest.raises(InvalidRequest) as caught:
            await call
        assert (caught.value.sent, caught.value.outcome_known) == (False, True)
    assert server.requests == []


async def test_a_list_is_read(server: Stub, gateway: NodeService) -> None:
    rows = [{"sessionId": "a", "status": "connected"}, {"sessionId": "b", "status": "initializing"}]
    server.answers[LIST] = answer({"success": True, "sessions": rows, "count": 2})
    listed = await gateway.list()
    assert [(row.session_id, row.status) for row in listed] == [
        ("a", Status.CONNECTED),
        ("b", Status.INITIALIZING),
    ]


async def test_bad_rows_do_not_cost_the_list(
    server: Stub, gateway: NodeService, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [{"sessionId": "a", "status": "connected"}, {"sessionId": "b", "status": "banana"}]
    rows += [{"sessionId": "", "status": "connected"}, {"status": "connected"}]
    server.answers[LIST] = answer({"success": True, "sessions": [*rows, 7, {"sessionId": 5.5}, None]})
    with caplog.at_level(logging.WARNING):
        listed = await gateway.list()
        await gateway.list()
    assert [(row.session_id, row.status) for row in listed] == [("a", Status.CONNECTED), ("b", None)]
    assert gateway.unreadable_rows == 5
    assert caplog.text.count("5 rows cannot be read") == 1


async def test_ten_thousand_rows_are_one_answer(server: Stub, gateway: NodeService) -> None:
    rows = [{"sessionId": f"s{number}", "status": "connected"} for number in range(10_000)]
    server.answers[LIST] = answer({"success": True, "sessions": rows, "count": 10_000})
    assert len(await gateway.list()) == 10_000


async def test_a_start_leads_to_a_qr_code(server: Stub, gateway: NodeService) -> None:
    told = {
        "success": True,
        "sessionId": "s-1",
        "status": "qr_pending",
        "qrCode": "data:image/png;base64,AA==",
    }
    server.answers[INIT] = answer(told)
    started = await gateway.init("s-1", "12")
    assert started == Started(Status.QR_PENDING, "data:image/png;base64,AA==", None)
    assert json.loads(server.requests[0].body) == {"sessionId": "s-1", "userId": 12}
    assert server.requests[0].headers["content-type"] == "application/json"


async def test_a_client_that_exists_is_refused_as_such(server: Stub, gateway: NodeService) -> None:
    server.answers[INIT] = answer({"success": False, "message": "Client already exists"}, 400)
    with pytest.raises(Refused) as caught:
        await gateway.init("s-1", "12")
    assert caught.value.cause is RefusalCause.ALREADY_EXISTS
    assert caught.value.outcome_known


async def test_no_qr_code_in_time(server: Stub, gateway: NodeService) -> None:
    server.answers[INIT] = answer({"success": False, "error": "QR code generation timeout"}, 408)
    with pytest.raises(Refused, match="still starting") as caught:
        await gateway.init("s-1", "12")
    assert caught.value.cause is RefusalCause.QR_TIMEOUT
    assert caught.value.message == "QR code generation timeout"


async def test_disconnecting(server: Stub, gateway: NodeService) -> None:
    server.answers[DISCONNECT] = answer({"success": True, "message": "Client destroyed"})
    assert await gateway.disconnect("s-1") is True
    server.answers[DISCONNECT] = answer({"success": False, "message": "Client not found"})
    assert await gateway.disconnect("s-1") is False
    server.answers[DISCONNECT] = answer({"success": False, "message": "Protocol error: Target closed"})
    with pytest.raises(Refused) as caught:
        await gateway.disconnect("s-1")
    assert (caught.value.status_code, caught.value.outcome_known) == (200, False)


async def test_sending(server: Stub, gateway: NodeService) -> None:
    server.answers[SEND] = answer({"success": True, "messageId": "3EB0", "timestamp": 1795398127})
    assert await send(gateway) == Sent("3EB0", 1795398127)
    server.answers["/api/message/send-media"] = server.answers[SEND]
    await gateway.send_media("s-1", "1555", "http://files/a.png", None, "image")
    content = {"sessionId": "s-1", "recipient": "1555", "mediaUrl": "http://files/a.png"}
    assert json.loads(server.requests[1].body) == content | {"caption": None, "mediaType": "image"}


@pytest.mark.parametrize("extra", [{}, {"messageId": {"id": [1]}, "timestamp": "now"}])
async def test_a_sent_message_stays_sent_whatever_else_is_told(
    server: Stub, gateway: NodeService, extra: dict[str, object]
) -> None:
    server.answers[SEND] = answer({"success": True} | extra)
    assert await send(gateway) == Sent(None, None)


@pytest.mark.parametrize(
    ("text", "says", "known"),
    [
        ("Client not found. Please reconnect the session.", "not_found", True),
        ("Client not connected (status: qr_pending). Please reconnect the session.", "not_connected", True),
        ("Client not ready (state: OPENING). Please reconnect the session.", "not_ready", True),
        ("Client session closed. Please reconnect the session.", "closed", False),
        ("Cannot read properties of undefined (reading 'getChat')", "other", False),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("shape", ["message", "error"])
async def test_a_refused_message(
    server: Stub, gateway: NodeService, text: str, says: str, known: bool, status: int, shape: str
) -> None:
    server.answers[SEND] = answer({"success": False, shape: text}, status)
    with pytest.raises(Refused) as caught:
        await send(gateway)
    refusal = caught.value
    assert refusal.cause == says
    assert (refusal.message, refusal.status_code, refusal.outcome_known) == (text, status, known)
    assert str(refusal).startswith(f"{text.rstrip('.')}: session s-1 on eu-1; ")
    assert str(refusal).endswith(f" (POST {server.url}{SEND})")
    assert ("may have been done" in str(refusal)) is not known


@pytest.mark.parametrize("text", ["API key required", "Invalid API key"])
async def test_a_key_that_is_not_taken(server: Stub, gateway: NodeService, text: str) -> None:
    server.answers[SEND] = answer({"success": False, "error": text}, 401)
    with pytest.raises(Unauthorised, match=text) as caught:
        await send(gateway)
    assert (caught.value.sent, caught.value.outcome_known) == (True, True)
    assert "the-key" not in str(caught.value)


async def test_a_bare_401_is_unauthorised_too(server: Stub, gateway: NodeService) -> None:
    server.answers[LIST] = http(b"<h1>no</h1>", 401)
    with pytest.raises(Unauthorised):
        await gateway.list()


async def test_an_unknown_route_did_nothing(server: Stub, gateway: NodeService) -> None:
    server.answers[SEND] = answer({"success": False, "error": "Not found"}, 404)
    with pytest.raises(Refused) as caught:
        await send(gateway)
    assert caught.value.outcome_known
    assert caught.value.cause is RefusalCause.SUSPECT


async def test_a_500_with_words_is_a_refusal_of_unknown_outcome(server: Stub, gateway: NodeService) -> None:
    server.answers[SEND] = answer({"success": False, "error": "Internal server error"}, 500)
    with pytest.raises(Refused) as caught:
        await send(gateway)
    assert not caught.value.outcome_known


GARBAGE = {
    "html": http(b"<html><h1>502 Bad Gateway</h1>", 502),
    "html in a 200": http(b"<html>Welcome to nginx</html>"),
    "empty": http(b""),
    "no content": http(b"", 204),
    "not an object": answer([1, 2]),
    "no success": answer({"status": "connected"}),
    "success is a word": answer({"success": "yes"}),
    "no reason": answer({"success": False}),
    "an empty reason": answer({"success": False, "message": ""}, 400),
    "success in a 500": answer({"success": True}, 500),
    "cut off": http(b'{"success":true,"sta'),
    "not UTF-8": http(b"\xff\xfe"),
    "deep": http(b"[" * 100_000),
    "redirect": http(b"", 301, "Location: https://elsewhere/"),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_is_garbled_whatever_was_asked(
    server: Stub, gateway: NodeService, garbage: bytes
) -> None:
    server.answers = dict.fromkeys([SEND, STATUS, LIST, INIT, DISCONNECT, "/health"], garbage)
    reads = (gateway.status("s-1"), gateway.list(), gateway.health())
    changes = (send(gateway), gateway.init("s-1", "1"), gateway.disconnect("s-1"))
    for call in (*reads, *changes):
        with pytest.raises(GatewayError) as caught:
            await call
        assert isinstance(caught.value, Garbled)
        # Who redirects did nothing else.
        assert caught.value.outcome_known is (call in reads or garbage == GARBAGE["redirect"])


async def test_a_redirect_is_not_followed_but_told(server: Stub, gateway: NodeService) -> None:
    server.answers["/health"] = http(b"", 301, f"Location: {server.url}/other")
    with pytest.raises(Garbled, match=r"redirected to .*/other: gateway eu-1; set the gateway's url"):
        await gateway.health()
    assert len(server.requests) == 1


async def test_a_status_that_cannot_be_read_is_garbled(server: Stub, gateway: NodeService) -> None:
    for status in (None, 7, {"state": "connected"}):
        server.answers[STATUS] = answer({"success": True, "exists": True, "status": status})
        with pytest.raises(Garbled, match="told no status"):
            await gateway.status("s-1")


async def test_long_words_are_cut(server: Stub, gateway: NodeService) -> None:
    server.answers[SEND] = answer({"success": False, "message": "x" * 100_000}, 400)
    with pytest.raises(Refused) as caught:
        await send(gateway)
    assert len(caught.value.message) == 500


@pytest.mark.parametrize(
    ("told", "expected", "limit"),
    [
        ({}, set(), None),
        (
            {"capabilities": ["pairing_code", "teleport", 7], "limit": 50},
            {Capability.PAIRING_CODE},
            50,
        ),
        ({"capabilities": "pairing_code", "limit": "many"}, set(), None),
    ],
)
async def test_health_tells_what_else_a_gateway_can(
    server: Stub, gateway: NodeService, told: dict[str, object], expected: set[Capability], limit: int | None
) -> None:
    server.answers["/health"] = answer({"success": True, "capabilities": ["pairing_code"], "limit": 1})
    await gateway.health()
    assert Capability.PAIRING_CODE in gateway.capabilities and gateway.limit == 1
    server.answers["/health"] = answer({"success": True} | told)
    await gateway.health()
    assert (set(gateway.capabilities - CAPABILITIES), gateway.limit) == (expected, limit), (
        "another may be there by now"
    )


async def test_a_pairing_code(server: Stub, gateway: NodeService) -> None:
    path = "/api/session/pairing-code"
    server.answers[path] = answer({"success": True, "sessionId": "s-1", "pairingCode": "WZYE-R1VX"})
    assert await gateway.pairing_code("s-1", "4915255500001") == "WZYE-R1VX"
    assert json.loads(server.requests[0].body) == {"sessionId": "s-1", "phoneNumber": "4915255500001"}
    server.answers[path] = answer(
        {"success": False, "message": "Client not waiting for a scan (status: connected)."}, 400
    )
    with pytest.raises(Refused, match="not waiting for a scan"):
        await gateway.pairing_code("s-1", "4915255500001")
    server.answers[path] = answer({"success": True})
    with pytest.raises(Garbled):
        await gateway.pairing_code("s-1", "4915255500001")
