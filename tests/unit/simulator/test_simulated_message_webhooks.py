"""What simulated gateways of the other kinds post of messages tells their adapters what really happened."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import msgspec
import pytest

from tests.simulated import Simulated, simulated
from wa_tui.gateways.registry import ADAPTERS
from wa_tui.identity.kinds import GatewayKind
from wa_tui.simulator.faces import FACES

KINDS = [kind for kind in FACES if kind is not GatewayKind.CONTRACT]


async def counted(sim: Simulated) -> dict[str, int]:
    """Return what an adapter makes of all that was posted: each flow of each message once."""
    webhooks = ADAPTERS[GatewayKind(sim.kind)].webhooks
    assert webhooks is not None
    messages = {
        (message.flow, message.id)
        for body in await sim.webhooks()
        for message in webhooks.read(msgspec.json.encode(body)).messages
    }
    return dict(Counter(str(flow) for flow, _ in messages))


async def truth(sim: Simulated, session_id: str) -> dict[str, int]:
    counts: dict[str, Any] = (await sim.truth())[session_id]["traffic"] or {}
    return {flow: number for flow, number in counts.items() if number and flow != "queued"}


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_what_went_through(kind: GatewayKind) -> None:
    async with simulated(kind=str(kind), sessions=1, traffic=0, ack_seconds=0.001) as sim:
        [session_id] = await sim.truth()
        await sim.fault("messages", session_id, received=3, sent=20, failed=1)
        async with asyncio.timeout(40):
            while (await truth(sim, session_id)).get("delivered") != 20:
                await asyncio.sleep(0.01)
        # What somebody reads comes last: between two looks nothing may have come.
        async with asyncio.timeout(40):
            while (before := await truth(sim, session_id)) != await counted(sim) or "read" not in before:
                await asyncio.sleep(0.01)
        assert before | {"read": 0} == {
            "received": 3,
            "sent": 20,
            "acked": 20,
            "delivered": 20,
            "failed": 1,
            "read": 0,
        }


@pytest.mark.parametrize("kind", KINDS)
async def test_a_ghost_posts_nothing_and_its_sends_are_never_acknowledged(kind: GatewayKind) -> None:
    async with simulated(kind=str(kind), sessions=1, traffic=0, ack_seconds=0.001) as sim:
        [session_id] = await sim.truth()
        await sim.fault("ghost", session_id, deaf=False)
        await sim.fault("messages", session_id, received=1, sent=2)
        assert await counted(sim) == {"received": 1, "sent": 2}
        await sim.fault("ghost", session_id)
        await sim.fault("messages", session_id, received=1, sent=2)
        assert await counted(sim) == {"received": 1, "sent": 2}
