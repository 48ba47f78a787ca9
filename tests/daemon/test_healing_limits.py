"""Healing's limits: what pauses a gateway and what ends that, what is remembered, and whose turn it is."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial

import pytest

from wa_tui.daemon.actions import following
from wa_tui.gateways import Deadlines
from wa_tui.model.registers import Status
from wa_tui.store import ActionRow
from wa_tui.wire import GatewayHealingView

from .inside import QUICK, Inside, is_told, nth, world
from .running import TESTER
from .waiting import until

LOST = "net::ERR_CONNECTION_RESET at https://web.whatsapp.com/"
INIT, STATUS = "/api/session/init", "/api/session/status/"
LIMITED = replace(QUICK, backoff_min=0.05, backoff_max=0.1, breaker_pause=30.0, attempts_per_hour=99)

limits_world = partial(world, start_seconds=0.05, poll_seconds=0.05)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.03)


async def test_one_session_that_never_starts_keeps_nobody_else_down() -> None:
    async with limits_world(2, healing=replace(LIMITED, breaker_failures=3)) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await sim.fault("launch_fails", count=999, message=LOST)
        await sim.fault("drop", nth(0))
        await sim.until_requested(INIT, count=7)
        assert (await _healing(daemon)).paused_until is None
        await sim.fault("drop", nth(1))
        await sim.fault("launch_fails", count=0)
        await daemon.session_until(nth(1), lambda s: s.proven_at is not None)
        assert not await _said(daemon, "healing pauses")


async def test_a_person_whose_start_works_ends_the_pause() -> None:
    async with limits_world(3, healing=replace(LIMITED, breaker_failures=2)) as (sim, daemon):
        await daemon.proven(nth(0), nth(1), nth(2))
        await sim.fault("launch_fails", count=999, message=LOST)
        for n in (0, 1):
            await sim.fault("drop", nth(n))
        await until(lambda: _said(daemon, "healing pauses: 2 sessions in a row did not start"))
        assert (await _healing(daemon)).paused_until is not None
        await sim.fault("launch_fails", count=0)
        assert (await daemon.done("reconnect", nth(2), force=True)).outcome == "verified"
        for n in (0, 1):
            await daemon.session_until(nth(n), lambda s: s.proven_at is not None)
        await until(lambda: _said(daemon, "starts work again"))
        healing = await _healing(daemon)
        assert (healing.paused_until, healing.why) == (None, "")


async def test_a_pause_that_is_over_is_not_shown() -> None:
    policy = replace(LIMITED, breaker_failures=2, breaker_pause=0.4)
    async with limits_world(3, healing=policy) as (sim, daemon):
        await daemon.proven(nth(0), nth(1), nth(2))
        await sim.fault("launch_fails", count=999, message=LOST)
        for n in (0, 1):
            await sim.fault("drop", nth(n))
        await until(lambda: _said(daemon, "healing pauses"))
        # Nothing is left that could try.
        for n in (0, 1):
            await daemon.done("disconnect", nth(n))
        daemon.clock.forward(60)
        healing = await _healing(daemon)
        assert (healing.paused_until, healing.why) == (None, "")


async def test_a_pause_outlives_the_daemon() -> None:
    async with limits_world(3, healing=replace(LIMITED, breaker_failures=3)) as (sim, daemon):
        await daemon.proven(*map(nth, range(3)))
        await sim.fault("launch_fails", count=999, message=LOST)
        for n in range(3):
            await sim.fault("drop", nth(n))
        await until(lambda: _said(daemon, "healing pauses"))
        await until(lambda: _nothing_starts(daemon))
        tried, before = len(await sim.requests(INIT)), await _healing(daemon)
        await daemon.restart()
        after = await _healing(daemon)
        assert before.paused_until is not None and after.paused_until is not None
        assert abs((after.paused_until - before.paused_until).total_seconds()) < 1
        assert LOST in after.why
        await asyncio.sleep(0.5)  # several back-offs
        assert len(await sim.requests(INIT)) == tried
        await sim.fault("launch_fails", count=0)
        daemon.clock.forward(31)
        # What they wait for is timed by the machine's clock.
        await daemon.restart()
        for n in range(3):
            await daemon.session_until(nth(n), lambda s: s.proven_at is not None)


async def test_back_off_and_budget_outlive_a_busy_daemon() -> None:
    policy = replace(LIMITED, attempts_per_hour=4)
    async with limits_world(1, healing=policy) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("launch_fails", count=999, message=LOST)
        await sim.fault("drop", nth(0))
        await until(lambda: _attention(daemon, "4 attempts in an hour failed: "))
        now = daemon.clock.now()
        sends = [
            ActionRow(f"send-{n}", "send", "default", nth(0), "ana", "verified", "sent", now, now)
            for n in range(2_500)
        ]
        await daemon.daemon.parts.recorder.record(actions=sends)
        await daemon.restart()
        await until(lambda: _attention(daemon, "4 attempts in an hour failed: "))
        healing = (await daemon.view(nth(0))).healing
        assert healing is not None and (healing.state, healing.attempts) == ("exhausted", 4)
        assert LOST in healing.why
        assert len(await sim.requests(INIT)) == 4


async def test_starts_that_worked_are_not_called_failures() -> None:
    policy = replace(LIMITED, attempts_per_hour=2, flapping_drops=99)
    async with limits_world(1, healing=policy) as (sim, daemon):
        await daemon.proven(nth(0))
        for _ in range(2):
            await sim.fault("drop", nth(0))
            await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
            await daemon.session_until(nth(0), lambda s: s.proven_at is not None)
            # Until healing has seen that its start worked: dropped before, it would have failed.
            await daemon.quiet()
        await sim.fault("drop", nth(0))
        await until(lambda: _attention(daemon, "started 2 times in an hour, dropped again each time"))


async def test_a_person_does_not_wait_while_healing_waits_for_an_answer() -> None:
    deadlines = Deadlines(health=1, list=1, status=20, init=5, disconnect=1, send=1)
    policy = replace(QUICK, at_once=2, backoff_min=0.05, backoff_max=0.1)
    async with limits_world(3, healing=policy, deadlines=deadlines) as (sim, daemon):
        await daemon.proven(nth(0), nth(1), nth(2))
        await daemon.quiet()
        for n in (0, 1):
            before = len(await sim.requests(f"{STATUS}{nth(n)}"))
            await sim.fault("hang", nth(n))
            await sim.fault("drop", nth(n))
            await sim.until_requested(f"{STATUS}{nth(n)}", count=before + 1)
        began = time.monotonic()
        assert (await daemon.done("reconnect", nth(2), force=True)).outcome == "verified"
        assert time.monotonic() - began < 5
        assert [entry["body"]["sessionId"] for entry in await sim.requests(INIT)] == [nth(2)]


async def test_a_person_starts_beside_healing_and_who_waits_is_told() -> None:
    policy = replace(QUICK, at_once=2, backoff_min=0.05, backoff_max=0.1)
    async with world(5, healing=policy, start_seconds=1.0, poll_seconds=0.05) as (sim, daemon):
        await daemon.proven(*map(nth, range(5)))
        for n in range(3):
            await sim.fault("drop", nth(n))
        await sim.until_requested(INIT, count=2)
        first = await daemon.ask("reconnect", nth(3), force=True)
        assert first.text == f"reconnect asked by {TESTER}"
        await sim.until_requested(INIT, count=3)
        second = await daemon.ask("reconnect", nth(4), force=True)
        assert second.text.endswith("; waits for its turn, 3 clients start on default")
        for receipt in (first, second):
            assert (await daemon.ended(receipt)).outcome == "verified"
        await sim.until_requested(INIT, count=5)
        inits = await sim.requests(INIT)
        assert [entry["body"]["sessionId"] for entry in inits[2:4]] == [nth(3), nth(4)]
        assert inits[2]["t"] - inits[1]["t"] < 0.6, "beside them"


async def _healing(daemon: Inside) -> GatewayHealingView:
    [gateway] = (await daemon.client.status()).gateways
    assert gateway.healing is not None
    return gateway.healing


async def _said(daemon: Inside, detail: str) -> bool:
    return any(event.text.startswith(detail) for event in await daemon.events("healing"))


async def _nothing_starts(daemon: Inside) -> bool:
    return (await _healing(daemon)).starting == 0


async def _attention(daemon: Inside, detail: str) -> bool:
    return is_told(await daemon.view(nth(0)), detail)
