"""WAHA against what a real server answered and posted (Core 2024.10.8, its socket engine and its browser's)."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import random
from collections.abc import AsyncIterator

import pytest

from wa_tui.gateways import (
    Capability,
    ClientStatus,
    Garbled,
    Listed,
    Place,
    Posted,
    RefusalCause,
    Refused,
    Report,
    Started,
    Step,
    Unauthorised,
    Unsupported,
    WebhookTarget,
)
from wa_tui.gateways.reading.loose import Unreadable
from wa_tui.gateways.waha.client import CAPABILITIES, Waha, recognise
from wa_tui.gateways.waha.webhooks import WahaWebhooks
from wa_tui.model.registers import Proof, Reason, Status

from .recorded import Recorded, bodies, recorded
from .stub import answer, http, stub

NUMBER = "15550005555"
SESSION = "/api/sessions/default"
CODE = "/api/default/auth/qr?format=raw"


@pytest.fixture
async def server() -> AsyncIterator[Recorded]:
    async with recorded("waha") as it:
        yield it


@pytest.fixture
async def waha(server: Recorded) -> AsyncIterator[Waha]:
    it = Waha(Place("waha", server.url, "labkey"))
    yield it
    await it.close()


async def checked(server: Recorded, waha: Waha, at: float, session_id: str = "default") -> ClientStatus:
    """Return what a check finds at a moment of the recording."""
    server.at = at
    return await waha.status(session_id)


async def test_its_health_tells_uptime_clock_and_what_it_is(server: Recorded, waha: Waha) -> None:
    health = await waha.health()
    assert (health.uptime_ms, health.timestamp_ms) == (11069, 1796025520689 + 11069)
    assert (waha.version, waha.limit) == ("2024.10.8 NOWEB CORE", 1)
    assert server.requests[0].headers["x-api-key"] == "labkey"
    assert server.asked() == ["GET /api/server/status", "GET /api/version"]
    await waha.health()
    assert server.asked() == ["GET /api/server/status"]
    # It began anew: its engine may be another one.
    server.at = 126
    await waha.health()
    assert server.asked() == ["GET /api/server/status", "GET /api/version"]


async def test_what_is_stopped_is_listed(server: Recorded, waha: Waha) -> None:
    assert await waha.list() == [Listed("default", Status.DISCONNECTED)]
    server.at = 142
    assert await waha.list() == []
    found = await checked(server, waha, 10)
    assert (found.exists, found.status, found.reason) == (True, Status.DISCONNECTED, None)
    assert not (await checked(server, waha, 10, "nope")).exists


async def test_a_code_to_scan_is_asked_for_where_there_is_one(server: Recorded, waha: Waha) -> None:
    found = await checked(server, waha, 12.9)
    assert found.status is Status.QR_PENDING
    assert found.qr is not None
    assert found.qr.startswith("2@DDgRqgInsjrOMXcxw6dN9rW1EWawSmaxrKLFhE6s5roC83IvQEykZAceL7")
    assert server.asked() == [f"GET {SESSION}", f"GET {CODE}"]
    # In any other status that question takes 5 s.
    assert (await checked(server, waha, 10.9)).status is Status.INITIALIZING
    assert server.asked() == [f"GET {SESSION}"]


async def test_working_with_its_account_is_the_clients_word(server: Recorded, waha: Waha) -> None:
    found = await checked(server, waha, 22.3)
    assert (found.status, found.proof, found.phone_number) == (Status.CONNECTED, Proof.CLIENT, NUMBER)
    assert found.ready


async def test_a_browser_proves_by_its_own_state(server: Recorded, waha: Waha) -> None:
    found = await checked(server, waha, 441)
    assert (found.status, found.proof, found.phone_number) == (Status.CONNECTED, Proof.CLIENT, None)
    server.instead["GET", SESSION] = (
        200,
        {"name": "default", "status": "WORKING", "me": None, "engine": {"engine": "WEBJS", "state": None}},
    )
    assert (await waha.status("default")).proof is Proof.CLAIMED
    server.instead["GET", SESSION] = (
        200,
        {"name": "default", "status": "WORKING", "me": None, "engine": {"engine": "NOWEB"}},
    )
    assert (await waha.status("default")).proof is Proof.CLAIMED


async def test_logged_out_on_the_phone(server: Recorded, waha: Waha) -> None:
    found = await checked(server, waha, 105.1)
    assert (found.status, found.reason) == (Status.AUTH_FAILED, Reason.LOGOUT)
    assert waha.recipe(Status.AUTH_FAILED, Reason.LOGOUT, gone=False) == (Step.LOGOUT, Step.START)
    assert server.asked() == [f"GET {SESSION}"]


async def test_a_browser_that_failed_is_no_logout(server: Recorded, waha: Waha) -> None:
    found = await checked(server, waha, 388.2)
    assert (found.status, found.reason) == (Status.DISCONNECTED, Reason.OTHER)
    assert waha.recipe(Status.DISCONNECTED, Reason.OTHER, gone=False) == (Step.RESTART,)


async def test_a_passkey_wants_a_person(server: Recorded, waha: Waha) -> None:
    for word, detail in (
        ("PASSKEY_REQUIRED", "passkey required"),
        ("PASSKEY_CONFIRMATION_REQUIRED", "confirmation required"),
    ):
        server.instead["GET", SESSION] = (200, {"name": "default", "status": word, "me": None})
        found = await waha.status("default")
        assert (found.status, found.reason, found.detail) == (Status.AUTH_FAILED, Reason.PASSKEY, detail)
    assert waha.recipe(Status.AUTH_FAILED, Reason.PASSKEY, gone=False) == (Step.RESTART,), "no logout"
    server.instead["GET", SESSION] = (200, {"name": "default", "status": "DREAMING"})
    with pytest.raises(Garbled, match="unknown status 'DREAMING'"):
        await waha.status("default")


async def test_start_restart_stop_logout_and_delete(server: Recorded, waha: Waha) -> None:
    server.at = 10
    assert await waha.init("default", None) == Started(Status.INITIALIZING)
    server.at = 13
    with pytest.raises(Refused) as caught:
        await waha.init("default", None)
    assert caught.value.cause is RefusalCause.ALREADY_EXISTS
    assert await waha.restart("default") == Started(Status.INITIALIZING)
    assert await waha.disconnect("default") is True
    assert await waha.logout("default") is True
    assert await waha.delete("default") is True


async def test_core_says_plainly_that_it_holds_one(server: Recorded, waha: Waha) -> None:
    with pytest.raises(Refused, match="support only 'default' session") as caught:
        await waha.init("nope", None)
    assert (caught.value.cause, caught.value.outcome_known) == (RefusalCause.OTHER, True)
    assert caught.value.reason is Reason.OTHER
    with pytest.raises(Refused, match="support only 'default' session"):
        await waha.disconnect("nope")
    server.instead["POST", "/api/sessions/sales/start"] = (
        404,
        {"statusCode": 404, "message": "Session not found"},
    )
    with pytest.raises(Refused, match="support only 'default' session"):
        await waha.init("sales", None)
    assert json.loads(server.requests[-1].body) == {"name": "sales", "start": True}


async def test_what_cannot_be_sent(server: Recorded, waha: Waha) -> None:
    server.at = 13
    with pytest.raises(Refused) as caught:
        await waha.send_text("default", "15550009999", "hi")
    assert (caught.value.cause, caught.value.outcome_known) == (RefusalCause.NOT_CONNECTED, True)
    assert caught.value.message == "its status is SCAN_QR_CODE"
    assert json.loads(server.requests[-1].body) == {
        "session": "default",
        "chatId": "15550009999@c.us",
        "text": "hi",
    }
    for at, words in ((27, "No sessions"), (445, "Evaluation failed")):
        server.at = at
        with pytest.raises(Refused, match=words) as caught:
            await waha.send_text("default", "15550009999", "hi")
        # Beside these words the answer has the whole request.
        assert (caught.value.cause, caught.value.outcome_known) == (RefusalCause.SUSPECT, False)
        assert "15550009999" not in str(caught.value)
    server.at = 365
    with pytest.raises(Refused) as caught:
        await waha.send_text("default", "15550009999", "hi")
    assert (caught.value.cause, caught.value.outcome_known) == (RefusalCause.NOT_FOUND, True)
    assert "\n" not in caught.value.message


async def test_without_a_network() -> None:
    async with recorded("waha-nonet") as server:
        waha = Waha(Place("waha", server.url, "labkey"))
        found = await checked(server, waha, 62)
        assert (found.status, found.reason) == (Status.INITIALIZING, None)
        assert await waha.restart("default") == Started(Status.INITIALIZING)
        assert (await checked(server, waha, 88)).status is Status.DISCONNECTED
        await waha.close()


async def test_it_is_recognised_by_its_ping() -> None:
    async with recorded("waha") as server:
        assert await recognise(Place("x", server.url))
        assert "x-api-key" not in server.requests[0].headers
    async with stub() as it:
        it.answers["/ping"] = answer({"success": True, "message": "pong"})
        assert not await recognise(Place("x", it.url))
        it.answers["/ping"] = http(b"pong")
        assert not await recognise(Place("x", it.url))


async def test_what_is_out_by_either_engine() -> None:
    async with stub() as it:
        waha = Waha(Place("waha", it.url, "k"))
        it.answers["/api/sendText"] = answer({"key": {"id": "3EB0"}, "messageTimestamp": "1796025103"}, 201)
        sent = await waha.send_text("default", "g@g.us", "hi")
        assert (sent.message_id, sent.timestamp) == ("3EB0", 1796025103)
        it.answers["/api/sendImage"] = answer(
            {"id": {"_serialized": "true_1@c.us_3EB0"}, "timestamp": 1796025103}, 201
        )
        sent = await waha.send_media("default", "15550009999", "http://x/a%20b.png", "see", "image")
        assert (sent.message_id, sent.timestamp) == ("true_1@c.us_3EB0", 1796025103)
        assert json.loads(it.requests[-1].body) == {
            "session": "default",
            "chatId": "15550009999@c.us",
            "file": {"url": "http://x/a%20b.png", "mimetype": "image/png", "filename": "a b.png"},
            "caption": "see",
        }
        it.answers["/api/sendVoice"] = answer(None, 201)
        assert (await waha.send_media("default", "1555", "http://x/", None, "audio")).message_id is None
        await waha.close()


async def test_a_pairing_code() -> None:
    async with stub() as it:
        waha = Waha(Place("waha", it.url, "k"))
        it.answers["/api/default/auth/request-code"] = answer({"code": "ABCD-EFGH"}, 201)
        assert await waha.pairing_code("default", "15550009999") == "ABCD-EFGH"
        assert json.loads(it.requests[-1].body) == {"phoneNumber": "15550009999"}
        it.answers["/api/default/auth/request-code"] = answer({}, 201)
        with pytest.raises(Garbled):
            await waha.pairing_code("default", "15550009999")
        await waha.close()


async def test_our_webhook_stands_beside_those_of_others() -> None:
    theirs = {"url": "http://theirs/x", "events": ["message"], "hmac": None, "retries": {"attempts": 3}}
    config = {"proxy": None, "debug": True, "webhooks": [theirs]}
    row = {"name": "default", "status": "WORKING", "me": {"id": f"{NUMBER}@c.us"}, "config": config}
    async with stub() as it:
        waha = Waha(Place("waha", it.url, "k"))
        it.answers["/api/sessions?all=true"] = answer([row])
        it.answers[SESSION] = answer(row)
        assert await waha.webhook_targets("http://ours/x", "key") == [
            WebhookTarget("default", "http://theirs/x", is_ours=False, events=("message",), is_shared=True)
        ]
        await waha.set_webhook_target("http://ours/x", "key", "default")
        put = json.loads(it.requests[-1].body)["config"]
        assert it.requests[-1].method == "PUT"
        assert (put["proxy"], put["debug"], put["webhooks"][0]) == (None, True, theirs)
        [_, ours] = put["webhooks"]
        assert ours["events"] == ["session.status", "state.change", "message.any", "message.ack"]
        it.answers["/api/sessions?all=true"] = answer([row | {"config": put}])
        assert [each.is_ours for each in await waha.webhook_targets("http://ours/x", "key")] == [False, True]
        assert not any(each.is_ours for each in await waha.webhook_targets("http://ours/x", "other"))
        ours["events"].remove("message.ack")
        it.answers["/api/sessions?all=true"] = answer([row | {"config": put}])
        lacking = [(each.is_ours, each.lacks) for each in await waha.webhook_targets("http://ours/x", "key")]
        assert lacking == [(False, ()), (False, ("message.ack",))]
        ours["events"].append("message.ack")
        # Set again, it stands there once.
        it.answers[SESSION] = answer(row | {"config": put})
        await waha.set_webhook_target("http://ours/x", "key", "default")
        assert json.loads(it.requests[-1].body)["config"] == put
        with pytest.raises(Unsupported):
            await waha.set_webhook_target("http://ours/x", "key", None)
        await waha.close()


async def test_a_key_that_is_wrong_and_a_proxy_in_between() -> None:
    async with stub() as it:
        waha = Waha(Place("waha", it.url, "k"))
        it.answers["/api/server/status"] = answer({"statusCode": 401, "message": "Unauthorized"}, 401)
        with pytest.raises(Unauthorised):
            await waha.health()
        for status in (401, 403, 404, 422, 502, 503):
            it.answers[SESSION] = http(b"<html><title>nginx</title>", status, "Content-Type: text/html")
            with pytest.raises(Exception) as caught:
                await waha.status("default")
            assert not isinstance(caught.value, Refused | Unauthorised)
        it.answers["/api/sessions?all=true"] = answer(
            [{"name": "a", "status": "WORKING"}, {"status": "x"}, 7]
        )
        assert await waha.list() == [Listed("a", Status.CONNECTED)]
        assert waha.unreadable_rows == 2
        await waha.close()


def test_what_it_can() -> None:
    assert Capability.UPTIME in CAPABILITIES
    assert not CAPABILITIES & {Capability.SELF_RESTORE, Capability.LIST_PRESENCE}
    waha = Waha(Place("waha", "http://127.0.0.1:9"))
    assert waha.recipe(Status.CONNECTED, None, gone=False) == (Step.RESTART,)
    assert waha.recipe(Status.AUTH_FAILED, None, gone=True) == (Step.START,)
    assert waha.recipe(Status.DISCONNECTED, Reason.LOGOUT, gone=False) == (Step.LOGOUT, Step.START)


FORMAT = WahaWebhooks()


def reports(name: str) -> list[Report]:
    return [report for body in bodies(name) for report in FORMAT.read(body).reports]


def test_webhooks_of_2024_are_hints_and_say_what_became_of_it() -> None:
    said = reports("waha")
    assert {report.session_id for report in said} == {"default"}
    assert {(report.timestamp, report.event_id) for report in said} == {(None, None)}
    once = [key for key, _ in itertools.groupby((report.status, report.reason) for report in said)]
    starting, working = (Status.INITIALIZING, None), (Status.CONNECTED, None)
    code, stopped = (Status.QR_PENDING, None), (Status.DISCONNECTED, None)
    logout, failed = (Status.AUTH_FAILED, Reason.LOGOUT), (Status.AUTH_FAILED, Reason.OTHER)
    conflict, crashed = (Status.DISCONNECTED, Reason.CONFLICT), (Status.DISCONNECTED, Reason.OTHER)
    assert once[:19] == [
        starting,
        code,
        starting,
        working,
        stopped,
        starting,
        working,
        starting,
        working,
        conflict,
        starting,
        working,
        stopped,
        starting,
        working,
        logout,
        failed,
        stopped,
        starting,
    ]
    assert crashed in once
    assert once[-1] == stopped
    assert {report.phone_number for report in said if report.status is Status.CONNECTED} == {NUMBER, None}
    [first, *_] = [report for report in said if report.qr is not None]
    assert first.status is Status.QR_PENDING


def test_a_socket_that_cannot_be_opened_says_nothing_new() -> None:
    assert set(reports("waha-nonet")) == {
        Report("default", Status.INITIALIZING),
        Report("default", Status.DISCONNECTED),
    }


def test_webhooks_of_2026_have_a_time_an_id_and_a_signature() -> None:
    body = json.dumps(
        {
            "id": "evt_01JX",
            "timestamp": 1796025103123,
            "event": "session.status",
            "session": "sales",
            "me": {"id": f"{NUMBER}:3@c.us", "pushName": "x"},
            "payload": {"status": "WORKING", "statuses": [{"status": "WORKING", "timestamp": 1796025103123}]},
            "engine": "GOWS",
        }
    ).encode()
    assert FORMAT.read(body).reports == (
        Report("sales", Status.CONNECTED, 1796025103123, phone_number=NUMBER, event_id="evt_01JX"),
    )
    signature = hmac.new(b"k", body, hashlib.sha512).hexdigest()

    def verdict(key: str, headers: dict[str, str], body: bytes | None, secret: str | None = None) -> object:
        return FORMAT.is_authentic(key, Posted(headers, secret, 0, body))

    signed = {"x-webhook-hmac": signature, "x-webhook-hmac-algorithm": "sha512"}
    assert verdict("k", signed, None) is None
    assert verdict("k", signed, body) is True
    assert verdict("k", signed, body + b" ") is False
    assert verdict("other", signed, body) is False
    assert verdict("k", {"x-api-key": "k"}, None)
    assert verdict("k", {}, None, "k")
    assert verdict("k", {}, body) is False


def test_nothing_of_a_message_is_kept() -> None:
    body = json.dumps({"event": "message", "session": "default", "payload": {"body": "a secret"}}).encode()
    reading = FORMAT.read(body)
    assert (reading.reports, reading.ignored) == ((), "message")
    assert reading.ignored in FORMAT.events


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"event":"session.status"}', b"<html>"])
def test_what_is_none_of_its_webhooks(body: bytes) -> None:
    with pytest.raises(Unreadable):
        FORMAT.read(body)


def test_any_damage_costs_no_more_than_the_webhook() -> None:
    rng = random.Random(7)
    for body in bodies("waha"):
        content = json.loads(body)
        for field in [*content, *content["payload"]]:
            odd: object = rng.choice([None, 7, [], {}, True, "x" * 5])
            for damaged in (
                content | {field: odd},
                content | {"payload": content["payload"] | {field: odd}},
                content | {"payload": odd},
            ):
                try:
                    FORMAT.read(json.dumps(damaged).encode())
                except Unreadable:
                    continue
