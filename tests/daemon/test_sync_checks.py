"""Status checks: what they prove, what overrules them, and what they cost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx

from wa_tui.model.outcome import Verdict
from wa_tui.model.registers import GatewayState, SessionKey, Source, Status

from .inside import QUIET, Inside, nth, world
from .running import WEBHOOK
from .waiting import webhook

ALONE = {"list_sync": QUIET}


async def test_a_webhook_that_comes_in_during_a_check_is_not_overruled_by_it() -> None:
    async with world(1, intervals=ALONE | {"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("hang", nth(0))
        before = len(await sim.requests("/api/session/status/"))
        check = daemon.daemon.core.checker.request(daemon.session(nth(0)).key)
        await sim.until_requested("/api/session/status/", count=before + 1)
        await _post(daemon, webhook(nth(0), "disconnected", reason="NAVIGATION"))
        assert daemon.session(nth(0)).status is Status.DISCONNECTED
        await sim.fault("unhang", nth(0))
        outcome = await check
        assert outcome is not None and outcome.verdict is Verdict.SUPERSEDED
        again = await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED)
        assert again.proven_at is not None, "the check that began after the webhook decides"
        assert len(await sim.requests("/api/session/status/")) == before + 2
        [event] = await daemon.events("superseded", nth(0))
        assert "checking again" in event.text


async def test_a_check_that_crosses_a_webhook_of_a_slow_gateway_is_repeated() -> None:
    """A slow answer blurs the gateway's clock: which of the two is newer cannot be told for sure."""
    async with world(1, latency_ms=250, intervals=ALONE | {"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0))
        before = len(await sim.requests("/api/session/status/"))
        check = daemon.daemon.core.checker.request(daemon.session(nth(0)).key)
        await sim.until_requested("/api/session/status/", count=before + 1)
        await _post(daemon, webhook(nth(0), "disconnected", reason="NAVIGATION"))
        assert daemon.session(nth(0)).status is Status.DISCONNECTED
        assert await check is not None
        await sim.until_requested("/api/session/status/", count=before + 2)
        await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED)


async def test_a_check_proves_and_says_nothing_more() -> None:
    async with world(1, intervals=ALONE) as (_, daemon):
        await daemon.proven(nth(0))
        first = daemon.session(nth(0)).proven_at or 0
        events = len(await daemon.events(session_id=nth(0)))
        await daemon.daemon.core.checker.check(daemon.session(nth(0)).key)
        session = daemon.session(nth(0))
        assert session.proven_at is not None and session.proven_at > first
        assert len(await daemon.events(session_id=nth(0))) == events
        shown = await daemon.view(nth(0))
        assert shown.proven_at == datetime.fromtimestamp(session.proven_at / 1000, UTC)


async def test_a_proof_ends_with_the_connection_and_comes_with_the_next_check() -> None:
    async with world(1, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("drop", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED and s.proven_at is None)
        await sim.fault("recover", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED and s.proven_at is not None)


async def test_nothing_is_asked_about_a_gateway_that_does_not_exist() -> None:
    async with world(1, intervals=ALONE) as (_, daemon):
        await daemon.proven(nth(0))
        checker = daemon.daemon.core.checker
        assert await checker.check(SessionKey("elsewhere", nth(0))) is None
        assert await checker.check(SessionKey("elsewhere", nth(0)), Source.ACTION) is None
        assert [session.gateway for session in daemon.daemon.core.fleet.everything()] == ["default"]


async def test_nothing_is_recorded_of_a_session_that_nobody_knows() -> None:
    async with world(intervals=ALONE) as (sim, daemon):
        await daemon.quiet()
        outcome = await daemon.daemon.core.checker.check(SessionKey("default", "nobody"))
        assert outcome is not None and outcome.verdict is Verdict.UNCHANGED
        assert not list(daemon.daemon.core.fleet.everything())
        assert len(await sim.requests("/api/session/status/nobody")) == 1


async def test_checks_of_one_session_are_joined_and_never_run_together() -> None:
    async with world(2, intervals=ALONE | {"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await sim.fault("hang", nth(0))
        checker, key = daemon.daemon.core.checker, daemon.session(nth(0)).key
        path = f"/api/session/status/{nth(0)}"
        before = len(await sim.requests(path))
        first = checker.request(key)
        await sim.until_requested(path, count=before + 1)
        others = [checker.request(key) for _ in range(20)]
        assert len(set(others)) == 1 and others[0] is not first
        assert await checker.check(daemon.session(nth(1)).key) is not None
        assert len(await sim.requests(path)) == before + 1, "the second waits for the first"
        await sim.fault("unhang", nth(0))
        outcomes = await asyncio.gather(first, *others)
        assert None not in outcomes
        assert len(await sim.requests(path)) == before + 2


async def test_a_check_of_a_gateway_that_is_down_is_left_out_unless_a_person_asks() -> None:
    async with world(1, intervals=ALONE | {"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("unreachable")
        checker, key = daemon.daemon.core.checker, daemon.session(nth(0)).key
        assert await checker.check(key) is None
        assert daemon.gateway().state is GatewayState.DOWN
        await sim.fault("reachable")
        before = len(await sim.requests("/api/session/status/"))
        assert await checker.check(key) is None
        assert len(await sim.requests("/api/session/status/")) == before
        outcome = await checker.check(key, Source.ACTION)
        assert outcome is not None and daemon.session(nth(0)).status is Status.CONNECTED


async def test_a_check_that_meets_a_wrong_key_changes_the_gateway_alone() -> None:
    async with world(1, intervals=ALONE | {"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("unauthorised")
        before = daemon.session(nth(0))
        assert await daemon.daemon.core.checker.check(before.key) is None
        assert daemon.gateway().state is GatewayState.UNAUTHORISED and daemon.session(nth(0)) == before
        await sim.fault("unauthorised", on=False)
        assert await daemon.daemon.core.checker.check(before.key) is not None
        assert daemon.gateway().state is GatewayState.UP


async def _post(daemon: Inside, body: dict[str, object]) -> None:
    host, port = daemon.config.listen
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        answer = await client.post(
            f"http://{host}:{port}{WEBHOOK}", json=body, headers={"x-api-key": "test-key"}
        )
        assert answer.status_code == 200, answer.text
