"""The receiver over real sockets: contract §2, kind by kind and refusal by refusal."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.simulated import simulated

from .conftest import NewDaemon
from .running import KEY, WEBHOOK, Nowhere, RunningDaemon
from .waiting import raw_post, until, webhook

QR = "data:image/png;base64," + "A" * 6000
HEADERS = {"x-api-key": KEY}

KINDS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"status": "qr_pending", "userId": 1, "qrCode": QR}, "qr_pending", None),
    ({"status": "connected", "userId": 1, "phoneNumber": "15550001234"}, "connected", None),
    ({"status": "auth_failed", "userId": 1, "error": "Authentication failure"}, "auth_failed", "other"),
    ({"status": "disconnected", "userId": 1, "reason": "LOGOUT"}, "disconnected", "logout"),
    (
        {"status": "auth_failed", "reason": "Health check detected disconnection"},
        "auth_failed",
        "other",
    ),
    (
        {
            "status": "disconnected",
            "userId": 1,
            "error": "Failed to restore session on Node.js restart",
        },
        "disconnected",
        "restore_failed",
    ),
]


def success(session_id: str, status: str) -> dict[str, Any]:
    data = {
        "message": "Session status updated successfully",
        "session_id": session_id,
        "new_status": status,
    }
    return {"success": True, "message": "Success", "data": data}


def refused(answer: httpx.Response, status: int) -> str:
    """Check the envelope of an error and return its message."""
    body = answer.json()
    assert answer.status_code == status, body
    assert body == {
        "success": False,
        "message": body["message"],
        "errors": None,
        "error_code": None,
    }
    assert body["message"]
    return str(body["message"])


async def counted(daemon: RunningDaemon, gateway: str = "default") -> dict[str, int]:
    return (await daemon.gateway(gateway)).webhooks


async def test_every_kind_is_taken_in_with_and_without_slash_and_by_route(daemon: RunningDaemon) -> None:
    paths = [WEBHOOK, WEBHOOK.rstrip("/")]
    paths += [f"/api/v1/gateways/default/webhook{slash}" for slash in ("/", "")]
    for place, path in enumerate(paths):
        for number, (fields, status, reason) in enumerate(KINDS):
            name = f"bench_{place}-{number}"
            answer = await daemon.web.post(path, json=webhook(name, **fields), headers=HEADERS)
            assert (answer.status_code, answer.json()) == (200, success(name, status))
            view = await daemon.session(name)
            assert view is not None
            assert (view.gateway, view.status, view.reason) == ("default", status, reason)
            assert (view.qr is not None) is ("qrCode" in fields)
    assert (await counted(daemon))["applied"] == len(paths) * len(KINDS)
    code = await daemon.client.qr("default", "bench_0-0")
    assert code is not None and code.payload == QR


async def test_a_key_is_needed(daemon: RunningDaemon) -> None:
    body = webhook("a", "connected")
    for key in (None, b"", b"wrong", "schlüssel".encode()):
        headers = {} if key is None else {b"x-api-key": key}
        refused(await daemon.web.post(WEBHOOK, json=body, headers=headers), 403)
    refused(await daemon.web.post("/api/v1/gateways/default/webhook/", json=body), 403)
    # Nobody without a key learns which gateways there are, nor fills our memory with names.
    refused(await daemon.web.post("/api/v1/gateways/nobody/webhook/", json=body), 403)
    assert await daemon.client.sessions() == []
    # Counted under the gateway where the route names it, else under who sent it.
    assert await counted(daemon) == {"wrong_key": 1}
    found = (await daemon.client.status()).daemon.refused
    assert [(each.peer, each.kind, each.count) for each in found] == [("127.0.0.1", "wrong_key", 5)]


async def test_one_dated_far_ahead_is_taken_as_of_now_and_counted(daemon: RunningDaemon) -> None:
    now = datetime.now(UTC)
    for status, at in (("connected", now.replace(year=now.year + 10)), ("disconnected", now)):
        assert (await daemon.post_webhook("a", status, at=at + timedelta(seconds=1))).status_code == 200
    view = await daemon.session("a")
    assert view is not None and view.status == "disconnected"
    assert view.status_since is not None and view.status_since - now < timedelta(seconds=30)
    assert await counted(daemon) == {"applied": 2, "ahead": 1}


MALFORMED = [
    b"",
    b"not json",
    b'{"sessionId":"a","status":"conn',
    b"[]",
    b'"a"',
    b"null",
    b"{}",
    b'{"sessionId":"a"}',
    b'{"status":"connected"}',
    b'{"sessionId":null,"status":"connected"}',
    b'{"sessionId":7.5,"status":"connected"}',
    b'{"sessionId":["a"],"status":"connected"}',
    b'{"sessionId":"a","status":null}',
    b'{"sessionId":"a","status":7}',
    b'{"sessionId":"","status":"connected"}',
    b'{"sessionId":"%s","status":"connected"}' % (b"a" * 1001),
    b'{"sessionId":"a","status":"connected","more":' + b"[" * 100_000,
]


async def test_malformed(daemon: RunningDaemon) -> None:
    for number, body in enumerate(MALFORMED, start=1):
        refused(await daemon.web.post(WEBHOOK, content=body, headers=HEADERS), 400)
        assert await counted(daemon) == {"malformed": number}, body[:80]
    assert await daemon.client.sessions() == []
    assert "Traceback" not in daemon.log()


async def test_unknown_statuses_are_refused_by_name_and_counted(daemon: RunningDaemon) -> None:
    for status in ("banana", "not_found", "unknown", "connected!", ""):
        message = refused(await daemon.post_webhook("a", status), 422)
        assert repr(status) in message and "session a" in message
    assert await daemon.client.sessions() == []
    assert await counted(daemon) == {"unknown_status": 5}


async def test_method_route_and_size(daemon: RunningDaemon) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = await daemon.web.request(method, WEBHOOK, headers=HEADERS)
        refused(answer, 405)
        assert answer.headers["allow"] == "POST"
    refused(await daemon.post_webhook("a", "connected", path="/api/v1/gateways/nobody/webhook/"), 404)
    assert await counted(daemon) == {"unknown_route": 1, "wrong_method": 3}
    elsewhere = await daemon.post_webhook("a", "connected", key="control-key", path="/api/v1/nothing/")
    assert elsewhere.status_code == 404 and elsewhere.json()["success"] is False
    for size in (513, 900):
        answer = await daemon.post_webhook("a", "qr_pending", qrCode="A" * (size * 1024))
        refused(answer, 413)
    assert (await daemon.post_webhook("a", "qr_pending", qrCode="A" * (500 * 1024))).status_code == 200
    assert await counted(daemon) == {"unknown_route": 1, "wrong_method": 3, "too_large": 2, "applied": 1}


async def test_odd_but_honest_fields_are_taken_in_and_can_be_read_again(daemon: RunningDaemon) -> None:
    odd: list[dict[str, Any]] = [
        {"timestamp": None},
        {"timestamp": 0},
        {"timestamp": "1970-01-01T00:00:00.000Z"},
        {"timestamp": 1_795_398_127},
        {"timestamp": "2099-12-31T23:59:59"},
        {"timestamp": "9999-12-30T23:59:59Z"},
        {"userId": "a7", "extra": {"deep": [1, {"er": None}]}},
        {"userId": 10**30, "reason": None, "error": "\x1b[31m\x00 ✓"},
        {"sequence": 2**70, "bootId": "x"},
    ]
    for number, fields in enumerate(odd):
        body = webhook(f"odd-{number}", "disconnected") | fields
        answer = await daemon.web.post(WEBHOOK, json=body, headers=HEADERS)
        assert answer.status_code == 200, (fields, answer.text)
    await daemon.restart()
    assert len(await daemon.client.sessions()) == len(odd)
    assert len(await daemon.client.events(limit=1000)) >= len(odd)
    said = await daemon.wa_tui("sessions", "--json")
    assert len(json.loads(said.stdout)) == len(odd)


async def test_a_body_in_chunks_and_one_that_is_never_finished(daemon: RunningDaemon) -> None:
    body = json.dumps(webhook("chunked", "qr_pending", qrCode=QR)).encode()

    async def pieces() -> Any:
        for start in range(0, len(body), 700):
            yield body[start : start + 700]
            await asyncio.sleep(0.001)

    answer = await daemon.web.post(WEBHOOK, content=pieces(), headers=HEADERS)
    assert answer.json() == success("chunked", "qr_pending")

    for given in (len(body) // 2, len(body)):
        _, writer = await asyncio.open_connection("127.0.0.1", daemon.port)
        writer.write(raw_post(WEBHOOK, KEY, body[:given].replace(b"chunked", b"broken_"), len(body) + 1))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    await daemon.connected("after")
    assert {view.session_id for view in await daemon.client.sessions()} == {"chunked", "after"}
    assert await counted(daemon) == {"applied": 2}
    assert "Traceback" not in daemon.log()


async def test_a_sender_that_does_not_wait_for_its_answer(daemon: RunningDaemon) -> None:
    body = json.dumps(webhook("gone", "connected")).encode()
    _, writer = await asyncio.open_connection("127.0.0.1", daemon.port)
    writer.write(raw_post(WEBHOOK, KEY, body, len(body)))
    await writer.drain()
    writer.transport.abort()
    await daemon.session_until("gone", lambda view: view.status == "connected")
    assert "Traceback" not in daemon.log()


async def test_the_newest_timestamp_wins_and_repetitions_change_nothing(daemon: RunningDaemon) -> None:
    at = [datetime(2026, 11, 23, 1, 0, second, tzinfo=UTC) for second in range(3)]
    await daemon.post_webhook("a", "qr_pending", at=at[0])
    await daemon.post_webhook("a", "disconnected", at=at[2], reason="LOGOUT")
    for _ in range(3):
        assert (await daemon.post_webhook("a", "connected", at=at[1])).status_code == 200
    view = await daemon.session("a")
    assert view is not None and (view.status, view.reason) == ("disconnected", "logout")
    assert view.credentials == "needs_scan"
    assert await counted(daemon) == {"applied": 2, "stale": 1, "duplicate": 2}


async def test_keys_name_gateways(new_daemon: NewDaemon) -> None:
    eu, us = Nowhere("eu-1", "http://127.0.0.1:9", "key-eu"), Nowhere("us-1", "http://127.0.0.1:10", "key-us")
    daemon = await new_daemon().start(eu, us)
    assert (await daemon.post_webhook("a", "connected", key="key-eu")).status_code == 200
    assert (await daemon.post_webhook("a", "disconnected", key="key-us")).status_code == 200
    views = {view.gateway: view.status for view in await daemon.client.sessions()}
    assert views == {"eu-1": "connected", "us-1": "disconnected"}
    crossed = await daemon.post_webhook("a", "connected", key="key-eu", path="/api/v1/gateways/us-1/webhook/")
    refused(crossed, 403)
    assert await counted(daemon, "us-1") == {"applied": 1, "wrong_key": 1}


async def test_an_ambiguous_webhook_is_kept_not_adopted_and_the_candidates_are_listed(
    new_daemon: NewDaemon,
) -> None:
    daemon = new_daemon()
    async with simulated(name="eu-1") as eu, simulated(name="us-1") as us:
        await daemon.start(eu, us, WA_TUI_LIST_SYNC_INTERVAL="600")
        for sim in (eu, us):
            await daemon.gateway_until(lambda view: view.state == "up", sim.name)
            await sim.until_requested("/api/session/list")
        listed = [len(await sim.requests("/api/session/list")) for sim in (eu, us)]
        await us.add(sessions=[{"sessionId": "bench_1"}])
        assert (await daemon.post_webhook("bench_1", "connected", key=eu.api_key)).status_code == 200
        event = await daemon.event_until(lambda event: event.kind == "unattributed")
        assert event.gateway is None and event.session_id == "bench_1"
        assert "eu-1, us-1" in event.text
        for sim, before in zip((eu, us), listed, strict=True):
            await sim.until_requested("/api/session/list", before + 1)
            assert (await counted(daemon, sim.name))["unattributed"] == 1
        # The list, not the webhook, says whose it is; from then on its webhooks are attributed.
        view = await daemon.session_until("bench_1", lambda view: view.proven_at is not None)
        assert view.gateway == "us-1"
        assert (await daemon.post_webhook("bench_1", "disconnected", key=eu.api_key)).status_code == 200
        told = await counted(daemon, "us-1")
        # A check under way may have begun within its millisecond: then it is late, and theirs all the same.
        assert told.get("applied", 0) + told.get("late", 0) == told["unattributed"] == 1
        # A flood of them does not become a flood of lists.
        before = len(await eu.requests("/api/session/list"))
        await asyncio.gather(*(daemon.post_webhook(f"x-{n}", "connected", key=eu.api_key) for n in range(60)))
        assert len(await eu.requests("/api/session/list")) - before < 60
        assert {view.session_id for view in await daemon.client.sessions()} == {"bench_1"}
        # The route names the gateway where the key cannot.
        route = "/api/v1/gateways/eu-1/webhook/"
        await daemon.post_webhook("bench_1", "qr_pending", key=eu.api_key, path=route)
        assert (await until(lambda: daemon.session("bench_1", "eu-1"))).status == "qr_pending"


async def test_half_an_emoji_costs_that_character_alone(daemon: RunningDaemon) -> None:
    body = b'{"sessionId":"cut","status":"disconnected","timestamp":1795398088000,"reason":"bye \\ud83d"}'
    answer = await daemon.web.post(WEBHOOK, content=body, headers=HEADERS)
    assert answer.status_code == 200
    assert (
        await daemon.session_until("cut", lambda each: each.status == "disconnected")
    ).detail == "bye \ufffd"
