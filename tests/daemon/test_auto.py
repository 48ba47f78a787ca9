"""``kind = "auto"``: a gateway that is asked what it is, before anything else is asked of it."""

from __future__ import annotations

import httpx
import pytest

from tests.simulated import simulated
from tests.unit.gateways.stub import Handler, Stub, answer, http, reset, stub
from wa_tui.config import GatewayConfig

from .inside import Inside, configured, inside
from .running import ACTIVE
from .waiting import free_port, until, webhook

OWN = "/api/v1/gateways/eu/webhook"
CONTRACTS: dict[str, bytes | Handler] = {
    "/health": answer(
        {"success": True, "status": "healthy", "uptime": 9.5, "timestamp": "2026-11-30T20:00:00Z"}
    ),
    "/api/session/list": answer({"success": True, "sessions": [], "count": 0}),
}
EVOLUTIONS: dict[str, bytes | Handler] = {
    "/": answer(
        {"status": 200, "message": "Welcome to the Evolution API, it is working!", "version": "2.3.7"}
    ),
    "/instance/fetchInstances": answer([]),
}
ELSE = http(b"nothing here", 404, "Server: nginx")


def auto(url: str) -> GatewayConfig:
    return GatewayConfig("eu", url, api_key="k", kind="auto")


def become(server: Stub, known: dict[str, bytes | Handler], other: bytes | Handler = ELSE) -> None:
    """Have another program listen there."""
    server.answers, server.otherwise = known, other


async def post(daemon: Inside, body: object, path: str = OWN) -> httpx.Response:
    host, port = daemon.config.listen
    async with httpx.AsyncClient(trust_env=False) as web:
        return await web.post(f"http://{host}:{port}{path}", json=body, headers={"x-api-key": "k"})


async def kind_is(daemon: Inside, kind: str | None) -> None:
    async def so() -> bool:
        return daemon.daemon.parts.clients["eu"].kind == kind

    await until(so)


async def test_it_becomes_what_listens_there(caplog: pytest.LogCaptureFixture) -> None:
    update = {
        "event": "connection.update",
        "instance": "sales",
        "data": {"instance": "sales", "state": "open"},
    }
    async with stub() as server:
        become(server, {}, reset)
        async with inside(auto(server.url)) as daemon:
            await daemon.gateway_until(lambda gateway: gateway.failures > 0)
            client = daemon.daemon.parts.clients["eu"]
            assert (client.kind, client.capabilities) == (None, frozenset())
            # Nobody knows yet what its webhooks would mean.
            for path in (OWN, "/api/v1/sessions/webhook/"):
                early = await post(daemon, webhook("a", "connected"), path)
                assert early.status_code == 503 and int(early.headers["retry-after"]) > 0
            become(server, CONTRACTS)
            await kind_is(daemon, "contract")
            assert "stop" in (await daemon.client.status()).gateways[0].capabilities
            for path in (OWN, "/api/v1/sessions/webhook/"):
                assert (await post(daemon, webhook("a", "connected"), path)).status_code == 200
                assert (await post(daemon, {"sessionId": "a"}, path)).status_code == 400
            # It goes away, and another comes in its place.
            become(server, {}, reset)
            await daemon.gateway_until(lambda gateway: not gateway.answering)
            become(server, EVOLUTIONS)
            await kind_is(daemon, "evolution")
            assert "stop" not in (await daemon.client.status()).gateways[0].capabilities
            assert (await post(daemon, {"event": "messages.upsert"})).status_code == 200
            assert (await post(daemon, update)).status_code == 200
            # A proxy before it that answers for a while makes it nothing else.
            become(server, {}, http(b"", 502))
            await daemon.gateway_until(lambda gateway: not gateway.answering)
            assert client.kind == "evolution"
            assert (await post(daemon, update)).status_code == 200
    assert "Gateway eu turned out to be WhatsApp Node service" in caplog.text
    assert "Gateway eu turned out to be Evolution API" in caplog.text


async def test_what_is_none_of_the_kinds_is_said_and_asked_ever_more_seldom() -> None:
    async with stub() as server:
        become(server, {})
        async with inside(auto(server.url)) as daemon:
            await daemon.gateway_until(lambda gateway: gateway.failures > 12)
            view = (await daemon.client.status()).gateways[0]
            assert view.state == "down" and view.detail is not None
            assert view.detail == "nobody knows what answers there: HTTP 404 of 'nginx'"
            assert "contract, " in view.advice and "evolution" in view.advice
            receipt = await daemon.done("sync")
            asked = [request.path for request in server.requests]
            assert asked.count("/health") < asked.count("/") / 2
            assert not any("session" in path or "instance" in path for path in asked)
            assert receipt.ended
            # What it may be is asked at the next round, and once it was away at once.
            become(server, {}, reset)
            failures = daemon.gateway().failures
            await daemon.gateway_until(lambda gateway: gateway.failures > failures + 1)
            become(server, CONTRACTS)
            await kind_is(daemon, "contract")


async def test_a_service_is_restored_by_its_own_question() -> None:
    port = free_port()
    async with (
        simulated(name="eu", sessions=2, control_plane=f"http://127.0.0.1:{port}") as sim,
        inside(configured(sim, kind="auto"), port=port) as daemon,
    ):
        await kind_is(daemon, "contract")
        for row in await sim.sessions():
            await daemon.proven(row["sessionId"])
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as web:
            told = await web.get(ACTIVE, headers={"x-api-key": sim.api_key})
        assert told.json()["data"]["count"] == 2
