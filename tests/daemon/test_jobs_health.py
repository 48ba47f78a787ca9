"""The health job: up, down, slow, restarted, another clock, a wrong key, and a gateway that hangs."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.simulated import simulated
from wa_tui.gateways import Deadlines
from wa_tui.model.registers import GatewayState, Status

from .inside import QUIET, SHORT, configured, inside, nth, world


async def test_a_gateway_goes_down_and_comes_back_with_its_sessions_kept() -> None:
    async with world(3) as (sim, daemon):
        await daemon.proven(nth(0), nth(1), nth(2))
        assert daemon.gateway().state is GatewayState.UP
        await sim.fault("unreachable")
        down = await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
        assert down.detail is not None and "refused" in down.detail
        assert (await daemon.done("sync")).ended
        assert [daemon.session(nth(n)).status for n in range(3)] == [Status.CONNECTED] * 3
        await sim.fault("reachable")
        back = await daemon.gateway_until(lambda g: g.state is GatewayState.UP)
        assert back.returned_at > 0 and back.restarts == 0
        for n in range(3):
            await daemon.session_until(nth(n), lambda s: (s.proven_at or 0) >= back.returned_at)
        view = (await daemon.client.status()).gateways[0]
        assert view.gaps, "the time in which nobody saw it is a gap"
        texts = [(event.before, event.after) for event in await daemon.events("gateway")]
        assert texts == [("unknown", "up"), ("up", "down"), ("down", "up")]


async def test_two_silent_health_checks_in_a_row_are_down_and_one_is_not() -> None:
    async with world(1, intervals={"health": 0.15}, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("hang_gateway")
        await daemon.gateway_until(lambda g: g.state is GatewayState.SLOW)
        down = await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
        assert down.detail == "no answer within 0.35 s"
        assert daemon.session(nth(0)).status is Status.CONNECTED
        await sim.fault("unhang_gateway")
        await daemon.gateway_until(lambda g: g.state is GatewayState.UP)


async def test_a_late_answer_makes_a_gateway_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wa_tui.model.gateway_health.SLOW", 150)
    async with world(latency_ms=200) as (_, daemon):
        slow = await daemon.gateway_until(lambda g: g.state is GatewayState.SLOW)
        assert slow.latency is not None and slow.latency >= 200


async def test_a_restart_is_told_from_the_uptime_and_opens_an_epoch() -> None:
    async with world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        before = daemon.gateway()
        await sim.fault("restart", downtime=0.05)
        after = await daemon.gateway_until(lambda g: g.restarts == 1)
        assert after.epoch == before.epoch + 1
        assert after.started_at is not None and before.started_at is not None
        assert after.started_at > before.started_at + 900_000
        assert "restarted" in [event.text for event in await daemon.events("gateway")]


async def test_a_clock_that_steps_opens_an_epoch_and_one_that_drifts_does_not() -> None:
    async with world(clock_offset_seconds=30) as (sim, daemon):
        first = await daemon.gateway_until(lambda g: g.clock_offset is not None)
        assert first.clock_offset == pytest.approx(30_000, abs=900) and first.epoch == 1
        await sim.fault("clock", offset=31)
        seen = daemon.gateway().seen_at or 0
        drifted = await daemon.gateway_until(lambda g: (g.seen_at or 0) > seen)
        assert drifted.epoch == 1
        await sim.fault("clock", offset=-40)
        stepped = await daemon.gateway_until(lambda g: g.epoch == 2)
        assert stepped.clock_offset == pytest.approx(-40_000, abs=900) and stepped.restarts == 0
        assert (await daemon.client.status()).gateways[0].clock_offset_ms == stepped.clock_offset


async def test_a_wrong_key_is_unauthorised_until_it_is_right() -> None:
    async with (
        simulated(sessions=1, api_key="another", uptime_seconds=1000) as sim,
        inside(configured(sim, api_key="wrong")) as daemon,
    ):
        refused = await daemon.gateway_until(lambda g: g.state is GatewayState.UNAUTHORISED)
        assert refused.detail == "Invalid API key"
        seen = refused.seen_at or 0
        still = await daemon.gateway_until(lambda g: (g.seen_at or 0) > seen)
        assert still.state is GatewayState.UNAUTHORISED, "health alone, which needs no key, is no way back"
        receipt = await daemon.done("sync")
        assert receipt.outcome == "no_effect" and "set the api_key of default to" in receipt.text
        daemon.config = replace(daemon.config, gateways=(configured(sim),))
        await daemon.restart()
        await daemon.gateway_until(lambda g: g.state is GatewayState.UP)
        await daemon.proven(nth(0))


async def test_a_service_that_asks_for_the_key_even_on_health_is_unauthorised_and_not_down() -> None:
    async with world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("unauthorised")
        await daemon.gateway_until(lambda g: g.state is GatewayState.UNAUTHORISED)
        await daemon.gateway_until(lambda g: g.refuses_key)
        n = len(await sim.log())
        await sim.until_requested("/health", count=6)
        assert len(await sim.log()) > n
        assert daemon.gateway().state is GatewayState.UNAUTHORISED
        assert daemon.session(nth(0)).status is Status.CONNECTED
        await sim.fault("unauthorised", on=False)
        await daemon.gateway_until(lambda g: g.state is GatewayState.UP)


async def test_wrong_answers_make_a_gateway_down_and_change_no_session() -> None:
    async with world(2) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        for kind in ("errors", "garbage"):
            await sim.fault(kind)
            await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
            assert (await daemon.done("sync")).outcome == "no_effect"
            assert [daemon.session(nth(n)).status for n in range(2)] == [Status.CONNECTED] * 2
            await sim.fault(kind, on=False)
            await daemon.gateway_until(lambda g: g.state is GatewayState.UP)


async def test_a_hanging_gateway_delays_no_job_of_another() -> None:
    async with (
        simulated(name="a", sessions=3, uptime_seconds=1000) as hanging,
        simulated(name="b", sessions=3, uptime_seconds=1000) as other,
        inside(
            hanging,
            other,
            intervals={"health": 0.1, "list_sync": 0.1},
            deadlines=Deadlines(health=4, list=4, status=4),
            start=False,
        ) as daemon,
    ):
        await hanging.fault("hang_gateway")
        await daemon.start()
        for n in range(3):
            await daemon.session_until(nth(n, "b"), lambda s: s.proven_at is not None)
        outcomes = {job.outcome for job in daemon.daemon.parts.schedule.views() if job.gateway == "a"}
        assert None in outcomes, "within the other's first deadline"
        await other.until_requested("/health", count=5)
        await other.until_requested("/api/session/list", count=5)
        checks = len(await other.requests("/api/session/status/"))
        receipt = await daemon.ask("sync")
        await other.until_requested("/api/session/status/", count=checks + 3)
        asked = await daemon.client.receipt(receipt.id)
        assert not asked.ended, "its checks do not wait for the list of the other"
        receipt = await daemon.ended(receipt)
        assert receipt.text == "Session sync complete: 3 checked, 0 updated; no list from a"
        assert receipt.outcome == "failed"


async def test_a_job_that_is_cut_short_by_the_end_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async with world(1, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("hang_gateway")
        asked = len(await sim.requests("/health"))
        await sim.until_requested("/health", count=asked + 1)
        await daemon.stop()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_every_run_is_recorded_and_shown() -> None:
    async with world(1, intervals={"health": QUIET, "list_sync": QUIET}) as (_, daemon):
        await daemon.proven(nth(0))
        names = {
            "health": "answered in ",
            "list-sync": "1 listed, ",
            "status-checks": " checked, ",
            "sync-session-status": " checked, ",
            "cleanup-expired-qr-codes": "0 expired",
            "cleanup-disconnected-sessions": "0 sessions removed, 0 events past retention",
            "copy-aside": "copied",
            "watch-silences": "0 watched, 0 strangely silent",
        }
        async with asyncio.timeout(40):
            while any(job.outcome is None for job in await daemon.client.jobs()):
                await asyncio.sleep(0.01)
        jobs = {job.name: job for job in await daemon.client.jobs()}
        assert set(jobs) == set(names)
        for name, detail in names.items():
            assert jobs[name].outcome == "ok" and detail in jobs[name].detail
            assert jobs[name].next_at is not None and jobs[name].last_at is not None
        runs = {run.job: run for run in await daemon.daemon.parts.store.job_runs()}
        assert set(runs) == set(names) and runs["list-sync"].gateway == "default"
