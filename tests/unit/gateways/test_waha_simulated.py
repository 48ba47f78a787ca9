"""The client against a simulated WAHA, which misbehaves as the real one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.simulated import Simulated, simulated
from wa_tui.gateways import Deadlines, NoAnswer, Place, RefusalCause, Refused, Unauthorised
from wa_tui.gateways.waha.client import Waha
from wa_tui.model.registers import Proof, Status

NAME = "user_1_instance_default-0"


@pytest.fixture
async def sim() -> AsyncIterator[Simulated]:
    async with simulated(kind="waha", sessions=2) as it:
        yield it


@pytest.fixture
async def waha(sim: Simulated) -> AsyncIterator[Waha]:
    it = Waha(Place("default", sim.url, sim.api_key))
    yield it
    await it.close()


async def becomes(waha: Waha, status: Status) -> None:
    async with asyncio.timeout(40):
        while (await waha.status(NAME)).status is not status:
            await asyncio.sleep(0.02)


async def test_it_goes_on_saying_working_for_a_while_after_a_cut(sim: Simulated, waha: Waha) -> None:
    await sim.fault("drop", NAME)
    found = await waha.status(NAME)
    assert (found.status, found.proof) == (Status.CONNECTED, Proof.CLIENT)
    await becomes(waha, Status.INITIALIZING)
    await becomes(waha, Status.CONNECTED)


async def test_it_waits_before_it_refuses_to_send(sim: Simulated, waha: Waha) -> None:
    await sim.fault("logout", NAME)
    with pytest.raises(Refused) as caught:
        await waha.send_text(NAME, "15550009999", "hi")
    assert (caught.value.cause, caught.value.outcome_known) == (RefusalCause.NOT_CONNECTED, True)
    await waha.disconnect(NAME)
    with pytest.raises(Refused) as caught:
        await waha.send_text(NAME, "15550009999", "hi")
    assert (caught.value.cause, caught.value.outcome_known) == (RefusalCause.NOT_FOUND, True)
    assert await sim.messages() == []


async def test_only_a_logout_brings_a_code(sim: Simulated, waha: Waha) -> None:
    await sim.fault("logout", NAME)
    await waha.restart(NAME)
    assert (await waha.status(NAME)).status is Status.AUTH_FAILED
    await waha.logout(NAME)
    await becomes(waha, Status.QR_PENDING)
    with pytest.raises(Refused) as caught:
        await waha.init(NAME, None)
    assert caught.value.cause is RefusalCause.ALREADY_EXISTS


async def test_what_hangs_has_a_deadline_and_a_wrong_key_is_said(sim: Simulated, waha: Waha) -> None:
    short = Waha(Place("default", sim.url, sim.api_key), deadlines=Deadlines(health=0.3, status=0.3))
    await sim.fault("hang_gateway")
    with pytest.raises(NoAnswer):
        await short.health()
    with pytest.raises(NoAnswer):
        await short.status(NAME)
    await sim.fault("unhang_gateway")
    assert (await waha.health()).uptime_ms is not None
    await short.close()
    stranger = Waha(Place("default", sim.url, "wrong"))
    with pytest.raises(Unauthorised):
        await stranger.health()
    await stranger.close()
