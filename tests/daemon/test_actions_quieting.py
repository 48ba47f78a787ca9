"""Snooze, acknowledge and jobs run by hand."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.simulated import Simulated
from wa_tui.client import Client, Refused, Unix
from wa_tui.model.registers import GatewayState, Status
from wa_tui.wire import ActionRequest, utc_now

from .inside import QUICK, QUIET, Inside, is_told, nth, world
from .running import TESTER
from .waiting import until

ALONE = {"list_sync": QUIET}


async def down(daemon: Inside, sim: object) -> None:
    await daemon.proven(nth(0))
    await sim.fault("drop", nth(0))  # type: ignore[attr-defined]
    await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)


async def test_a_snooze_is_kept_and_can_be_ended() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await down(daemon, sim)
        receipt = await daemon.done("snooze", nth(0), minutes=90)
        assert receipt.outcome == "verified" and receipt.text.startswith("calls nobody until ")
        await daemon.restart()
        view = await daemon.view(nth(0))
        assert view.snoozed_until is not None
        assert abs(view.snoozed_until - utc_now() - timedelta(minutes=90)) < timedelta(seconds=60)
        assert view.attention is not None and view.attention.code == "down", "it still says what it needs"
        fleet = (await daemon.client.status()).sessions
        assert (fleet.needs_person, fleet.snoozed, fleet.acknowledged) == (0, 1, 0)
        assert (await daemon.done("snooze", nth(0), minutes=0)).text == "calls again"
        assert (await daemon.view(nth(0))).snoozed_until is None
        texts = [event.text for event in await daemon.events("action")]
        assert texts == [f"snooze for 90 min asked by {TESTER}", f"end of snooze asked by {TESTER}"]


@pytest.mark.parametrize("minutes", [-1, 7 * 24 * 60 + 1])
async def test_a_snooze_has_an_end(minutes: int) -> None:
    async with world(1, intervals=ALONE) as (_, daemon):
        await daemon.proven(nth(0))
        with pytest.raises(Refused, match="for how many minutes") as refused:
            await daemon.ask("snooze", nth(0), minutes=minutes)
        assert refused.value.status == 400


async def test_an_acknowledgement_lasts_until_it_is_connected_again() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await down(daemon, sim)
        receipt = await daemon.done("acknowledge", nth(0))
        assert receipt.text == f"{TESTER} takes care of it: it calls nobody until it is connected again"
        await daemon.restart()
        acknowledged = (await daemon.view(nth(0))).acknowledged
        assert acknowledged is not None and acknowledged.who == TESTER
        fleet = (await daemon.client.status()).sessions
        assert (fleet.needs_person, fleet.snoozed, fleet.acknowledged) == (0, 0, 1)
        assert abs(utc_now() - acknowledged.at) < timedelta(seconds=60)
        await sim.fault("recover", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED)
        assert (await daemon.view(nth(0))).acknowledged is None
        with pytest.raises(Refused, match="is connected: there is nothing to acknowledge"):
            await daemon.ask("acknowledge", nth(0))


async def test_an_acknowledgement_can_be_taken_back() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await down(daemon, sim)
        assert (await daemon.done("acknowledge", nth(0), force=True)).text == "nobody had acknowledged it"
        await daemon.done("acknowledge", nth(0))
        assert (await daemon.done("acknowledge", nth(0), force=True)).text == "calls again"
        assert (await daemon.view(nth(0))).acknowledged is None


async def come_and_go(sim: Simulated, daemon: Inside) -> None:
    """Drop the session, and wait until healing has brought it back."""
    await sim.fault("drop", nth(0))
    await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
    await daemon.session_until(nth(0), lambda s: s.proven_at is not None)


def restless(window: float) -> AbstractAsyncContextManager[tuple[Simulated, Inside]]:
    """One session that flaps from its second drop within so many seconds."""
    policy = replace(QUICK, flapping_drops=1, flapping_window=window, backoff_max=0.1)
    return world(1, intervals=ALONE, healing=policy, start_seconds=0.05, poll_seconds=0.05)


async def test_one_that_flaps_is_taken_care_of_until_it_is_calm() -> None:
    async with restless(2.0) as (sim, daemon):
        await daemon.proven(nth(0))

        await come_and_go(sim, daemon)
        await come_and_go(sim, daemon)
        receipt = await daemon.done("acknowledge", nth(0))
        assert receipt.text == f"{TESTER} takes care of it: it calls nobody until it is calm again"
        await come_and_go(sim, daemon)

        async def flaps() -> bool:
            return is_told(await daemon.view(nth(0)), "flapping: ")

        # Healing's own start may not be over yet.
        await until(flaps)
        assert (await daemon.view(nth(0))).acknowledged is not None
        assert (await daemon.client.status()).sessions.needs_person == 0

        async def calm() -> bool:
            return (await daemon.view(nth(0))).acknowledged is None

        await until(calm)
        assert (await daemon.view(nth(0))).attention is None
        texts = [event.text for event in await daemon.events("healing")]
        assert len(texts) == 2 and texts[0].startswith("flapping: 2 drops"), "said once, not at every drop"
        assert texts[1] == f"flaps no more: {TESTER} need not take care of it any longer"
        with pytest.raises(Refused, match="there is nothing to acknowledge"):
            await daemon.ask("acknowledge", nth(0))


async def test_who_takes_care_of_one_that_flaps_is_let_go_after_a_restart_too() -> None:
    async with restless(600.0) as (sim, daemon):
        await daemon.proven(nth(0))
        for _ in range(2):
            await come_and_go(sim, daemon)
        await daemon.done("acknowledge", nth(0))
        await daemon.restart()
        assert (await daemon.view(nth(0))).acknowledged is not None
        daemon.clock.forward(1200)
        await daemon.restart()
        await daemon.session_until(nth(0), lambda s: s.acknowledged is None)


async def test_quiet_sessions_are_healed_all_the_same() -> None:
    async with world(1, intervals=ALONE, healing=QUICK) as (sim, daemon):
        await daemon.proven(nth(0))
        await daemon.done("snooze", nth(0), minutes=60)
        await sim.fault("drop", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        await daemon.session_until(nth(0), lambda s: s.proven_at is not None)
        assert await sim.status(nth(0)) == "connected"
        assert (await daemon.view(nth(0))).snoozed_until is not None


async def test_a_read_only_monitor_silences_nobody_but_may_run_what_looks() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await down(daemon, sim)
        watcher = Client(Unix(daemon.config.socket), read_only=True)
        refused = [
            ActionRequest(action="snooze", session_id=nth(0), minutes=5),
            ActionRequest(action="acknowledge", session_id=nth(0)),
            ActionRequest(action="run_job", job="cleanup-disconnected-sessions"),
        ]
        for request in refused:
            with pytest.raises(Refused, match="this monitor is read-only"):
                await watcher.act(request)
        assert (await watcher.act(ActionRequest(action="run_job", job="health"))).outcome == "accepted"
        await watcher.close()


async def test_a_job_is_run_now_and_its_result_told() -> None:
    async with world(2, intervals=ALONE | {"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        before = len(await sim.requests("/health"))
        receipt = await daemon.done("run_job", job="health", gateway="default")
        assert receipt.outcome == "verified" and receipt.text.startswith("default: answered in ")
        assert len(await sim.requests("/health")) == before + 1
        assert (await daemon.done("run_job", job="list-sync")).text == "default: 2 listed, 0 differ"
        synced = await daemon.done("run_job", job="sync-session-status")
        assert synced.text == "Session sync complete: 2 checked, 0 updated"
        jobs = {job.name: job for job in await daemon.client.jobs()}
        assert jobs["sync-session-status"].detail == synced.text
        last = jobs["health"].last_at
        assert last is not None and utc_now() - last < timedelta(seconds=60)
        receipt = await daemon.done("run_job", job="cleanup-disconnected-sessions")
        assert receipt.outcome == "verified" and "sessions removed" in receipt.text


@pytest.mark.parametrize("job", ["health", "list-sync", "sync-session-status"])
async def test_a_job_that_a_gateway_does_not_answer_fails(job: str) -> None:
    async with world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("unreachable")
        await daemon.gateway_until(lambda gateway: gateway.state is GatewayState.DOWN)
        receipt = await daemon.done("run_job", job=job)
        assert receipt.outcome == "failed" and receipt.text, receipt
        found = next(each for each in await daemon.client.jobs() if each.name == job)
        assert found.outcome == "failed"


async def test_a_job_that_fails_is_told_and_others_are_refused_by_name() -> None:
    async with world(1, intervals=ALONE) as (_, daemon):
        await daemon.proven(nth(0))
        for status, detail, fields in (
            (404, "no job is called 'nap': health, ", {"job": "nap"}),
            (404, "no gateway is called 'x'", {"job": "health", "gateway": "x"}),
            (400, "a job of the whole daemon", {"job": "copy-aside", "gateway": "default"}),
            (404, "no job is called ''", {}),
        ):
            with pytest.raises(Refused, match=detail) as refused:
                await daemon.ask("run_job", **fields)
            assert refused.value.status == status

        async def broken() -> str:
            raise OSError("the disk is gone")

        schedule = daemon.daemon.parts.schedule
        job = schedule._jobs["copy-aside"]
        schedule._jobs["copy-aside"] = type(job)(job.name, job.gateway, job.interval, broken)
        receipt = await daemon.done("run_job", job="copy-aside")
        assert (receipt.outcome, receipt.text) == ("failed", "OSError: the disk is gone")
