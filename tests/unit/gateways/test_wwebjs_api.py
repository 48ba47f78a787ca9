"""wwebjs-api's adapter against what a real server answered and posted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from wa_tui.gateways import (
    Garbled,
    InvalidRequest,
    Listed,
    NoAnswer,
    Place,
    Posted,
    RefusalCause,
    Refused,
    Report,
    Started,
    Step,
    Unauthorised,
    Unsupported,
)
from wa_tui.gateways.deadlines import Deadlines
from wa_tui.gateways.reading.loose import Unreadable
from wa_tui.gateways.wwebjs_api.client import ADAPTER, CAPABILITIES, WwebjsApi, recognise
from wa_tui.gateways.wwebjs_api.webhooks import FORMAT
from wa_tui.model.registers import Proof, Reason, Status

from .recorded import Recorded, bodies, recorded
from .stub import answer, half, http, stub

SCANNED, STOPPED, DEAD, AFTER_KILL = 10.6, 13.9, 38.6, 60.3
"""Seconds into the recording."""

NOT_FOUND = (200, {"success": False, "state": None, "message": "session_not_found"})


@pytest.fixture
async def server() -> AsyncIterator[Recorded]:
    async with recorded("wwebjs-api") as it:
        yield it


@pytest.fixture
async def gateway(server: Recorded) -> AsyncIterator[WwebjsApi]:
    it = WwebjsApi(Place("ww", server.url, "labkey"))
    yield it
    await it.close()


async def test_health_wants_no_key_and_tells_no_uptime(server: Recorded, gateway: WwebjsApi) -> None:
    health = await gateway.health()
    assert (health.uptime_ms, health.timestamp_ms) == (None, None)
    assert "x-api-key" not in server.requests[0].headers
    assert await recognise(Place("ww", server.url))


@pytest.mark.parametrize("other", [{"message": "pong"}, {"success": True, "status": "healthy"}, []])
async def test_what_answers_otherwise_is_another_kind(server: Recorded, other: object) -> None:
    server.instead["GET", "/ping"] = 200, other
    assert not await recognise(Place("ww", server.url))


async def test_a_list_tells_who_is_there_and_nothing_more(server: Recorded, gateway: WwebjsApi) -> None:
    told = [(2.74, []), (STOPPED, [Listed("one")]), (AFTER_KILL, [Listed("one"), Listed("two")])]
    for moment, rows in told:
        server.at = moment
        assert await gateway.list() == rows
    assert server.requests[-1].headers["x-api-key"] == "labkey"


async def test_rows_that_are_no_names_are_counted(server: Recorded, gateway: WwebjsApi) -> None:
    server.instead["GET", "/session/getSessions"] = 200, {"success": True, "result": ["one", None, {"a": 1}]}
    assert await gateway.list() == [Listed("one")]
    assert gateway.unreadable_rows == 2
    server.instead["GET", "/session/getSessions"] = 200, {"success": True, "result": None}
    with pytest.raises(Garbled, match="no list"):
        await gateway.list()


async def test_connected_is_proven_by_the_clients_own_state(server: Recorded, gateway: WwebjsApi) -> None:
    server.at = SCANNED
    found = await gateway.status("two")
    assert (found.exists, found.status, found.ready, found.proof) == (
        True,
        Status.CONNECTED,
        True,
        Proof.CLIENT,
    )
    assert found.phone_number == "15550002222"
    # Its number is asked for once.
    assert server.asked() == ["GET /session/status/two", "GET /client/getClassInfo/two"]
    assert (await gateway.status("two")).phone_number == "15550002222"
    assert server.asked() == ["GET /session/status/two"]


async def test_a_number_that_cannot_be_told_costs_nothing(server: Recorded, gateway: WwebjsApi) -> None:
    server.at = SCANNED
    server.instead["GET", "/client/getClassInfo/two"] = 500, {"success": False, "error": "Evaluation failed"}
    found = await gateway.status("two")
    assert (found.status, found.ready, found.phone_number) == (Status.CONNECTED, True, None)


async def test_the_states_it_was_in(server: Recorded, gateway: WwebjsApi) -> None:
    server.at = 2.7
    assert not (await gateway.status("one")).exists
    server.at = 7.8
    waiting = await gateway.status("two")
    assert (waiting.status, waiting.reason, waiting.detail) == (Status.QR_PENDING, None, None)
    assert waiting.qr is not None
    assert waiting.qr.startswith("2@REEy")
    server.at = STOPPED
    assert (await gateway.status("two")).status is None
    server.at = DEAD
    dead = await gateway.status("two")
    assert (dead.status, dead.reason, dead.detail) == (
        Status.DISCONNECTED,
        Reason.BROWSER_DIED,
        "session closed",
    )


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [
        ("OPENING", Status.INITIALIZING, None),
        (None, Status.INITIALIZING, None),
        ("CONFLICT", Status.DISCONNECTED, Reason.CONFLICT),
        ("TOS_BLOCK", Status.DISCONNECTED, Reason.BANNED),
        ("TIMEOUT", Status.DISCONNECTED, Reason.OTHER),
    ],
)
async def test_other_states_of_whatsapp_web(
    server: Recorded, gateway: WwebjsApi, state: str | None, status: Status, reason: Reason | None
) -> None:
    told = {"success": False, "state": state, "message": "session_not_connected"}
    server.instead["GET", "/session/status/two"] = 200, told
    found = await gateway.status("two")
    assert (found.exists, found.status, found.reason, found.ready) == (True, status, reason, False)


async def test_what_the_library_says_in_place_of_a_state(server: Recorded, gateway: WwebjsApi) -> None:
    broken = {
        "success": False,
        "state": None,
        "message": "Protocol error (Runtime.callFunctionOn): Target closed",
    }
    server.instead["GET", "/session/status/two"] = 200, broken
    assert (await gateway.status("two")).reason is Reason.BROWSER_DIED
    server.instead["GET", "/session/status/two"] = 200, broken | {"message": "r: Minified invariant #36"}
    with pytest.raises(Refused, match="Minified"):
        await gateway.status("two")


async def test_a_state_that_nobody_knows_is_none(server: Recorded, gateway: WwebjsApi) -> None:
    server.instead["GET", "/session/status/two"] = (
        200,
        {"success": False, "state": "DREAMING", "message": "x"},
    )
    with pytest.raises(Garbled, match="DREAMING"):
        await gateway.status("two")


async def test_a_client_that_shows_no_code_yet_is_starting(server: Recorded, gateway: WwebjsApi) -> None:
    server.at = 7.8
    server.instead["GET", "/session/qr/two"] = (
        200,
        {"success": False, "message": "qr code not ready or already scanned"},
    )
    starting = await gateway.status("two")
    assert (starting.status, starting.reason, starting.detail) == (Status.INITIALIZING, None, None)
    idle = {"success": False, "state": "UNPAIRED_IDLE", "message": "session_not_connected"}
    server.instead["GET", "/session/status/two"] = 200, idle
    given_up = await gateway.status("two")
    assert (given_up.status, given_up.reason) == (Status.QR_PENDING, Reason.QR_EXPIRED)


async def test_a_code_is_none_once_it_was_seen_for_its_life(server: Recorded) -> None:
    now = 100.0
    gateway = WwebjsApi(Place("ww", server.url, "labkey"), clock=lambda: now)
    server.at = 1453.4
    first = (await gateway.status("three")).qr
    assert first is not None
    now += 59
    assert (await gateway.status("three")).qr == first
    now += 1
    stale = await gateway.status("three")
    assert (stale.status, stale.qr, stale.reason) == (Status.QR_PENDING, None, Reason.QR_EXPIRED)
    server.instead["GET", "/session/qr/three"] = 200, {"success": True, "qr": "2@next"}
    assert (await gateway.status("three")).qr == "2@next"
    await gateway.close()


async def test_what_is_changed(server: Recorded, gateway: WwebjsApi) -> None:
    server.at = 5.0
    assert await gateway.init("two", None) == Started(Status.INITIALIZING)
    assert await gateway.restart("two") == Started(Status.INITIALIZING)
    assert await gateway.disconnect("two")
    assert await gateway.logout("two")
    with pytest.raises(Refused, match="session_not_found") as unknown:
        await gateway.delete("zzz")
    assert (unknown.value.cause, unknown.value.outcome_known) == (RefusalCause.NOT_FOUND, True)
    assert server.asked() == [
        "GET /session/start/two",
        "GET /session/restart/two",
        "GET /session/stop/two",
        "GET /session/terminate/two",
        "GET /session/terminate/zzz",
    ]


async def test_one_that_is_being_started_is_not_unknown() -> None:
    async with stub() as it:
        gateway = WwebjsApi(Place("ww", it.url, "k"))
        it.answers["/session/status/two"] = answer(NOT_FOUND[1])
        starting = asyncio.create_task(gateway.init("two", None))
        await it.seen(1)
        assert (await gateway.status("two")).status is Status.INITIALIZING
        with pytest.raises(Refused) as twice:
            await gateway.init("two", None)
        assert (twice.value.cause, twice.value.outcome_known) == (RefusalCause.ALREADY_EXISTS, True)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert not (await gateway.status("two")).exists
        await gateway.close()


async def test_what_it_refuses(server: Recorded, gateway: WwebjsApi) -> None:
    server.at = 7.0
    with pytest.raises(Refused) as again:
        await gateway.init("two", None)
    assert (again.value.cause, again.value.outcome_known) == (RefusalCause.ALREADY_EXISTS, True)
    with pytest.raises(Refused, match="ENOTEMPTY") as orphaned:
        await gateway.logout("one")
    assert (orphaned.value.cause, orphaned.value.outcome_known) == (RefusalCause.OTHER, False)
    server.instead["GET", "/session/restart/two"] = NOT_FOUND
    with pytest.raises(Refused) as unknown:
        await gateway.restart("two")
    assert unknown.value.cause is RefusalCause.NOT_FOUND
    server.instead["GET", "/session/getSessions"] = 403, {"success": False, "error": "Invalid API key"}
    with pytest.raises(Unauthorised, match="Invalid API key"):
        await gateway.list()


async def test_an_id_that_it_does_not_take_is_not_asked_about(server: Recorded, gateway: WwebjsApi) -> None:
    for bad in ("bad.id", "user_1", "a b", "../ping"):
        with pytest.raises(InvalidRequest, match="letters, digits and hyphens"):
            await gateway.init(bad, None)
    assert server.asked() == []


async def test_messages(server: Recorded, gateway: WwebjsApi) -> None:
    sent = await gateway.send_text("two", "15550009999", "hi")
    assert sent.message_id == "true_15550009999@c.us_3EB0C4A314945B797856EE"
    assert json.loads(server.requests[-1].body) == {
        "chatId": "15550009999@c.us",
        "contentType": "string",
        "content": "hi",
    }
    await gateway.send_media("two", "123@g.us", "http://x/a.png", "a", "image")
    assert json.loads(server.requests[-1].body) == {
        "chatId": "123@g.us",
        "contentType": "MessageMediaFromURL",
        "content": "http://x/a.png",
        "options": {"caption": "a"},
    }
    with pytest.raises(Refused) as unknown:
        await gateway.send_text("nope", "15550009999", "hi")
    assert (unknown.value.cause, unknown.value.outcome_known) == (RefusalCause.NOT_FOUND, True)
    server.instead["POST", "/client/sendMessage/two"] = 404, {"success": False, "error": "session closed"}
    with pytest.raises(Refused) as dead:
        await gateway.send_text("two", "15550009999", "hi")
    assert (dead.value.cause, dead.value.says_gone, dead.value.outcome_known) == (
        RefusalCause.CLOSED,
        True,
        True,
    )
    server.instead["POST", "/client/sendMessage/two"] = 500, {"success": False, "error": "Target closed"}
    with pytest.raises(Refused) as broken:
        await gateway.send_text("two", "15550009999", "hi")
    assert not broken.value.outcome_known


async def test_a_pairing_code(server: Recorded, gateway: WwebjsApi) -> None:
    assert await gateway.pairing_code("one", "15550002222") == "ABCD1234"
    assert json.loads(server.requests[-1].body) == {"phoneNumber": "15550002222"}


async def test_where_it_posts_is_said_in_its_environment(gateway: WwebjsApi) -> None:
    ours = "https://wa.example/api/v1/gateways/ww/webhook"
    with pytest.raises(Unsupported):
        await gateway.webhook_targets(ours, "k")
    assert ADAPTER.webhook_advice is not None
    assert f"BASE_WEBHOOK_URL={ours}\n" in ADAPTER.webhook_advice(ours, "k", True)


def test_what_brings_a_session_back() -> None:
    gateway = WwebjsApi(Place("ww", "http://127.0.0.1:9"))
    assert gateway.recipe(Status.DISCONNECTED, Reason.BROWSER_DIED, gone=False) == (Step.RESTART,)
    assert gateway.recipe(Status.DISCONNECTED, None, gone=True) == (Step.START,)
    assert gateway.capabilities == CAPABILITIES


async def test_a_change_is_never_repeated_although_it_is_a_get() -> None:
    async with stub() as it:
        gateway = WwebjsApi(Place("ww", it.url, "k"), deadlines=Deadlines(disconnect=0.3))
        it.answers["/session/getSessions"] = answer({"success": True, "result": []})
        for _ in range(2):
            await gateway.list()
        assert (
            it.connections == 1
        )  # A question may take a connection that was kept alive, a change never does.
        it.answers["/session/stop/two"] = half
        with pytest.raises(NoAnswer) as lost:
            await gateway.disconnect("two")
        assert not lost.value.outcome_known
        with pytest.raises(NoAnswer) as hanging:
            await gateway.logout("two")
        assert not hanging.value.outcome_known
        assert [each.path for each in it.requests[2:]] == ["/session/stop/two", "/session/terminate/two"]
        assert {each.connection for each in it.requests[2:]} == {2, 3}
        it.answers["/session/status/two"] = http(b"<html>nothing here</html>", 404, "Content-Type: text/html")
        with pytest.raises(Garbled):
            await gateway.status("two")
        await gateway.close()


def test_a_webhook_carries_the_servers_own_key() -> None:
    assert FORMAT.is_authentic("labkey", Posted({"x-api-key": "labkey"}, None, 0))
    assert FORMAT.is_authentic("labkey", Posted({}, "labkey", 0))
    assert not FORMAT.is_authentic("labkey", Posted({"x-api-key": "other"}, None, 0))
    assert not FORMAT.is_authentic("labkey", Posted({}, None, 0))


def read(event: str, data: object = None, session_id: object = "two") -> tuple[Report, ...]:
    body = {"dataType": event, "sessionId": session_id} | ({} if data is None else {"data": data})
    return FORMAT.read(json.dumps(body).encode()).reports


def test_what_webhooks_say() -> None:
    assert read("qr", {"qr": "2@a,b"}) == (Report("two", Status.QR_PENDING, qr="2@a,b"),)
    assert read("authenticated") == (Report("two", Status.AUTHENTICATED),)
    assert read("ready") == (Report("two", Status.CONNECTED),)
    assert read("change_state", {"state": "OPENING"}) == (Report("two", Status.INITIALIZING),)
    [lost] = read("disconnected", {"reason": "LOGOUT"})
    assert (lost.status, lost.reason, lost.detail) == (Status.DISCONNECTED, Reason.LOGOUT, "LOGOUT")
    assert read("change_state", {"state": "UNPAIRED"}) == (Report("two", Status.DISCONNECTED),)
    [taken] = read("change_state", {"state": "CONFLICT"})
    assert (taken.status, taken.reason) == (Status.DISCONNECTED, Reason.CONFLICT)
    [failed] = read("status", {"msg": "auth failure"})
    assert (failed.status, failed.detail) == (Status.AUTH_FAILED, "auth failure")


def test_what_webhooks_do_not_say() -> None:
    assert FORMAT.read(
        b'{"dataType":"message_create","data":{"message":{"body":"x"}},"sessionId":"a"}'
    ).ignored == ("message_create")
    assert read("ready", session_id=None) == ()
    assert read("change_state", {"state": ["x"]}) == ()
    assert read("qr", "no object") == (Report("two", Status.QR_PENDING),)
    for bad in (b"[]", b"{}", b"<html>", b'{"dataType":7.5}', b'{"dataType":{}}'):
        with pytest.raises(Unreadable):
            FORMAT.read(bad)


def test_every_webhook_that_was_recorded_is_read_or_counted() -> None:
    readings = [FORMAT.read(body) for body in bodies("wwebjs-api")]
    assert {each.ignored for each in readings if not each.reports} <= FORMAT.events
    reports = [report for each in readings for report in each.reports]
    assert {report.timestamp for report in reports} == {None}
    said = [report.status for report in reports if report.session_id == "two"]
    assert said[0] is Status.QR_PENDING
    assert said[-1] is Status.DISCONNECTED
