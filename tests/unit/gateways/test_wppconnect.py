"""WPPConnect's adapter against what a real server answered and posted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from wa_tui.gateways import (
    Garbled,
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
    Unreachable,
    Unsupported,
)
from wa_tui.gateways.deadlines import Deadlines
from wa_tui.gateways.reading.loose import Unreadable
from wa_tui.gateways.wppconnect.client import ADAPTER, STARTING, WppConnect, recognise
from wa_tui.gateways.wppconnect.webhooks import FORMAT
from wa_tui.model.registers import Proof, Reason, Status

from .recorded import Recorded, bodies, recorded
from .stub import answer, stub

UNKNOWN, SHOWN, SCANNED, CLOSED, KILLED, LOGGED_OUT = 79.63, 86.3, 93.5, 94.2, 101.6, 1036.0
"""Seconds into the recording."""


@pytest.fixture
async def server() -> AsyncIterator[Recorded]:
    async with recorded("wppconnect") as it:
        yield it


@pytest.fixture
async def gateway(server: Recorded) -> AsyncIterator[WppConnect]:
    it = WppConnect(Place("wpp", server.url, "labsecret"))
    yield it
    await it.close()


async def test_health_wants_no_key_and_tells_since_when_it_runs(
    server: Recorded, gateway: WppConnect
) -> None:
    health = await gateway.health()
    assert (health.uptime_ms, health.timestamp_ms) == (11_917, 1_796_025_704_960)
    assert "authorization" not in server.requests[0].headers
    assert await recognise(Place("wpp", server.url))
    server.instead["GET", "/healthz"] = 200, {"message": "OK"}
    assert not await recognise(Place("wpp", server.url))


async def test_a_list_tells_who_ever_was_there(server: Recorded, gateway: WppConnect) -> None:
    assert await gateway.list() == []
    server.at = CLOSED
    assert await gateway.list() == [Listed("sales")]
    assert server.asked() == ["GET /api/labsecret/show-all-sessions"] * 2


async def test_a_session_has_a_token_of_its_own_which_is_made_once(
    server: Recorded, gateway: WppConnect
) -> None:
    server.at = SCANNED
    for _ in range(2):
        await gateway.status("sales")
    assert [each for each in server.asked() if "token" in each] == [
        "POST /api/sales/labsecret/generate-token"
    ]
    assert gateway.version == "2.10.4"


async def test_a_token_that_is_taken_no_more_is_made_anew(server: Recorded, gateway: WppConnect) -> None:
    server.at = SCANNED
    await gateway.status("sales")
    server.asked()
    server.instead["GET", "/api/sales/status-session"] = (
        401,
        {"error": "Check that the Session and Token are correct"},
    )
    with pytest.raises(Unauthorised):
        await gateway.status("sales")
    assert server.asked() == [
        "GET /api/sales/status-session",
        "POST /api/sales/labsecret/generate-token",
        "GET /api/sales/status-session",
    ]


async def test_the_secret_is_never_shown(server: Recorded) -> None:
    gateway = WppConnect(Place("wpp", server.url, "wrong"))
    with pytest.raises(Unauthorised) as caught:
        await gateway.status("sales")
    assert "secret is not accepted" in str(caught.value)
    assert "wrong" not in str(caught.value) + repr(caught.value.call)
    server.instead["GET", "/api/wrong/show-all-sessions"] = 200, {"response": "none"}
    with pytest.raises(Garbled) as garbled:
        await gateway.list()
    assert "/api/…/show-all-sessions" in str(garbled.value)
    server.instead["GET", "/api/wrong/show-all-sessions"] = (
        500,
        {"message": "no /api/wrong/show-all-sessions"},
    )
    with pytest.raises(Refused) as refused:
        await gateway.list()
    assert "no /api/…/show-all-sessions" in str(refused.value)
    await gateway.close()
    nobody = WppConnect(Place("wpp", "http://127.0.0.1:9", "a/b secret"))
    with pytest.raises(Unreachable) as unreachable:
        await nobody.list()
    assert "secret" not in str(unreachable.value)
    await nobody.close()


async def test_connected_is_a_claim_that_its_page_proves(server: Recorded, gateway: WppConnect) -> None:
    server.at = SCANNED
    found = await gateway.status("sales")
    assert (found.status, found.ready, found.proof) == (Status.CONNECTED, True, Proof.CLIENT)
    assert (found.phone_number, found.qr) == ("15550003333", None)  # It tells the old code beside it.
    server.asked()
    await gateway.status("sales")
    assert server.asked() == ["GET /api/sales/status-session", "GET /api/sales/check-connection-session"]


async def test_a_claim_that_its_page_denies_is_a_dead_browser(server: Recorded, gateway: WppConnect) -> None:
    server.at = KILLED
    found = await gateway.status("sales")
    assert (found.exists, found.status, found.reason) == (True, Status.DISCONNECTED, Reason.BROWSER_DIED)
    assert gateway.recipe(Status.DISCONNECTED, found.reason, gone=False) == (Step.STOP, Step.START)
    assert await gateway.disconnect("sales")
    with pytest.raises(Refused) as caught:
        await gateway.send_text("sales", "15550009999", "hi")
    assert (caught.value.cause, caught.value.says_gone, caught.value.outcome_known) == (
        RefusalCause.NOT_CONNECTED,
        True,
        True,
    )


async def test_the_states_it_was_in(server: Recorded, gateway: WppConnect) -> None:
    server.at = UNKNOWN
    closed = await gateway.status("sales")
    assert (closed.exists, closed.status, closed.reason) == (True, Status.DISCONNECTED, None)
    server.at = 80.9
    assert (await gateway.status("sales")).status is Status.INITIALIZING
    server.at = SHOWN  # A code beside CLOSED: it was not told to wait for one.
    waiting = await gateway.status("sales")
    assert (waiting.status, waiting.qr) == (Status.QR_PENDING, "2@fake1,noise,identity,adv")
    server.at = 1025.2
    assert (await gateway.status("two")).qr == "2@fake1,noise,identity,adv"
    server.at = LOGGED_OUT
    assert (await gateway.status("two")).status is Status.DISCONNECTED


async def test_a_word_that_nobody_knows_is_none(server: Recorded, gateway: WppConnect) -> None:
    server.instead["GET", "/api/sales/status-session"] = 200, {"status": "DREAMING", "session": "sales"}
    with pytest.raises(Garbled, match="DREAMING"):
        await gateway.status("sales")


async def test_a_code_is_none_once_it_was_seen_for_its_life(server: Recorded) -> None:
    now = 100.0
    gateway = WppConnect(Place("wpp", server.url, "labsecret"), clock=lambda: now)
    server.at = SHOWN
    assert (await gateway.status("sales")).qr
    now += 61
    stale = await gateway.status("sales")
    assert (stale.status, stale.qr, stale.reason) == (Status.QR_PENDING, None, Reason.QR_EXPIRED)
    await gateway.close()


async def test_a_start_answers_with_the_state_before_it_and_is_never_made_twice(server: Recorded) -> None:
    now = 100.0
    gateway = WppConnect(Place("wpp", server.url, "labsecret"), clock=lambda: now)
    server.at = UNKNOWN
    assert await gateway.init("sales", None) == Started(Status.INITIALIZING)
    assert json.loads(server.requests[-1].body) == {"waitQrCode": False}
    # It says CLOSED still.
    assert (await gateway.status("sales")).status is Status.INITIALIZING
    with pytest.raises(Refused) as caught:
        await gateway.init("sales", None)
    assert (caught.value.cause, caught.value.outcome_known) == (RefusalCause.ALREADY_EXISTS, True)
    now += STARTING
    assert (await gateway.status("sales")).status is Status.DISCONNECTED
    assert await gateway.disconnect("sales") is False
    for moment in (SHOWN, SCANNED, KILLED):
        server.at = moment
        with pytest.raises(Refused) as caught:
            await gateway.init("sales", None)
        assert caught.value.cause is RefusalCause.ALREADY_EXISTS
    assert [each for each in server.asked() if each.endswith("/start-session")] == [
        "POST /api/sales/start-session"
    ]
    await gateway.close()


async def test_a_start_that_came_to_nothing_may_be_made_again(server: Recorded, gateway: WppConnect) -> None:
    server.at = UNKNOWN
    server.instead["POST", "/api/sales/start-session"] = 400, {"message": "no"}
    for _ in range(2):
        with pytest.raises(Refused, match="no: session sales") as caught:
            await gateway.init("sales", None)
        assert caught.value.outcome_known
    assert (await gateway.status("sales")).status is Status.DISCONNECTED
    # Whether one that is lost came to anything nobody knows.
    server.instead["POST", "/api/sales/start-session"] = 500, {"message": "Error"}
    with pytest.raises(Refused) as lost:
        await gateway.init("sales", None)
    assert not lost.value.outcome_known
    with pytest.raises(Refused, match="it is being started"):
        await gateway.init("sales", None)


async def test_a_dead_browser_cannot_be_unlinked(server: Recorded, gateway: WppConnect) -> None:
    with pytest.raises(Refused) as caught:
        await gateway.logout("two")
    assert (caught.value.cause, caught.value.outcome_known) == (RefusalCause.NOT_CONNECTED, True)
    server.instead["POST", "/api/two/logout-session"] = (
        200,
        {"status": True, "message": "Session successfully closed"},
    )
    assert await gateway.logout("two")
    with pytest.raises(Unsupported):
        await gateway.restart("two")


async def test_messages(server: Recorded, gateway: WppConnect) -> None:
    server.at = 93.8
    sent = await gateway.send_text("sales", "15550009999", "hi")
    assert (sent.message_id, sent.timestamp) == ("true_15550009999@c.us_3EB0BE44A281AA", 1_796_024_742)
    assert json.loads(server.requests[-1].body) == {"phone": "15550009999", "isGroup": False, "message": "hi"}
    await gateway.send_text("sales", "123-456@g.us", "hi")
    assert json.loads(server.requests[-1].body) == {"phone": "123-456", "isGroup": True, "message": "hi"}
    await gateway.send_text("sales", "77@lid", "hi")
    assert json.loads(server.requests[-1].body) == {
        "phone": "77",
        "isGroup": False,
        "isLid": True,
        "message": "hi",
    }
    server.instead["POST", "/api/sales/send-file"] = (
        201,
        {"status": "success", "response": [{"id": "true_1"}]},
    )
    sent = await gateway.send_media("sales", "15550009999", "http://x/a%20b.png?k=1", "a", "image")
    assert sent.message_id == "true_1"
    assert json.loads(server.requests[-1].body) == {
        "phone": "15550009999",
        "isGroup": False,
        "path": "http://x/a%20b.png?k=1",
        "filename": "a b.png",
        "caption": "a",
    }
    server.instead["POST", "/api/sales/send-message"] = 500, {"status": "error", "message": "Erro"}
    with pytest.raises(Refused) as caught:
        await gateway.send_text("sales", "15550009999", "hi")
    assert not caught.value.outcome_known


async def test_a_send_that_hangs_is_not_repeated() -> None:
    async with stub() as it:
        it.answers["/api/sales/k/generate-token"] = answer({"status": "success", "token": "t"}, 201)
        gateway = WppConnect(Place("wpp", it.url, "k"), deadlines=Deadlines(send=0.2))
        with pytest.raises(NoAnswer) as caught:
            await gateway.send_text("sales", "15550009999", "hi")
        assert not caught.value.outcome_known
        assert [each.path for each in it.requests] == [
            "/api/sales/k/generate-token",
            "/api/sales/send-message",
        ]
        assert it.requests[-1].headers["authorization"] == "Bearer t"
        await gateway.close()


def test_a_webhook_shows_its_key_in_its_address_alone() -> None:
    assert FORMAT.is_authentic("k", Posted({}, "k", 0))
    assert not FORMAT.is_authentic("k", Posted({}, "other", 0))
    assert not FORMAT.is_authentic("k", Posted({"x-api-key": "k"}, None, 0))
    assert ADAPTER.webhook_advice is not None
    for messages in (True, False):
        advice = ADAPTER.webhook_advice("https://wa.example/hook", "k", messages)
        assert '"url": "https://wa.example/hook/k"' in advice
        assert ('"listenAcks": true, "onSelfMessage": true' in advice) is messages


def read(event: str, **fields: object) -> tuple[Report, ...]:
    return FORMAT.read(json.dumps({"event": event, "session": "sales"} | fields).encode()).reports


@pytest.mark.parametrize(
    ("word", "status", "reason"),
    [
        ("notLogged", Status.QR_PENDING, None),
        ("qrReadSuccess", Status.AUTHENTICATED, None),
        ("inChat", Status.CONNECTED, None),
        ("autocloseCalled", Status.DISCONNECTED, Reason.QR_EXPIRED),
        ("disconnectedMobile", Status.DISCONNECTED, Reason.LOGOUT),
        ("desconnectedMobile", Status.DISCONNECTED, Reason.LOGOUT),
        ("browserClose", Status.DISCONNECTED, None),
        ("serverClose", Status.DISCONNECTED, Reason.OTHER),
    ],
)
def test_what_webhooks_find(word: str, status: Status, reason: Reason | None) -> None:
    [report] = read("status-find", status=word)
    assert (report.session_id, report.status, report.reason, report.timestamp) == (
        "sales",
        status,
        reason,
        None,
    )


def test_what_webhooks_say() -> None:
    assert read("qrcode", qrcode="iVBOR", urlcode="2@a") == (Report("sales", Status.QR_PENDING, qr="2@a"),)
    assert read("qrcode", qrcode="iVBOR") == (
        Report("sales", Status.QR_PENDING, qr="data:image/png;base64,iVBOR"),
    )
    [out] = read("logoutsession", connected=False)
    assert (out.status, out.reason) == (Status.DISCONNECTED, Reason.LOGOUT)
    assert read("closesession", connected=False)[0].status is Status.DISCONNECTED


def test_what_webhooks_do_not_say() -> None:
    assert FORMAT.read(b'{"event":"status-find","status":"isLogged"}').ignored == "status-find"
    assert FORMAT.read(b'{"event":"onmessage","session":"sales","body":"private"}').ignored == "onmessage"
    assert read("status-find", status=["x"]) == ()
    assert read("status-find", status="dreaming") == ()
    for bad in (b"[]", b"{}", b"<html>", b'{"event":{}}'):
        with pytest.raises(Unreadable):
            FORMAT.read(bad)


def test_every_webhook_that_was_recorded_is_read_or_counted() -> None:
    readings = [FORMAT.read(body) for body in bodies("wppconnect")]
    assert {each.ignored for each in readings if not each.reports} == {"status-find"}
    assert {report.timestamp for each in readings for report in each.reports} == {None}
