"""Status checks: what they prove, what overrules them, and what they cost."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime

from wa_tui.daemon.recording.change import Change
from wa_tui.gateways import Deadlines
from wa_tui.model.registers import GatewayState, SessionKey, Source, Status
from wa_tui.model.transition import Verdict

from .inside import QUIET, SHORT, nth, world

ALONE = {"list_sync": QUIET}


async def test_a_webhook_that_comes_in_during_a_check_is_not_overruled_by_it() -> None:
    async with world(1, intervals=ALONE | {"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("hang", nth(0))
        before = len(await sim.requests("/api/session/status/"))
        check = daemon.daemon.parts.checker.request(daemon.session(nth(0)).key)
        await sim.until_requested("/api/session/status/", count=before + 1)
        await daemon.tell(nth(0), "disconnected", reason="NAVIGATION")
        assert daemon.session(nth(0)).status is Status.DISCONNECTED
        await sim.fault("unhang", nth(0))
        outcome = await check
        assert outcome is not None and outcome.verdict is Verdict.SUPERSEDED
        again = await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED)
        assert again.proven_at is not None, "the check that began after the webhook decides"
        await daemon.quiet()
        asked = len(await sim.requests("/api/session/status/"))
        assert asked == before + 3, "and what denies a webhook is looked at once more"
        [event] = await daemon.events("superseded", nth(0))
        assert "checking again" in event.text


async def test_a_check_that_crosses_a_webhook_of_a_slow_gateway_is_repeated() -> None:
    """A slow answer blurs the gateway's clock: which of the two is newer cannot be told for sure."""
    async with world(1, latency_ms=250, intervals=ALONE | {"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0))
        before = len(await sim.requests("/api/session/status/"))
        check = daemon.daemon.parts.checker.request(daemon.session(nth(0)).key)
        await sim.until_requested("/api/session/status/", count=before + 1)
        await daemon.tell(nth(0), "disconnected", reason="NAVIGATION")
        assert daemon.session(nth(0)).status is Status.DISCONNECTED
        assert await check is not None
        await sim.until_requested("/api/session/status/", count=before + 2)
        await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED)


async def test_a_check_proves_and_says_nothing_more() -> None:
    async with world(1, intervals=ALONE) as (_, daemon):
        await daemon.proven(nth(0))
        first = daemon.session(nth(0)).proven_at or 0
        events = len(await daemon.events(session_id=nth(0)))
        await daemon.daemon.parts.checker.check(daemon.session(nth(0)).key)
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
        checker = daemon.daemon.parts.checker
        assert await checker.check(SessionKey("elsewhere", nth(0))) is None
        assert await checker.check(SessionKey("elsewhere", nth(0)), Source.ACTION) is None
        assert [session.gateway for session in daemon.daemon.parts.fleet.everything()] == ["default"]


async def test_nothing_is_recorded_of_a_session_that_nobody_knows() -> None:
    async with world(intervals=ALONE) as (sim, daemon):
        await daemon.quiet()
        outcome = await daemon.daemon.parts.checker.check(SessionKey("default", "nobody"))
        assert outcome is not None and outcome.verdict is Verdict.UNCHANGED
        assert not list(daemon.daemon.parts.fleet.everything())
        assert len(await sim.requests("/api/session/status/nobody")) == 1


async def test_checks_of_one_session_are_joined_and_never_run_together() -> None:
    async with world(2, intervals=ALONE | {"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await sim.fault("hang", nth(0))
        checker, key = daemon.daemon.parts.checker, daemon.session(nth(0)).key
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
        checker, key = daemon.daemon.parts.checker, daemon.session(nth(0)).key
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
        assert await daemon.daemon.parts.checker.check(before.key) is None
        assert daemon.gateway().state is GatewayState.UNAUTHORISED and daemon.session(nth(0)) == before
        await sim.fault("unauthorised", on=False)
        assert await daemon.daemon.parts.checker.check(before.key) is not None
        assert daemon.gateway().state is GatewayState.UP


async def test_a_person_does_not_wait_for_a_fleet_that_hangs() -> None:
    deadlines = Deadlines(health=1, list=1, status=1.5, init=2, disconnect=1, send=1)
    async with world(80, intervals=ALONE | {"health": QUIET}, deadlines=deadlines) as (sim, daemon):
        ids = list(await sim.truth())
        await daemon.proven(*ids)
        well, *others = ids
        for session_id in others:
            await sim.fault("hang", session_id)
        before = len(await sim.requests("/api/session/status/"))
        receipt = await daemon.ask("sync")
        await sim.until_requested("/api/session/status/", count=before + 16)
        began = time.monotonic()
        sent = await daemon.done("send", well, recipient="4915112345678", message="hello")
        assert sent.outcome == "verified" and time.monotonic() - began < 1.0, sent
        began = time.monotonic()
        assert (await daemon.done("reconnect", well, force=True)).outcome == "verified"
        assert time.monotonic() - began < 1.8
        assert not (await daemon.client.receipt(receipt.id)).ended


async def test_who_asks_for_a_check_that_waits_makes_it_theirs() -> None:
    # Forty first checks at once: one that came too late on a busy machine would not be asked for again.
    recovery = replace(SHORT, status=1.5)
    async with world(40, intervals=ALONE | {"health": QUIET}, deadlines=recovery) as (sim, daemon):
        ids = list(await sim.truth())
        await daemon.proven(*ids)
        for session_id in ids[1:]:
            await sim.fault("hang", session_id)
        checker, well = daemon.daemon.parts.checker, daemon.session(ids[0]).key
        for session_id in [*ids[1:], ids[0]]:
            waiting = checker.request(daemon.session(session_id).key)
        before = len(await sim.requests(f"/api/session/status/{ids[0]}"))
        assert checker.request(well, Source.ACTION) is waiting
        assert await waiting is not None
        assert daemon.session(ids[0]).proven_by is Source.ACTION
        assert len(await sim.requests(f"/api/session/status/{ids[0]}")) == before + 1


async def test_a_contradiction_does_not_wait_for_a_fleet_that_hangs() -> None:
    async with world(40, intervals=ALONE | {"health": QUIET}, deadlines=SHORT) as (sim, daemon):
        ids = list(await sim.truth())
        await daemon.proven(*ids)
        for session_id in ids[1:]:
            await sim.fault("hang", session_id)
        checker = daemon.daemon.parts.checker
        checks = [checker.request(daemon.session(session_id).key) for session_id in ids[1:]]
        checker.listen(Change(checks={daemon.session(ids[0]).key}))
        since = daemon.clock.now()
        await daemon.session_until(ids[0], lambda s: (s.proven_at or 0) >= since)
        assert not any(check.done() for check in checks)
