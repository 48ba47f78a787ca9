"""Messages that go through simulated clients, in the rhythm of a week, and clients that only say they are connected."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import httpx
import pytest

from tests.simulated import Simulated, simulated
from tests.unit.simulator.calls import caller, send, status
from tests.unit.simulator.plane import ControlPlane
from wa_tui.gateways import Capability, Place, RefusalCause, Refused, ServerVerdict
from wa_tui.gateways.contract.client import NodeService
from wa_tui.simulator.rhythm import Rhythm, poisson

SESSION = "user_1_instance_default-0"
OTHER = "user_1_instance_default-1"
MONDAY = 1_795_392_000
"""Its first second, in UTC."""


async def traffic(sim: Simulated, session_id: str = SESSION) -> dict[str, int]:
    counted: dict[str, int] = (await sim.truth())[session_id]["traffic"] or {}
    return counted


async def until(sim: Simulated, session_id: str = SESSION, **expected: int) -> dict[str, int]:
    async with asyncio.timeout(40):
        while True:
            counted = await traffic(sim, session_id)
            if all(counted.get(flow) == number for flow, number in expected.items()):
                return counted
            await asyncio.sleep(0.01)


async def test_messages_come_go_and_are_acknowledged() -> None:
    async with simulated(sessions=2, traffic=0, ack_seconds=0.001) as sim, caller(sim) as api:
        await sim.fault("messages", SESSION, received=3, sent=2, failed=1)
        assert (await send(api, SESSION)).json()["success"]
        counted = await until(sim, received=3, sent=3, acked=3, delivered=3, queued=0)
        assert counted["failed"] == 1 and counted["read"] <= 3
        assert await traffic(sim, OTHER) == {}
        await sim.fault("restart", downtime=0.01)
        assert await traffic(sim) == {}, "a new process counts from zero"


async def test_a_gateway_of_the_contract_says_nothing_of_messages() -> None:
    async with simulated(sessions=1) as sim, caller(sim) as api:
        assert (await send(api, SESSION)).json()["success"]
        assert await traffic(sim) == {}
        with pytest.raises(httpx.HTTPStatusError):
            await sim.fault("messages", SESSION, received=1)


async def test_a_ghost_says_connected_and_does_nothing() -> None:
    async with simulated(sessions=2, traffic=0, ack_seconds=0.001) as sim, caller(sim) as api:
        await sim.fault("ghost", SESSION)
        for session_id in (SESSION, OTHER):
            await sim.fault("messages", session_id, received=2, sent=1)
            assert (await send(api, session_id)).json()["success"]
        await until(sim, OTHER, received=2, sent=2, acked=2, queued=0)
        assert await status(api, SESSION) == "connected"
        assert {flow: number for flow, number in (await traffic(sim)).items() if number} == {
            "sent": 1,
            "queued": 1,
        }
        await api.post("/api/session/disconnect", json={"sessionId": SESSION})
        await api.post("/api/session/init", json={"sessionId": SESSION, "userId": 1})
        await sim.fault("messages", SESSION, received=1)
        await until(sim, received=1)


@pytest.mark.parametrize("part", [{"mute": False}, {"deaf": False}])
async def test_a_ghost_may_be_half_alive(part: dict[str, Any]) -> None:
    async with simulated(sessions=1, traffic=0, ack_seconds=0.001) as sim, caller(sim) as api:
        await sim.fault("ghost", SESSION, **part)
        await sim.fault("messages", SESSION, received=1)
        await send(api, SESSION)
        mute = part.get("mute", True)
        counted = await until(sim, received=int(mute), sent=1, acked=int(not mute))
        assert counted["queued"] == mute
        await sim.fault("ghost", SESSION, on=False)
        await until(sim, acked=1, queued=0)


async def test_a_lasting_ghost_comes_back_with_each_client() -> None:
    async with simulated(sessions=1, traffic=0) as sim, caller(sim) as api:
        await sim.fault("ghost", SESSION, lasting=True)
        await api.post("/api/session/disconnect", json={"sessionId": SESSION})
        await api.post("/api/session/init", json={"sessionId": SESSION, "userId": 1})
        assert await status(api, SESSION) == "connected"
        assert (await sim.truth())[SESSION]["ghost"]


async def test_the_contracts_list_and_webhook_tell_what_was_counted(plane: ControlPlane) -> None:
    fast: dict[str, Any] = {"ack_seconds": 0.001, "traffic_interval_seconds": 0.05}
    async with simulated(sessions=2, control_plane=plane.url, traffic=0, **fast) as sim:
        gateway = NodeService(Place("default", sim.url, sim.api_key))
        await sim.fault("messages", SESSION, received=2, sent=1)
        await until(sim, delivered=1)
        rows = {row.session_id: row.traffic for row in await gateway.list()}
        one, other = rows[SESSION], rows[OTHER]
        assert one is not None and other is not None and one.boot == other.boot
        assert (one.counts.received, one.counts.sent, one.counts.delivered, one.queued) == (2, 1, 1, 0)
        assert not other.counts and other.last == (None,) * 6
        assert all(one.last[:4]) and not gateway.decoration
        async with asyncio.timeout(40):
            while not any(row["delivered"] for body in plane.counted for row in body["sessions"]):
                await asyncio.sleep(0.01)
        assert {(body["boot"], row["sessionId"]) for body in plane.counted for row in body["sessions"]} == {
            (one.boot, SESSION)
        }
        await gateway.close()


async def test_whatsapps_server_is_asked_through_the_contract() -> None:
    async with simulated(sessions=2, traffic=0, server_check_seconds=0.01) as sim:
        gateway = NodeService(Place("default", sim.url, sim.api_key))
        await gateway.health()
        assert Capability.SERVER_CHECK in gateway.capabilities
        assert (await gateway.ask_server(SESSION)).verdict is ServerVerdict.FINE
        await sim.fault("ghost", SESSION)
        await sim.fault("ghost", OTHER, server="hangs")
        assert (await gateway.ask_server(SESSION)).verdict is ServerVerdict.DENIED
        answer = await gateway.ask_server(OTHER)
        assert answer.verdict is ServerVerdict.NONE and answer.detail
        await sim.fault("drop", SESSION)
        with pytest.raises(Refused) as caught:
            await gateway.ask_server(SESSION)
        assert caught.value.cause is RefusalCause.NOT_CONNECTED
        await gateway.close()


def test_a_week_has_its_rhythm() -> None:
    for number in range(20):
        rhythm = Rhythm.of(f"s-{number}")
        day = [rhythm.at(MONDAY + hour * 3600) for hour in range(24)]
        saturday = [rhythm.at(MONDAY + (5 * 24 + hour) * 3600) for hour in range(24)]
        assert 10 <= day.index(max(day)) <= 17
        assert min(day) < max(day) / 20
        assert sum(saturday[6:18]) < sum(day[6:18]) / 2
        assert sum(day) > 10


def test_chance_has_the_number_that_is_expected() -> None:
    rng = random.Random(1)
    for expected in (0.01, 1.0, 20.0, 200.0):
        drawn = [poisson(rng, expected) for _ in range(4_000)]
        assert abs(sum(drawn) / len(drawn) - expected) < 0.1 * expected + 0.01


async def test_sessions_converse_by_themselves() -> None:
    async with simulated(sessions=2, traffic=20_000) as sim:
        async with asyncio.timeout(40):
            while not (await traffic(sim)).get("received") or not (await traffic(sim, OTHER)).get("sent"):
                await asyncio.sleep(0.05)
