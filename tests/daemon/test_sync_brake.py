"""No loop without a brake: what an answer asks for waits longer each time, and what is true is found all the same."""

from __future__ import annotations

import asyncio

import pytest

from tests.daemon.fake_store import FixedClock
from wa_tui.daemon.checking import brake
from wa_tui.daemon.checking.brake import CALM, FREE, LONGEST, Brake
from wa_tui.gateways import Deadlines
from wa_tui.model.registers import HOUR, SECOND, Status

from .inside import nth, world


async def test_webhooks_that_every_check_contradicts_start_no_storm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brake, "FIRST", 0.1)
    async with world(1, deadlines=Deadlines()) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("drop", nth(0), silent=True)
        before = await sim.requests("/api/session/status")
        for _ in range(300):
            await daemon.tell(nth(0), "connected")
        asked = await sim.requests("/api/session/status")
        assert len(asked) - len(before) <= 20
        await daemon.done("sync")
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)


async def test_unattributed_webhooks_have_gateways_listed_now_and_then_not_each_time() -> None:
    async with world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        name = daemon.config.gateways[0].name
        before = len(await sim.requests("/api/session/list"))
        daemon.daemon.parts.schedule.stop()
        for _ in range(50):
            daemon.daemon.parts.reconciler.relist([name])
            await asyncio.sleep(0.01)
        assert len(await sim.requests("/api/session/list")) - before <= 3


def test_the_wait_doubles_to_a_budget_and_is_forgotten_when_it_is_calm() -> None:
    clock = FixedClock()
    waits: Brake[str] = Brake(clock)
    assert [waits.wait("a") for _ in range(FREE + 3)] == [0.0] * FREE + [1.0, 2.0, 4.0]
    assert waits.wait("b") == 0.0, "each has its own"
    began, asked = clock.at, 0
    while clock.at - began < HOUR:
        clock.at += int(waits.wait("c") * SECOND)
        asked += 1
    assert asked < 3600 / LONGEST + 15
    clock.at += int(2 * LONGEST * SECOND) + 1
    assert waits.wait("c") == 0.0
    assert waits.wait("a") == 0.0, f"{CALM} s were calm"
