"""Each row of contract §1, over HTTP, against a process of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.simulated import NOWHERE, simulator

KEY = {"x-api-key": "k"}
CONNECTED = "user_1_instance_default-0"


@pytest.fixture(scope="module")
def gateway() -> Iterator[dict[str, str]]:
    arguments = f"--sessions 3 --api-key k --control-plane {NOWHERE} --max-sessions 30 --start-seconds 0.03"
    delays = "--poll-seconds 0.1 --qr-timeout-seconds 0.4 --destroy-seconds 0"
    with simulator(*arguments.split(), *delays.split()) as (_, gateways):
        yield gateways[0]


@pytest.fixture
async def api(gateway: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=gateway["url"], headers=KEY, trust_env=False, verify=False
    ) as client:
        yield client


async def _init(api: httpx.AsyncClient, session_id: str) -> httpx.Response:
    return await api.post("/api/session/init", json={"sessionId": session_id, "userId": 1})


async def _fault(api: httpx.AsyncClient, name: str, session_id: str, **params: Any) -> None:
    body = {"fault": name, "sessionId": session_id} | params
    (await api.post("/sim/fault", json=body)).raise_for_status()


async def _send(api: httpx.AsyncClient, session_id: str) -> httpx.Response:
    body = {"sessionId": session_id, "recipient": "15550009999", "message": "hello"}
    return await api.post("/api/message/send-text", json=body)


async def test_health_needs_no_key_and_its_uptime_grows(gateway: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=gateway["url"], trust_env=False, verify=False) as client:
        first, second = [(await client.get("/health")).json() for _ in range(2)]
    assert first["success"] is True
    assert first["status"] == "healthy"
    assert second["uptime"] > first["uptime"] > 0
    assert first["timestamp"].endswith("Z")
    assert abs(datetime.fromisoformat(first["timestamp"]).timestamp() - time.time()) < 5


@pytest.mark.parametrize(
    ("headers", "error"), [({}, "API key required"), ({"x-api-key": "x"}, "Invalid API key")]
)
async def test_without_the_key_nothing_but_health(
    gateway: dict[str, str], headers: dict[str, str], error: str
) -> None:
    async with httpx.AsyncClient(
        base_url=gateway["url"], headers=headers, trust_env=False, verify=False
    ) as client:
        response = await client.get("/api/session/list")
    assert (response.status_code, response.json()) == (401, {"success": False, "error": error})


async def test_init_answers_with_a_qr_after_at_least_one_poll(api: httpx.AsyncClient) -> None:
    began = time.monotonic()
    response = await _init(api, "new_1")
    assert time.monotonic() - began >= 0.1
    answer = response.json()
    assert response.status_code == 200
    assert answer.pop("qrCode").startswith("data:image/png;base64,iVBOR")
    assert answer == {"success": True, "sessionId": "new_1", "status": "qr_pending"}


async def test_init_with_stored_credentials_answers_connected(api: httpx.AsyncClient) -> None:
    session_id = "user_1_instance_default-1"
    await api.post("/api/session/disconnect", json={"sessionId": session_id})
    response = await _init(api, session_id)
    assert (response.status_code, response.json()) == (
        200,
        {"success": True, "sessionId": session_id, "status": "connected", "phoneNumber": "15550100001"},
    )


@pytest.mark.parametrize("fault", [None, "auth_failed", "drop", "logout"])
async def test_init_of_a_known_id_is_refused_whatever_became_of_it(
    api: httpx.AsyncClient, fault: str | None
) -> None:
    session_id = f"known_{fault}"
    await _init(api, session_id)
    if fault:
        await _fault(api, fault, session_id)
    response = await _init(api, session_id)
    assert (response.status_code, response.json()) == (
        400,
        {"success": False, "message": "Client already exists"},
    )


async def test_init_without_a_qr_times_out_and_leaves_an_initializing_client(api: httpx.AsyncClient) -> None:
    await api.post("/sim/sessions", json={"sessions": [{"sessionId": "stuck", "status": "not_found"}]})
    await _fault(api, "no_qr", "stuck")
    response = await _init(api, "stuck")
    assert (response.status_code, response.json()) == (
        408,
        {"success": False, "error": "QR code generation timeout"},
    )
    assert (await api.get("/api/session/status/stuck")).json()["status"] == "initializing"
    assert (await _init(api, "stuck")).json()["message"] == "Client already exists"


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ({"userId": 1}, "error"),
        ({"sessionId": "a"}, "error"),
        ({"sessionId": "a b!", "userId": 1}, "message"),
    ],
)
async def test_init_refuses_missing_fields_and_bad_ids(
    api: httpx.AsyncClient, body: dict[str, Any], shape: str
) -> None:
    response = await api.post("/api/session/init", json=body)
    assert response.status_code == 400
    assert set(response.json()) == {"success", shape}


async def test_a_failed_launch_is_refused_and_blocks_the_id(api: httpx.AsyncClient) -> None:
    await _fault(api, "launch_fails", "", count=1)
    first, second = await _init(api, "unlucky"), await _init(api, "unlucky")
    assert (first.status_code, first.json()["message"]) == (400, "Failed to launch the browser process!")
    assert second.json()["message"] == "Client already exists"


async def test_more_sessions_than_the_limit_are_refused(api: httpx.AsyncClient) -> None:
    present = (await api.get("/api/session/list")).json()["count"]
    rows = [{"sessionId": f"filler_{n}"} for n in range(30 - present)]
    await api.post("/sim/sessions", json={"sessions": rows})
    response = await _init(api, "one_too_many")
    assert (response.status_code, response.json()["success"]) == (400, False)
    assert "30" in response.json()["message"]
    for row in rows:
        await api.post("/api/session/disconnect", json=row)


async def test_status_of_a_connected_and_of_an_unknown_session(api: httpx.AsyncClient) -> None:
    assert (await api.get(f"/api/session/status/{CONNECTED}")).json() == {
        "success": True,
        "exists": True,
        "status": "connected",
        "qrCode": None,
        "phoneNumber": "15550100000",
        "isReady": True,
    }
    unknown = await api.get("/api/session/status/nobody")
    assert unknown.status_code == 200
    assert unknown.json() == {
        "success": True,
        "exists": False,
        "status": "not_found",
        "qrCode": None,
        "phoneNumber": None,
        "isReady": False,
    }


async def test_disconnect_keeps_credentials_and_an_unknown_id_fails_with_200(api: httpx.AsyncClient) -> None:
    session_id = "user_1_instance_default-2"
    first = await api.post("/api/session/disconnect", json={"sessionId": session_id})
    again = await api.post("/api/session/disconnect", json={"sessionId": session_id})
    assert (first.status_code, first.json()) == (200, {"success": True, "message": "Client destroyed"})
    assert (again.status_code, again.json()) == (200, {"success": False, "message": "Client not found"})
    truth = (await api.get("/sim/truth")).json()["sessions"][session_id]
    assert (truth["status"], truth["credentials"]) == ("not_found", True)


async def test_disconnect_fails_with_200_when_destroying_fails(api: httpx.AsyncClient) -> None:
    await api.post("/sim/sessions", json={"sessions": [{"sessionId": "sticky"}]})
    await _fault(api, "stuck_destroy", "sticky")
    response = await api.post("/api/session/disconnect", json={"sessionId": "sticky"})
    assert (response.status_code, response.json()["success"]) == (200, False)
    assert (await api.get("/api/session/status/sticky")).json()["status"] == "connected"


async def test_the_list_holds_claims_until_a_status_check_finds_out(api: httpx.AsyncClient) -> None:
    await api.post("/sim/sessions", json={"sessions": [{"sessionId": "liar"}]})
    await _fault(api, "drop", "liar", silent=True)
    listed = (await api.get("/api/session/list")).json()
    assert set(listed) == {"success", "sessions", "count"}
    assert listed["count"] == len(listed["sessions"])
    assert {"sessionId": "liar", "status": "connected"} in listed["sessions"]
    assert (await api.get("/api/session/status/liar")).json()["status"] == "disconnected"
    listed = (await api.get("/api/session/list")).json()
    assert {"sessionId": "liar", "status": "disconnected"} in listed["sessions"]


async def test_a_sent_text_and_media_have_an_id_and_epoch_seconds(api: httpx.AsyncClient) -> None:
    media = {"sessionId": CONNECTED, "recipient": "1", "mediaUrl": "http://x/y.png", "mediaType": "image"}
    for response in (await _send(api, CONNECTED), await api.post("/api/message/send-media", json=media)):
        answer = response.json()
        assert (response.status_code, set(answer)) == (200, {"success", "messageId", "timestamp"})
        assert answer["messageId"].startswith("3EB0")
        assert abs(answer["timestamp"] - time.time()) < 5
    assert (await api.get("/sim/messages")).json()["messages"][-1]["mediaUrl"] == "http://x/y.png"


async def test_a_send_that_cannot_be_says_why(api: httpx.AsyncClient) -> None:
    ids = ("opening", "gone", "zombie")
    await api.post("/sim/sessions", json={"sessions": [{"sessionId": id_} for id_ in ids]})
    await _init(api, "pending")
    await _fault(api, "drop", "opening", silent=True, state="OPENING")
    await _fault(api, "drop", "gone", silent=True)
    await _fault(api, "zombie", "zombie")
    expected = {
        "nobody": "Client not found. Please reconnect the session.",
        "pending": "Client not connected (status: qr_pending). Please reconnect the session.",
        "opening": "Client not ready (state: OPENING). Please reconnect the session.",
        "gone": "Client session closed. Please reconnect the session.",
        "zombie": "Cannot read properties of undefined (reading 'getChat')",
    }
    responses = await asyncio.gather(*(_send(api, session_id) for session_id in expected))
    assert [response.status_code for response in responses] == [400] * 5
    assert [response.json() for response in responses] == [
        {"success": False, "message": message} for message in expected.values()
    ]


async def test_missing_fields_of_a_message_are_an_error(api: httpx.AsyncClient) -> None:
    response = await api.post("/api/message/send-text", json={"sessionId": CONNECTED})
    assert (response.status_code, set(response.json())) == (400, {"success", "error"})


async def test_unknown_routes_are_404_and_bad_bodies_500(api: httpx.AsyncClient) -> None:
    responses = {
        404: [await api.get("/nope"), await api.get("/api/session/init")],
        500: [
            await api.post("/api/session/init", content=b"{nonsense"),
            await api.post("/api/session/init", json={"sessionId": "a" * 103_000, "userId": 1}),
        ],
    }
    for status, answers in responses.items():
        for response in answers:
            assert response.status_code == status
            assert (response.json()["success"], set(response.json())) == (False, {"success", "error"})
