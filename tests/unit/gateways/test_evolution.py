"""Evolution API against what a real server answered and posted (2.3.7)."""

from __future__ import annotations

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
from wa_tui.gateways.evolution.client import CAPABILITIES, EvolutionApi, recognise
from wa_tui.gateways.evolution.webhooks import MESSAGE_EVENTS, EvolutionWebhooks
from wa_tui.gateways.reading.loose import Unreadable
from wa_tui.model.registers import Proof, Reason, Status

from .recorded import Recorded, bodies, recorded
from .stub import answer, http, stub

STATE = "/instance/connectionState/sales"
ROWS = "/instance/fetchInstances"
CONNECT = "/instance/connect/sales"
FOREIGN = "http://127.0.0.1:8309/per"
NUMBER = "15550004444"


@pytest.fixture
async def server() -> AsyncIterator[Recorded]:
    async with recorded("evolution") as it:
        it.stands_for = lambda path: path.partition("?")[0]
        yield it


def api_at(url: str, key: str | None = "labkey") -> EvolutionApi:
    return EvolutionApi(Place("evo", url, key))


async def checked(server: Recorded, at: float) -> ClientStatus:
    """Return what a check finds at a moment of the recording."""
    server.at = at
    api = api_at(server.url)
    try:
        return await api.status("sales")
    finally:
        await api.close()


async def test_no_instance_yet(server: Recorded) -> None:
    assert not (await checked(server, 14)).exists


async def test_a_code_to_scan(server: Recorded) -> None:
    found = await checked(server, 78)
    assert found.status is Status.QR_PENDING
    assert found.qr is not None
    assert found.qr.startswith("2@SmrWAWJq6edx")
    assert not found.ready


async def test_open_is_no_more_than_a_claim(server: Recorded) -> None:
    server.at = 40
    api = api_at(server.url)
    assert await api.list() == [Listed("sales", Status.CONNECTED, NUMBER)]
    found = await api.status("sales")
    assert (found.status, found.proof, found.phone_number) == (Status.CONNECTED, Proof.CLAIMED, NUMBER)
    assert api.proof is Proof.CLAIMED
    await api.close()


async def test_a_cut_socket_asks_for_no_scan(server: Recorded) -> None:
    # Memory connects, the database still says open: the code of the pairing is in memory, and is not asked for.
    found = await checked(server, 61.4)
    assert (found.status, found.qr) == (Status.INITIALIZING, None)
    assert server.asked() == [f"GET {STATE}", f"GET {ROWS}?instanceName=sales"]


async def test_logged_out_on_the_phone(server: Recorded) -> None:
    found = await checked(server, 73.3)
    assert (found.status, found.reason, found.detail) == (
        Status.DISCONNECTED,
        Reason.LOGOUT,
        "logged out (401)",
    )


async def test_banned(server: Recorded) -> None:
    found = await checked(server, 230.9)
    assert (found.status, found.reason) == (Status.DISCONNECTED, Reason.BANNED)


async def test_a_code_of_an_earlier_time_is_no_reason(server: Recorded) -> None:
    # The row still has 401 from before it was paired again, and is open.
    assert (await checked(server, 217.8)).reason is None
    server.at = 203.6
    server.instead["GET", STATE] = (200, {"instance": {"instanceName": "sales", "state": "close"}})
    found = await checked(server, 203.6)
    assert (found.status, found.reason) == (Status.DISCONNECTED, None)


async def test_deleted(server: Recorded) -> None:
    found = await checked(server, 235.5)
    assert (found.exists, found.status) == (False, None)


async def test_a_start_makes_what_is_not_there(server: Recorded) -> None:
    server.at = 27
    missing = {
        "status": 404,
        "error": "Not Found",
        "response": {"message": ['The "sales" instance does not exist']},
    }
    server.instead["GET", CONNECT] = (404, missing)
    api = api_at(server.url)
    started = await api.init("sales", None)
    assert started.status is Status.QR_PENDING
    assert started.qr is not None
    assert started.qr.startswith("2@")
    assert json.loads(server.requests[-1].body) == {
        "instanceName": "sales",
        "qrcode": True,
        "integration": "WHATSAPP-BAILEYS",
    }
    await api.close()


async def test_a_start_makes_what_was_deleted(server: Recorded) -> None:
    ghost = {"instance": {"instanceName": "sales"}}
    server.instead["GET", CONNECT] = (200, ghost)
    api = api_at(server.url)
    assert (await api.init("sales", None)).status is Status.QR_PENDING
    assert server.asked() == [f"GET {CONNECT}", "POST /instance/create"]
    await api.close()


@pytest.mark.parametrize(
    ("at", "status"), [(34, Status.INITIALIZING), (58, Status.CONNECTED), (222, Status.INITIALIZING)]
)
async def test_a_start_connects_what_is_there(server: Recorded, at: float, status: Status) -> None:
    server.at = at
    api = api_at(server.url)
    # The code is left to the check: as it dials it may still tell that of an earlier pairing.
    assert await api.init("sales", None) == Started(status)
    await api.close()


async def test_a_restart_and_one_that_is_refused_with_200(server: Recorded) -> None:
    api = api_at(server.url)
    server.at = 58
    assert await api.restart("sales") == Started(Status.INITIALIZING)
    # It answers that it is open, and is asked until it is not.
    assert server.asked() == ["POST /instance/restart/sales", f"GET {STATE}"]
    server.at = 231
    assert await api.restart("sales") == Started(Status.INITIALIZING)
    assert server.asked() == ["POST /instance/restart/sales", f"GET {CONNECT}"]
    await api.close()


async def test_unlinking_and_deleting(server: Recorded) -> None:
    api = api_at(server.url)
    assert await api.logout("sales") is True
    assert await api.delete("sales") is True
    await api.close()


async def test_it_cannot_stop(server: Recorded) -> None:
    api = api_at(server.url)
    assert Capability.STOP not in api.capabilities
    with pytest.raises(Unsupported, match="Evolution API cannot stop a session and keep it linked"):
        await api.disconnect("sales")
    assert server.asked() == []
    await api.close()


async def test_a_message_is_out(server: Recorded) -> None:
    api = api_at(server.url)
    sent = await api.send_text("sales", "15550009999", "hi")
    assert (sent.message_id, sent.timestamp) == ("3EB0F53FDE0ABA1529D9BD", 1796025103)
    assert json.loads(server.requests[-1].body) == {"number": "15550009999", "text": "hi"}
    await api.close()


async def test_somebody_elses_webhook_is_told(server: Recorded) -> None:
    api = api_at(server.url)
    server.at = 235
    events = ("CONNECTION_UPDATE", "QRCODE_UPDATED", "STATUS_INSTANCE")
    assert await api.webhook_targets("http://x/ours", "k") == [
        WebhookTarget("sales", FOREIGN, is_ours=False, events=events)
    ]
    assert await api.webhook_targets(FOREIGN, "k") == [
        WebhookTarget("sales", FOREIGN, is_ours=False, events=events, lacks=MESSAGE_EVENTS)
    ]
    ours = {"url": "http://x/ours", "headers": {"x-api-key": "k"}, "enabled": True, "events": list(events)}
    server.instead["GET", "/webhook/find/sales"] = (200, ours)
    [target] = await api.webhook_targets("http://x/ours", "k", messages=False)
    assert target.is_ours and not target.lacks
    [target] = await api.webhook_targets("http://x/ours", "k")
    assert (target.is_ours, target.lacks) == (False, MESSAGE_EVENTS)
    ours["events"] = [*events, *MESSAGE_EVENTS]
    assert [each.is_ours for each in await api.webhook_targets("http://x/ours", "k")] == [True]
    assert [each.is_ours for each in await api.webhook_targets("http://x/ours", "other")] == [False]
    await api.close()


async def test_our_webhook_is_set(server: Recorded) -> None:
    api = api_at(server.url)
    await api.set_webhook_target("http://x/ours", "k", "sales", messages=False)
    told = json.loads(server.requests[-1].body)["webhook"]
    assert told == {
        "enabled": True,
        "url": "http://x/ours",
        "headers": {"x-api-key": "k"},
        "byEvents": False,
        "base64": False,
        "events": ["CONNECTION_UPDATE", "QRCODE_UPDATED", "STATUS_INSTANCE"],
    }
    await api.set_webhook_target("http://x/ours", "k", "sales")
    told = json.loads(server.requests[-1].body)["webhook"]
    assert told["events"][3:] == ["MESSAGES_UPSERT", "MESSAGES_UPDATE", "SEND_MESSAGE"]
    with pytest.raises(Unsupported):
        await api.set_webhook_target("http://x/ours", "k", None)
    await api.close()


async def test_without_a_network() -> None:
    async with recorded("evolution-nonet") as server:
        server.stands_for, server.at = lambda path: path.partition("?")[0], 36
        api = api_at(server.url)
        found = await api.status("sales")
        assert (found.status, found.reason) == (Status.DISCONNECTED, None)
        assert await api.init("sales", None) == Started(Status.INITIALIZING)
        server.at = 46
        found = await api.status("sales")
        assert (found.status, found.qr) == (Status.INITIALIZING, None)
        assert await api.restart("sales") == Started(Status.INITIALIZING)
        assert await api.webhook_targets("http://x/ours", "k") == []
        with pytest.raises(Refused) as caught:
            await api.send_text("sales", "15550009999", "hi")
        assert (caught.value.cause, caught.value.outcome_known) == (RefusalCause.CLOSED, False)
        assert caught.value.reason is Reason.OTHER
        with pytest.raises(Refused) as caught:
            await api.send_text("nope", "15550009999", "hi")
        assert caught.value.cause is RefusalCause.NOT_FOUND
        with pytest.raises(Refused) as caught:
            await api.logout("sales")
        assert caught.value.cause is RefusalCause.NOT_CONNECTED
        server.instead["GET", CONNECT] = server.instead["GET", "/instance/connect/nope"] = (
            404,
            {"response": {"message": []}},
        )
        with pytest.raises(Refused) as caught:
            await api.init("sales", None)
        assert caught.value.cause is RefusalCause.ALREADY_EXISTS
        await api.close()


async def test_a_key_that_is_wrong() -> None:
    async with recorded("evolution-nonet") as server:
        api = api_at(server.url, "wrong")
        with pytest.raises(Unauthorised):
            await api.list()
        assert server.requests[0].headers["apikey"] == "wrong"
        await api.close()


async def test_health_is_its_version() -> None:
    async with stub() as it:
        welcome = {
            "status": 200,
            "message": "Welcome to the Evolution API, it is working!",
            "version": "2.3.7",
        }
        it.answers["/"] = answer(welcome)
        api = api_at(it.url)
        health = await api.health()
        assert (health.uptime_ms, health.timestamp_ms, api.version) == (None, None, "2.3.7")
        assert "apikey" not in it.requests[0].headers
        assert await recognise(Place("x", it.url))
        it.answers["/"] = answer({"success": True})
        assert not await recognise(Place("x", it.url))
        with pytest.raises(Garbled):
            await api.health()
        it.answers["/"] = http(b"<html><title>Welcome</title>", 200, "Content-Type: text/html")
        assert not await recognise(Place("x", it.url))
        await api.close()


async def test_a_name_is_any_text() -> None:
    async with stub() as it:
        name = "Böse & Söhne/2?#%"
        quoted = "B%C3%B6se%20%26%20S%C3%B6hne%2F2%3F%23%25"
        it.answers[f"/instance/connectionState/{quoted}"] = answer(
            {"instance": {"instanceName": name, "state": "open"}}
        )
        it.answers[ROWS] = answer(
            [{"name": name, "connectionStatus": "open", "ownerJid": f"{NUMBER}:12@s.whatsapp.net"}]
        )
        api = api_at(it.url)
        assert await api.list() == [Listed(name, Status.CONNECTED, NUMBER)]
        assert (await api.status(name)).phone_number == NUMBER
        await api.close()


async def test_rows_that_are_none_cost_themselves() -> None:
    async with stub() as it:
        rows = [
            {"name": 7, "connectionStatus": "open"},
            {"connectionStatus": "open"},
            None,
            {"name": "b", "disconnectionReasonCode": "401"},
        ]
        it.answers[ROWS] = answer(rows)
        api = api_at(it.url)
        assert await api.list() == [Listed("7", Status.CONNECTED), Listed("b", None)]
        assert api.unreadable_rows == 2
        await api.close()


async def test_a_number_that_nobody_has_is_the_recipients_fault() -> None:
    async with stub() as it:
        said = {
            "status": 400,
            "error": "Bad Request",
            "response": {"message": [{"jid": "1@s.whatsapp.net", "exists": False}]},
        }
        it.answers["/message/sendMedia/sales"] = answer(said, 400)
        api = api_at(it.url)
        with pytest.raises(Refused) as caught:
            await api.send_media("sales", "15550009999", "http://x/a/b%20c.png?d=e", "see", "image")
        assert (caught.value.cause, caught.value.outcome_known) == (RefusalCause.WRONG_RECIPIENT, True)
        assert json.loads(it.requests[-1].body) == {
            "number": "15550009999",
            "mediatype": "image",
            "media": "http://x/a/b%20c.png?d=e",
            "caption": "see",
            "fileName": "b c.png",
        }
        await api.close()


async def test_a_proxy_in_between_is_no_refusal() -> None:
    async with stub() as it:
        api = api_at(it.url)
        for status in (401, 403, 404, 500, 502, 503):
            it.answers[STATE] = http(b"<html><title>nginx</title>", status, "Content-Type: text/html")
            with pytest.raises(Exception) as caught:
                await api.status("sales")
            assert not isinstance(caught.value, Refused | Unauthorised)
        it.answers[STATE] = answer(
            {"status": 404, "error": "Not Found", "response": {"message": ["Cannot GET /x"]}}, 404
        )
        with pytest.raises(Refused) as refused:
            await api.status("sales")
        assert refused.value.cause is RefusalCause.OTHER
        it.answers[STATE] = answer({"instance": {"state": "dreaming"}})
        with pytest.raises(Garbled, match="unknown state 'dreaming'"):
            await api.status("sales")
        await api.close()


def test_what_brings_one_back() -> None:
    api = EvolutionApi(Place("evo", "http://127.0.0.1:9"))
    assert api.recipe(Status.CONNECTED, None, gone=False) == (Step.RESTART,)
    assert api.recipe(Status.INITIALIZING, None, gone=False) == (Step.RESTART,)
    assert api.recipe(Status.DISCONNECTED, Reason.LOGOUT, gone=False) == (Step.START,)
    assert api.recipe(Status.CONNECTED, None, gone=True) == (Step.START,)
    assert not CAPABILITIES & {Capability.STOP, Capability.UPTIME, Capability.LIST_PRESENCE}


FORMAT = EvolutionWebhooks()


def reports(name: str) -> list[Report]:
    return [report for body in bodies(name) for report in FORMAT.read(body).reports]


def test_webhooks_are_hints_and_say_what_became_of_it() -> None:
    said = reports("evolution")
    assert {report.session_id for report in said} == {"sales"}
    assert {report.timestamp for report in said} == {None}
    told = [(report.status, report.reason) for report in said]
    pairing, opened = (Status.INITIALIZING, None), (Status.CONNECTED, None)
    code, logout = (Status.QR_PENDING, None), (Status.DISCONNECTED, Reason.LOGOUT)
    expired = (Status.DISCONNECTED, Reason.QR_EXPIRED)
    once = [key for key, _ in itertools.groupby(told)]
    assert once[:5] == [pairing, code, pairing, opened, pairing]
    assert [each for each in once if each not in (pairing, opened)] == [
        code,
        logout,
        code,
        expired,
        logout,
        (Status.DISCONNECTED, Reason.BANNED),
        logout,
    ]
    assert {report.phone_number for report in said if report.status is Status.CONNECTED} == {NUMBER}
    assert all(report.qr for report in said if report.status is Status.QR_PENDING)


def test_a_storm_of_connecting_is_the_same_thing_each_time() -> None:
    assert set(reports("evolution-nonet")) == {Report("sales", Status.INITIALIZING)}


def test_nothing_of_a_body_is_kept_beside_its_state() -> None:
    for body in bodies("evolution"):
        kept = repr(FORMAT.read(body))
        assert "instance-token" not in kept
        assert "15550009999" not in kept
        assert "3EB0F53FDE0ABA1529D9BD" not in repr(FORMAT.read(body).reports)
    [sent] = [reading for body in bodies("evolution") if not (reading := FORMAT.read(body)).reports]
    assert sent.ignored == "send.message"
    assert sent.ignored in FORMAT.events


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"event":"connection.update"}', b"<html>"])
def test_what_is_none_of_its_webhooks(body: bytes) -> None:
    with pytest.raises(Unreadable):
        FORMAT.read(body)


def test_any_damage_costs_no_more_than_the_webhook() -> None:
    rng = random.Random(7)
    for body in bodies("evolution"):
        told = json.loads(body)
        for field in [*told, *told["data"]]:
            odd: object = rng.choice([None, 7, [], {}, True, "x" * 5])
            for damaged in (told | {field: odd}, told | {"data": told["data"] | {field: odd}}):
                try:
                    FORMAT.read(json.dumps(damaged).encode())
                except Unreadable:
                    continue


def test_a_restart_after_pairing_is_no_loss() -> None:
    body = {"event": "connection.update", "instance": "a", "data": {"state": "close", "statusReason": 515}}
    assert FORMAT.read(json.dumps(body).encode()).reports == (Report("a", Status.INITIALIZING),)


def test_events_of_one_address_each_are_spelt_as_in_the_settings() -> None:
    body = {
        "event": "CONNECTION_UPDATE",
        "instance": "a",
        "data": {"state": "open", "wuid": "1:2@s.whatsapp.net"},
    }
    assert FORMAT.read(json.dumps(body).encode()).reports[0].status is Status.CONNECTED


def test_who_may_post() -> None:
    def posted(headers: dict[str, str], secret: str | None = None) -> Posted:
        return Posted(headers, secret, at=0)

    assert FORMAT.is_authentic("k", posted({"x-api-key": "k"}))
    assert FORMAT.is_authentic("k", posted({}, "k"))
    for wrong in (posted({}), posted({"x-api-key": "other"}), posted({}, "other"), posted({"apikey": "k"})):
        assert FORMAT.is_authentic("k", wrong) is False
