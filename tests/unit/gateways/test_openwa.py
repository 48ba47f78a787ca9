"""OpenWA's adapter, against answers as its published API has them: no real one was there to record."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator

import pytest

from wa_tui.gateways import (
    InvalidRequest,
    Listed,
    Place,
    Posted,
    RefusalCause,
    Refused,
    Report,
    Sent,
    Started,
    Unauthorised,
    Unsupported,
    WebhookTarget,
)
from wa_tui.gateways.openwa.client import OpenWa, recognise
from wa_tui.gateways.openwa.webhooks import EVENTS, FORMAT, MESSAGE_EVENTS
from wa_tui.gateways.reading.loose import Unreadable
from wa_tui.model.registers import Proof, Reason, Status

from .stub import Stub, answer, http, stub

UUID = "8f3c2b1a-9d4e-4c7a-8b2f-1e6d5a4c3b2a"
LIST = "/api/sessions?limit=1000&offset=0"
ONE = f"/api/sessions/{UUID}"
BY_NAME = "/api/sessions?name=my-bot"
OURS = "https://monitor.example/api/v1/gateways/ow/webhook"


def row(status: str = "ready", **fields: object) -> dict[str, object]:
    told = {"id": UUID, "name": "my-bot", "status": status, "phone": "6281234567890", "lastError": None}
    return told | {"restriction": None, "engineLoaded": True} | fields


def refusal(status: int, message: object) -> bytes:
    return answer({"statusCode": status, "message": message, "error": "No"}, status)


@pytest.fixture
async def server() -> AsyncIterator[Stub]:
    async with stub() as it:
        it.answers |= {LIST: answer([row()]), BY_NAME: answer([row()]), ONE: answer(row())}
        yield it


@pytest.fixture
async def gateway(server: Stub) -> AsyncIterator[OpenWa]:
    it = OpenWa(Place("ow", server.url, "owa_k1_key"))
    yield it
    await it.close()


async def test_it_is_recognised_by_its_health(server: Stub) -> None:
    place = Place("ow", server.url, "owa_k1_key")
    server.answers["/api/health"] = answer(
        {"status": "ok", "timestamp": "2026-06-25T09:00:00.000Z", "version": "0.30"}
    )
    assert await recognise(place)
    assert "x-api-key" not in server.requests[0].headers
    for other in (
        answer({"statusCode": 404, "message": "Not Found"}, 404),
        http(b"<html></html>"),
        answer({"a": 1}),
    ):
        server.answers["/api/health"] = other
        assert not await recognise(place)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("created", Status.DISCONNECTED),
        ("initializing", Status.INITIALIZING),
        ("authenticating", Status.AUTHENTICATED),
        ("ready", Status.CONNECTED),
        ("disconnected", Status.DISCONNECTED),
        ("action_required", Status.DISCONNECTED),
        ("failed", Status.DISCONNECTED),
    ],
)
async def test_its_statuses(server: Stub, gateway: OpenWa, word: str, status: Status) -> None:
    server.answers |= {LIST: answer([row(word)]), ONE: answer(row(word))}
    assert await gateway.list() == [Listed("my-bot", status, "6281234567890")]
    checked = await gateway.status("my-bot")
    assert (checked.status, checked.proof, checked.exists) == (status, Proof.CLAIMED, True)


async def test_a_code_is_its_picture(server: Stub, gateway: OpenWa) -> None:
    server.answers |= {BY_NAME: answer([row("qr_ready")])}
    server.answers[f"{ONE}/qr"] = answer({"qrCode": "data:image/png;base64,AAAA", "status": "qr_ready"})
    assert (await gateway.status("my-bot")).qr == "data:image/png;base64,AAAA"
    server.answers[f"{ONE}/qr"] = refusal(400, "QR not ready yet")
    server.answers[ONE] = answer(row("qr_ready"))
    checked = await gateway.status("my-bot")
    assert (checked.status, checked.qr) == (Status.QR_PENDING, None)


async def test_why_it_is_down(server: Stub, gateway: OpenWa) -> None:
    blocked = {"kind": "tos_block", "code": "TOS_BLOCK", "expiresAt": None}
    server.answers[BY_NAME] = answer([row("failed", restriction=blocked)])
    assert (await gateway.status("my-bot")).reason is Reason.BANNED
    server.answers[ONE] = answer(row("failed", lastError="Failed to launch the browser process!"))
    assert (await gateway.status("my-bot")).reason is Reason.BROWSER_UNABLE
    server.answers[ONE] = answer(row("ready"))
    checked = await gateway.status("my-bot")
    assert (checked.reason, checked.detail) == (None, None)


async def test_one_that_it_does_not_know(server: Stub, gateway: OpenWa) -> None:
    server.answers[BY_NAME] = answer([])
    assert not (await gateway.status("my-bot")).exists
    assert await gateway.disconnect("my-bot") is False
    with pytest.raises(Refused) as caught:
        await gateway.send_text("my-bot", "15550001", "hello")
    assert (caught.value.cause, caught.value.outcome_known) == (RefusalCause.NOT_FOUND, True)


async def test_a_new_one_is_created_and_started(server: Stub, gateway: OpenWa) -> None:
    server.answers[BY_NAME] = answer([])
    server.answers["/api/sessions"] = answer(row("created"), 201)
    server.answers[f"{ONE}/start"] = answer(row("initializing", phone=None))
    assert await gateway.init("my-bot", None) == Started(Status.INITIALIZING)
    assert [request.method for request in server.requests] == ["GET", "POST", "POST"]
    assert json.loads(server.requests[1].body) == {"name": "my-bot"}
    server.answers["/api/sessions?name=a_b"] = answer([])
    with pytest.raises(InvalidRequest, match="letters, digits and hyphens"):
        await gateway.init("a_b", None)


async def test_one_that_runs_is_not_started_again(server: Stub, gateway: OpenWa) -> None:
    server.answers[f"{ONE}/start"] = refusal(400, "Session already started")
    with pytest.raises(Refused) as caught:
        await gateway.init("my-bot", None)
    assert (caught.value.cause, caught.value.outcome_known) == (RefusalCause.ALREADY_EXISTS, True)


@pytest.mark.parametrize(("verb", "path"), [("disconnect", "/stop"), ("logout", "/logout"), ("delete", "")])
async def test_what_it_can_end(server: Stub, gateway: OpenWa, verb: str, path: str) -> None:
    await gateway.list()
    if path:
        server.answers[f"{ONE}{path}"] = answer(row("disconnected"))
    assert await getattr(gateway, verb)("my-bot") is True
    assert server.requests[-1].method == ("POST" if path else "DELETE")
    server.answers[f"{ONE}{path}"] = refusal(404, "Session not found")
    assert await getattr(gateway, verb)("my-bot") is False


async def test_it_restarts_nothing_by_itself(gateway: OpenWa) -> None:
    with pytest.raises(Unsupported, match="OpenWA cannot restart"):
        await gateway.restart("my-bot")


async def test_messages(server: Stub, gateway: OpenWa) -> None:
    server.answers[f"{ONE}/messages/send-text"] = answer(
        {"messageId": "3EB0", "timestamp": 1_796_000_000}, 201
    )
    server.answers[f"{ONE}/messages/send-image"] = answer(
        {"messageId": "3EB1", "timestamp": 1_796_000_001}, 201
    )
    assert await gateway.send_text("my-bot", "15550001", "hello") == Sent("3EB0", 1_796_000_000)
    assert json.loads(server.requests[-1].body) == {"chatId": "15550001@c.us", "text": "hello"}
    assert (await gateway.send_media("my-bot", "1@g.us", "http://x/a.png", "a", "image")).message_id == "3EB1"
    assert json.loads(server.requests[-1].body) == {
        "chatId": "1@g.us",
        "url": "http://x/a.png",
        "caption": "a",
    }


async def test_a_send_that_timed_out_over_there_may_have_sent(server: Stub, gateway: OpenWa) -> None:
    server.answers[f"{ONE}/messages/send-text"] = refusal(503, "WhatsApp did not answer")
    with pytest.raises(Refused) as caught:
        await gateway.send_text("my-bot", "15550001", "hello")
    assert not caught.value.outcome_known


async def test_refusals(server: Stub, gateway: OpenWa) -> None:
    server.answers[LIST] = refusal(401, "Invalid API key")
    with pytest.raises(Unauthorised):
        await gateway.list()
    server.answers[LIST] = refusal(400, ["limit must be a number", "offset must be a number"])
    with pytest.raises(Refused, match="limit must be a number; offset must be a number"):
        await gateway.list()


async def test_webhooks_are_added_beside_others(server: Stub, gateway: OpenWa) -> None:
    theirs = {"id": "w1", "url": "https://n8n.example/hook", "events": ["*"]}
    server.answers[f"{ONE}/webhooks"] = answer([theirs])
    beside = WebhookTarget("my-bot", str(theirs["url"]), is_ours=False, events=("*",), is_shared=True)
    assert await gateway.webhook_targets(OURS, "k") == [beside]
    await gateway.set_webhook_target(OURS, "k", "my-bot", messages=False)
    assert server.requests[-1].method == "POST"
    assert json.loads(server.requests[-1].body) == {"url": OURS, "events": list(EVENTS), "secret": "k"}
    # One that lacks events is changed: a second one would post the others twice.
    server.answers[f"{ONE}/webhooks"] = answer([theirs, {"id": "w2", "url": OURS, "events": list(EVENTS)}])
    server.answers[f"{ONE}/webhooks/w2"] = answer({"id": "w2"})
    _, ours = await gateway.webhook_targets(OURS, "k")
    assert (ours.is_ours, ours.lacks) == (False, MESSAGE_EVENTS)
    await gateway.set_webhook_target(OURS, "k", "my-bot")
    assert server.requests[-1].method == "PUT"
    assert json.loads(server.requests[-1].body)["events"] == [*EVENTS, *MESSAGE_EVENTS]


def posted(content: object, key: str = "k") -> Posted:
    body = json.dumps(content).encode()
    signature = hmac.digest(key.encode(), body, "sha256").hex()
    return Posted({"x-openwa-signature": f"sha256={signature}"}, None, 0, body)


def test_a_webhook_is_signed_with_its_key() -> None:
    whole = posted({"event": "session.status"})
    assert FORMAT.is_authentic("k", whole)
    assert not FORMAT.is_authentic("other", whole)
    assert not FORMAT.is_authentic("k", Posted(whole.headers, None, 0, b"{}"))
    assert not FORMAT.is_authentic("k", Posted({}, None, 0, whole.body))


def test_what_webhooks_say() -> None:
    envelope = {"timestamp": "2026-06-25T09:00:00.000Z", "sessionId": UUID, "idempotencyKey": "e1"}

    def read(event: str, **data: object) -> Report:
        (report,) = FORMAT.read(json.dumps(envelope | {"event": event, "data": data}).encode()).reports
        return report

    at = 1_782_378_000_000
    assert read("session.status", status="ready") == Report(UUID, Status.CONNECTED, at, event_id="e1")
    assert read("session.qr", qr="2@a,b").qr == "2@a,b"
    lost = read("session.disconnected", reason="LOGOUT")
    assert (lost.status, lost.reason, lost.detail) == (Status.DISCONNECTED, Reason.LOGOUT, "LOGOUT")
    message = {"event": "message.received", "sessionId": UUID, "data": {"body": "private"}}
    ignored = FORMAT.read(json.dumps(message).encode())
    assert (ignored.reports, ignored.ignored) == ((), "message.received")
    for bad in (b"[]", b"{}", b"<html>", b'{"event":7}'[:5]):
        with pytest.raises(Unreadable):
            FORMAT.read(bad)
