"""Messages of gateways of other kinds, from their webhooks to what the API shows: each is counted once."""

from __future__ import annotations

import hmac
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.simulated import simulated
from tests.unit.gateways import posted
from tests.unit.gateways.posted import acked, encoded, just_written, received, sent
from wa_tui.config import GatewayConfig
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.session import Session
from wa_tui.simulator.faces import FACES
from wa_tui.wire import TrafficView

from .inside import Inside, inside
from .waiting import until

KEY = "webhook-key"
KINDS = [kind for kind in FACES if kind is not GatewayKind.CONTRACT]
FLOWS = ("received", "sent", "acked", "delivered", "read", "failed")
NOTHING = dict.fromkeys(FLOWS, 0)

STATES: dict[GatewayKind, dict[str, Any]] = {
    GatewayKind.WWEBJS_API: {"dataType": "ready", "sessionId": "sales"},
    GatewayKind.EVOLUTION: {"event": "connection.update", "instance": "sales", "data": {"state": "open"}},
    GatewayKind.WAHA: {"event": "session.status", "session": "sales", "payload": {"status": "WORKING"}},
    GatewayKind.WPPCONNECT: {"event": "status-find", "session": "sales", "status": "inChat"},
}
"""What makes the session known; OpenWA's is known by its list alone."""

Door = tuple[Inside, httpx.AsyncClient]


@asynccontextmanager
async def door(kind: GatewayKind) -> AsyncIterator[Door]:
    """Run a daemon that knows a session of a gateway, which answers nothing."""
    gateway = GatewayConfig("g", "http://127.0.0.1:9", api_key="k", webhook_key=KEY, kind=str(kind))
    async with inside(gateway) as daemon:
        host, port = daemon.config.listen
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}", trust_env=False, timeout=40) as web:
            await daemon.gateway_until(lambda each: each.state == "down")
            await post(web, encoded(STATES[kind]))
            yield daemon, web


async def post(web: httpx.AsyncClient, body: bytes) -> None:
    headers = {"x-api-key": KEY, "x-openwa-signature": hmac.digest(KEY.encode(), body, "sha256").hex()}
    answer = await web.post(f"/api/v1/gateways/g/webhook/{KEY}", content=body, headers=headers)
    assert answer.status_code == 200, answer.text


async def counted(daemon: Inside, session_id: str = "sales") -> dict[str, int] | None:
    """Return what the API shows of the last hour; a flow that is not told is left out."""
    traffic = (await daemon.view(session_id)).traffic
    return None if traffic is None else numbers(traffic)


def numbers(traffic: TrafficView) -> dict[str, int]:
    return {flow: number for flow in FLOWS if (number := getattr(traffic, flow)) is not None}


def conversation(kind: GatewayKind) -> list[bytes]:
    """Return the webhooks of three messages that came in, and four that went out, with what became of them."""
    bodies = [received(kind, f"in-{number}") for number in range(3)]
    for number, levels in enumerate(([1], [1, 2], [3], [-1])):
        bodies += [sent(kind, f"out-{number}"), *(acked(kind, level, f"out-{number}") for level in levels)]
    return [just_written(body) for body in bodies]


ALL_OF_IT = {"received": 3, "sent": 4, "acked": 3, "delivered": 2, "read": 1, "failed": 1}


@pytest.mark.parametrize("kind", STATES)
async def test_each_is_counted_once_in_any_order(kind: GatewayKind) -> None:
    rng = random.Random(str(kind))
    bodies = conversation(kind)
    bodies += rng.sample(bodies, 5)
    rng.shuffle(bodies)
    async with door(kind) as (daemon, web):
        assert await counted(daemon) is None, "nothing is told of messages yet"
        for body in bodies:
            await post(web, body)
        assert await counted(daemon) == ALL_OF_IT
        gateway = (await daemon.client.status()).gateways[0]
        assert (gateway.webhooks["counted"], gateway.ignored) == (len(bodies), {})
        traffic = (await daemon.view("sales")).traffic
        assert traffic is not None and traffic.hours[-1] + traffic.hours[-2] == 7
        assert traffic.last_at is not None and traffic.read_at is not None


async def test_a_large_file_costs_no_count_and_strangers_are_not_counted() -> None:
    kind = GatewayKind.EVOLUTION
    large = posted.evolution("messages.upsert", False, "large", message={"base64": "A" * 2_000_000})
    async with door(kind) as (daemon, web):
        await post(web, just_written(large))
        await post(web, just_written(large))
        await post(web, just_written(received(kind) | {"instance": "stranger"}))
        # What was written days ago is a history that was taken over.
        old = posted.evolution("messages.upsert", False, "old", messageTimestamp=posted.AT - 864_000)
        await post(web, encoded(old))
        assert await counted(daemon) == {"received": 1}
        assert [view.session_id for view in await daemon.client.sessions()] == ["sales"]
        gateway = (await daemon.client.status()).gateways[0]
        assert gateway.webhooks["counted"] == 3, "repeated or old, it is about messages of a known session"
        assert gateway.ignored == {"messages.upsert": 1}, "a stranger's is not"


@pytest.mark.parametrize("kind", STATES)
async def test_what_is_odd_or_hostile_costs_itself(kind: GatewayKind) -> None:
    async with door(kind) as (daemon, web):
        for body in hostile(kind):
            await post(web, body)
        for body in conversation(kind):
            await post(web, body)
        assert await counted(daemon) == ALL_OF_IT
        assert "failed" not in (await daemon.client.status()).gateways[0].webhooks


def hostile(kind: GatewayKind) -> Iterable[bytes]:
    for body in conversation(kind)[::4]:
        yield body[: len(body) // 2]
        yield body.replace(b"sales", b"\xff\xfe")
        yield body.replace(b'"sales"', b"[" * 500 + b"]" * 500)
        yield body.replace(b'"hi"', b'"\\ud83d"')
        yield b"{}"


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_what_goes_through_a_gateway(kind: GatewayKind) -> None:
    async with inside(start=False) as waiting:
        host, port = waiting.config.listen
    options: dict[str, Any] = {"traffic": 0, "ack_seconds": 0.001, "kind": str(kind)}
    async with (
        simulated(control_plane=f"http://{host}:{port}", **options) as sim,
        inside(sim, port=port) as daemon,
    ):
        first, second = "sales", "support"
        await sim.add(sessions=[{"sessionId": first}, {"sessionId": second}])
        for session_id in (first, second):
            await daemon.session_until(session_id, is_connected)
        await sim.fault("messages", first, received=3, sent=20, failed=1)

        async def agrees() -> bool:
            truth = (await sim.truth())[first]["traffic"] or NOTHING
            told = await counted(daemon, first)
            return (
                told == {flow: truth[flow] for flow in FLOWS}
                and truth["delivered"] == 20
                and truth["read"] > 0
            )

        await until(agrees)
        assert await counted(daemon, second) == NOTHING


def is_connected(session: Session) -> bool:
    return session.status == "connected"


async def test_a_ghosts_sends_are_counted_and_never_acknowledged() -> None:
    async with inside(start=False) as waiting:
        host, port = waiting.config.listen
    options: dict[str, Any] = {"traffic": 0, "ack_seconds": 0.001, "kind": "evolution"}
    async with (
        simulated(sessions=1, control_plane=f"http://{host}:{port}", **options) as sim,
        inside(sim, port=port) as daemon,
    ):
        [session_id] = await sim.truth()
        await daemon.session_until(session_id, is_connected)
        await sim.fault("ghost", session_id, deaf=False)
        await sim.fault("messages", session_id, received=1, sent=2)

        async def told() -> bool:
            return await counted(daemon, session_id) == {"received": 1, "sent": 2}

        await until(told)
