"""OpenWA under the daemon: a session has one name here, whatever its webhooks call it."""

from __future__ import annotations

import hmac
import json

import httpx

from tests.unit.gateways.stub import answer, stub
from wa_tui.config import GatewayConfig
from wa_tui.model.registers import Status
from wa_tui.wire import SessionView

from .inside import inside
from .waiting import until

UUID = "8f3c2b1a-9d4e-4c7a-8b2f-1e6d5a4c3b2a"
KEY = "webhook-key"


def row(name: str, uuid: str, status: str) -> dict[str, object]:
    return {
        "id": uuid,
        "name": name,
        "status": status,
        "phone": "15550001",
        "lastError": None,
        "restriction": None,
    }


def signed(content: object) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(content).encode()
    return body, {"X-OpenWA-Signature": "sha256=" + hmac.digest(KEY.encode(), body, "sha256").hex()}


async def test_what_a_webhook_calls_by_its_uuid_is_the_session_of_that_name() -> None:
    async with stub() as server:
        server.answers["/api/health"] = answer({"status": "ok", "timestamp": None, "version": "0.30"})
        server.answers["/api/sessions?limit=1000&offset=0"] = answer([row("my-bot", UUID, "ready")])
        server.answers[f"/api/sessions/{UUID}"] = answer(row("my-bot", UUID, "ready"))
        gateway = GatewayConfig("ow", server.url, "owa_k1_key", webhook_key=KEY, kind="openwa")
        async with inside(gateway) as daemon:
            host, port = daemon.config.listen
            own = f"http://{host}:{port}/api/v1/gateways/ow/webhook"

            async def found() -> list[SessionView]:
                return [each for each in await daemon.client.sessions() if each.status == "connected"]

            (session,) = await until(found)
            assert (session.session_id, session.proven_at) == ("my-bot", None), "it only says so"
            assert daemon.session("my-bot").status is Status.CONNECTED
            event = {
                "event": "session.disconnected",
                "sessionId": UUID,
                "timestamp": "2026-06-25T09:00:00.000Z",
            }
            server.answers[f"/api/sessions/{UUID}"] = answer(row("my-bot", UUID, "disconnected"))
            async with httpx.AsyncClient(trust_env=False, timeout=40) as web:
                body, headers = signed(event | {"data": {"reason": "LOGOUT"}, "idempotencyKey": "e1"})
                assert (await web.post(own, content=body, headers=headers)).status_code == 200
                # One that no list has told yet is listed, and its name is known then.
                server.answers["/api/sessions?limit=1000&offset=0"] = answer(
                    [row("my-bot", UUID, "disconnected"), row("new-bot", "uuid-2", "initializing")]
                )
                server.answers["/api/sessions/uuid-2"] = answer(row("new-bot", "uuid-2", "initializing"))
                body, headers = signed({"event": "session.qr", "sessionId": "uuid-2", "data": {"qr": "2@a"}})
                assert (await web.post(own, content=body, headers=headers)).status_code == 200
                body, headers = signed({"event": "session.qr", "sessionId": "uuid-2", "data": {"qr": "2@b"}})
                assert (
                    await web.post(own, content=body, headers={"X-OpenWA-Signature": "sha256=0"})
                ).status_code == 403

            async def both() -> bool:
                return {each.session_id for each in await daemon.client.sessions()} == {"my-bot", "new-bot"}

            await until(both)
