"""Each fault of a whole gateway, seen from outside: over the gateway's own port, as wa_tui would meet it."""

from __future__ import annotations

import asyncio
import itertools
import time

import httpx
import pytest

from tests.simulated import simulated
from tests.unit.simulator.calls import answers_again, caller, status
from tests.unit.simulator.plane import ControlPlane

SESSION = "user_1_instance_default-0"
OTHER = "user_1_instance_default-1"


@pytest.mark.parametrize("steering", ["control", "own port"])
async def test_restart_loses_clients_and_uptime_but_no_credentials(
    plane: ControlPlane, steering: str
) -> None:
    async with simulated(sessions=3, control_plane=plane.url, uptime_seconds=900) as sim, caller(sim) as api:
        before = (await api.get("/health")).json()["uptime"]
        plane.active = [{"session_id": SESSION, "user_id": 1}]
        if steering == "control":
            await sim.fault("restart", downtime=0.2)
        else:
            answer = await api.post("/sim/fault", json={"fault": "restart", "downtime": 0.2})
            assert answer.json() == {"success": True}
        with pytest.raises(httpx.ConnectError):
            await api.get("/health")
        assert before > 900 > 5 > (await answers_again(api))["uptime"]
        assert (await api.get("/api/session/list")).json()["count"] == 0
        await sim.until(SESSION, "connected")
        truth = await sim.truth()
        assert truth[OTHER]["status"] == "not_found"
        assert truth[OTHER]["credentials"] is True
        assert [body["status"] for body in await plane.until(1, SESSION)] == ["connected"]


async def test_a_stop_ends_waiting_requests_and_start_begins_anew() -> None:
    async with simulated(sessions=1) as sim, caller(sim) as api:
        await sim.fault("hang", SESSION)
        waiting = asyncio.ensure_future(status(api, SESSION))
        await sim.until_requested("/api/session/status")
        await sim.fault("stop")
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await waiting
        with pytest.raises(httpx.ConnectError):
            await api.get("/health")
        await sim.fault("start")
        assert (await api.get("/health")).json()["uptime"] < 1


async def test_an_unreachable_gateway_keeps_its_sessions_and_loses_its_webhooks(plane: ControlPlane) -> None:
    async with simulated(sessions=2, control_plane=plane.url, uptime_seconds=50) as sim, caller(sim) as api:
        await sim.fault("unreachable", seconds=0.3)
        with pytest.raises(httpx.ConnectError):
            await api.get("/health")
        await sim.fault("drop", SESSION)
        assert (await answers_again(api))["uptime"] > 50
        assert await status(api, SESSION) == "disconnected"
        assert await status(api, OTHER) == "connected"
        assert not plane.received


async def test_a_hanging_gateway_accepts_and_does_not_answer() -> None:
    async with simulated(sessions=1) as sim, caller(sim) as api:
        await sim.fault("hang_gateway")
        with pytest.raises(httpx.ReadTimeout):
            await api.get("/health", timeout=0.2)
        await sim.fault("unhang_gateway")
        assert (await api.get("/health")).status_code == 200


async def test_wrong_answers_for_a_number_of_requests_or_until_switched_off() -> None:
    async with simulated(sessions=1) as sim, caller(sim) as api:
        await sim.fault("errors", count=2)
        assert [(await api.get("/health")).status_code for _ in range(3)] == [500, 500, 200]
        began = time.monotonic()
        await sim.fault("garbage", seconds=0.2)
        response = await api.get("/api/session/list")
        assert response.status_code == 200
        while response.text.startswith("<html>"):
            response = await api.get("/api/session/list")
        assert response.json()["count"] == 1
        assert 0.2 < time.monotonic() - began < 2
        await sim.fault("unauthorised")
        assert (await api.get("/api/session/list")).json() == {"success": False, "error": "Invalid API key"}
        await sim.fault("unauthorised", on=False)
        assert (await api.get("/api/session/list")).status_code == 200
        await sim.fault("errors")
        await sim.fault("clear")
        assert (await api.get("/health")).status_code == 200


async def test_the_clock_is_off_in_health_and_webhooks_but_not_in_uptime(plane: ControlPlane) -> None:
    async with simulated(sessions=1, control_plane=plane.url) as sim, caller(sim) as api:
        await sim.fault("clock", offset=-3600)
        health = (await api.get("/health")).json()
        await sim.fault("drop", SESSION)
        (body,) = await plane.until(1)
    hour_ago = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() - 3600))
    assert health["timestamp"][:16] == body["timestamp"][:16] == hour_ago
    assert 0 < health["uptime"] < 60


@pytest.mark.parametrize(
    ("name", "session_id", "status", "says"),
    [("nonsense", SESSION, 400, "There are: "), ("drop", "nobody", 404, "'nobody'")],
)
async def test_a_fault_that_cannot_be_is_refused(name: str, session_id: str, status: int, says: str) -> None:
    async with simulated(sessions=1) as sim, caller(sim) as api:
        response = await api.post("/sim/fault", json={"fault": name, "sessionId": session_id})
        assert response.status_code == status
        assert says in response.json()["error"]


async def test_latency_is_added_to_every_answer() -> None:
    async with simulated(latency_ms=100) as sim, caller(sim) as api:
        began = time.monotonic()
        await api.get("/health")
        assert time.monotonic() - began >= 0.1


async def test_more_starts_than_the_limit_queue_in_order(plane: ControlPlane) -> None:
    async with (
        simulated(sessions=4, control_plane=plane.url, starts_at_once=1, start_seconds=0.1) as sim,
        caller(sim) as api,
    ):
        ids = [row["sessionId"] for row in await sim.sessions()]
        for session_id in ids:
            await api.post("/api/session/disconnect", json={"sessionId": session_id})
        starting = []
        for session_id in ids:
            body = {"sessionId": session_id, "userId": 1}
            starting.append(asyncio.ensure_future(api.post("/api/session/init", json=body)))
            await sim.until_requested("/api/session/init", len(starting))
        assert {await sim.status(session_id) for session_id in ids[2:]} == {"initializing"}
        await plane.until(len(ids))
        assert [body["sessionId"] for body in plane.received] == ids
        times = [entry["t"] for entry in await sim.log() if entry["kind"] == "webhook" and entry["body"]]
        assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 0.07
        assert {(await each).json()["status"] for each in starting} == {"connected"}


async def test_a_burst_of_webhooks_leaves_everything_as_it_was(plane: ControlPlane) -> None:
    async with simulated(sessions=10, control_plane=plane.url) as sim:
        await sim.fault("drop", SESSION)
        before = await sim.truth()
        await sim.fault("burst", count=1000)
        assert await sim.in_transit() > 0
        await plane.until(1001)
        assert await sim.truth() == before
        assert {body["status"] for body in plane.of(OTHER)} == {"disconnected", "connected"}
        assert [body["status"] for body in plane.of(SESSION)] == ["disconnected"]
        await sim.fault("drop", sessionIds=list(before)[1:])
        with pytest.raises(httpx.HTTPStatusError):
            await sim.fault("burst")


async def test_webhooks_in_transit_are_those_on_their_way(plane: ControlPlane) -> None:
    async with simulated(sessions=3, control_plane=plane.url) as sim:
        await sim.fault("webhooks", delay_max=100_000)
        await sim.fault("drop", SESSION)
        assert await sim.in_transit() == 1
        await sim.fault("webhooks", loss=1.0)
        await sim.fault("drop", OTHER)
        assert await sim.in_transit() == 1
        await sim.fault("webhooks")
        await sim.fault("drop", [*await sim.truth()][2])
        await plane.until(1)
        while await sim.in_transit() != 1:
            await asyncio.sleep(0.01)
