"""What does not fit together is said and counted: webhooks that never came, lists, silence, restarts, a wrong key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from wa_tui.daemon.sync import missing
from wa_tui.model.registers import Status
from wa_tui.wire import GatewayView

from .inside import QUICK, QUIET, SHORT, Inside, nth, world
from .waiting import until


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing, "GRACE", 0.4)


async def test_webhooks_that_never_come_are_counted() -> None:
    async with world(3) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(3)))
        await _past_the_start(daemon)
        await sim.fault("webhooks", loss=1.0)
        for n in range(2):
            await sim.fault("drop", nth(n))
        await sim.fault("webhooks", loss=0.0)
        await sim.fault("drop", nth(2))
        view = await _gateway_until(daemon, lambda g: g.hour.get("missing") == 2)
        assert sum(view.per_minute) >= 4 and len(view.per_minute) == 60
        events = await daemon.events("missing")
        assert {event.session_id for event in events} == {nth(0), nth(1)}
        assert events[0].text.startswith("webhook missing: a check found disconnected ")
        await daemon.restart()
        view = await _gateway_until(daemon, lambda g: g.state == "up")
        assert view.hour["missing"] == 2, "the store remembers"


async def test_what_healing_brings_back_was_missing_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its `connected` tells nothing of the `disconnected` that was lost."""
    monkeypatch.setattr(missing, "GRACE", 2.0)
    async with world(6, healing=replace(QUICK, backoff_min=0.5, backoff_max=0.5)) as (sim, daemon):
        ids = [nth(n) for n in range(6)]
        await daemon.proven(*ids)
        daemon.clock.forward(3)
        await sim.fault("webhooks", loss=1.0)
        for session_id in ids:
            await sim.fault("drop", session_id)
        for session_id in ids:
            await daemon.session_until(
                session_id, lambda s: s.check is not None and s.status is not Status.CONNECTED
            )
        await sim.fault("webhooks", loss=0.0)
        for session_id in ids:
            await daemon.session_until(session_id, lambda s: s.status is Status.CONNECTED)
        assert any(s.claims.online is not None for s in map(daemon.session, ids)), "one came at least"
        await until(lambda: _no_suspicion(daemon))

        async def all_are_counted() -> bool:
            events = [each for each in await daemon.events("missing") if "found disconnected" in each.text]
            return sorted(event.session_id or "" for event in events) == ids

        await until(all_are_counted)


async def test_a_silent_death_is_announced_by_nobody() -> None:
    async with world(3) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(3)))
        await _past_the_start(daemon)
        await sim.fault("drop", nth(0), silent=True)
        await daemon.done("sync")
        assert daemon.session(nth(0)).status is Status.DISCONNECTED
        await sim.fault("webhooks", loss=1.0)
        await sim.fault("drop", nth(1))
        await _gateway_until(daemon, lambda g: g.hour.get("missing", 0) > 0)
        await until(lambda: _no_suspicion(daemon))
        [event] = await daemon.events("missing")
        assert event.session_id == nth(1), "the list said so before any check looked"


@pytest.mark.parametrize("kind", ["wwebjs-api", "waha", "evolution", "wppconnect"])
async def test_nobody_announces_what_a_logout_from_here_leaves_behind(kind: str) -> None:
    async with world(kind=kind, restore_delay_seconds=0.1) as (sim, daemon):
        await sim.add(sessions=[{"sessionId": "sales-1"}])
        await daemon.session_until("sales-1", lambda s: s.status is Status.CONNECTED and s.proof is not None)
        await daemon.quiet()
        await _past_the_start(daemon)
        await sim.fault("webhooks", loss=1.0)
        receipt = await daemon.done("logout", "sales-1", force=True)
        assert receipt.outcome == "verified", receipt.text
        await daemon.done("sync")
        await until(lambda: _no_suspicion(daemon))
        assert not await daemon.events("missing")


async def test_nobody_announces_that_a_client_on_its_way_out_was_connected() -> None:
    async with world(kind="wwebjs-api", restore_delay_seconds=0.1, destroy_seconds=0.2) as (sim, daemon):
        await sim.add(sessions=[{"sessionId": "sales-1"}])
        await daemon.session_until("sales-1", lambda s: s.proof is not None)
        await _past_the_start(daemon)
        receipt = await daemon.done("logout", "sales-1", force=True)
        assert receipt.outcome == "verified", receipt.text
        found = [event.after for event in await daemon.events("status", "sales-1") if event.source == "sync"]
        assert found.count("connected") == 2, "a check that its webhook asked for saw it once more"
        await until(lambda: _no_suspicion(daemon))
        assert not await daemon.events("missing")


async def test_a_webhook_that_is_late_is_not_missing() -> None:
    async with world(1, intervals={"status_sync": 1.0}) as (sim, daemon):
        await daemon.proven(nth(0))
        await _past_the_start(daemon)
        await sim.fault("webhooks", delay_max=0.25)
        await sim.fault("drop", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        await until(lambda: _came(daemon))
        await daemon.quiet()
        assert not await daemon.events("missing")


async def test_nobody_announces_what_a_person_asked_for() -> None:
    async with world(1) as (_sim, daemon):
        await daemon.proven(nth(0))
        await _past_the_start(daemon)
        await daemon.done("disconnect", nth(0))
        daemon.clock.forward(1)
        await until(lambda: _no_suspicion(daemon))
        assert not await daemon.events("missing")


async def test_repeated_and_refused_webhooks_are_counted() -> None:
    async with world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("webhooks", duplicate=1.0)
        await sim.fault("drop", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        view = await _gateway_until(daemon, lambda g: g.hour.get("duplicate", 0) >= 1)
        assert view.webhooks["duplicate"] == view.hour["duplicate"]
        await daemon.restart()
        again = await _gateway_until(daemon, lambda g: g.state == "up")
        assert again.hour["duplicate"] == view.hour["duplicate"], "the store remembers"
        assert "duplicate" not in again.webhooks


async def test_a_check_that_denies_a_webhook_is_counted_and_repeated_at_once() -> None:
    async with world(1, intervals={"list_sync": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0))
        await daemon.quiet()
        before = len(await sim.requests("/api/session/status/"))
        await daemon.tell(nth(0), "disconnected", reason="NAVIGATION")
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)
        await daemon.daemon.parts.checker.check(daemon.session(nth(0)).key)
        await daemon.quiet()
        assert daemon.session(nth(0)).status is Status.CONNECTED
        assert len(await sim.requests("/api/session/status/")) == before + 2
        view = await _gateway_until(daemon, lambda g: g.hour.get("contradiction") == 1)
        [event] = [each for each in await daemon.events("status") if each.source == "sync"]
        assert "denies what the last webhook said" in event.text
        await daemon.restart()
        view = await _gateway_until(daemon, lambda g: g.state == "up")
        assert view.hour["contradiction"] == 1


async def test_two_webhooks_with_one_timestamp_are_counted() -> None:
    async with world(1, intervals={"list_sync": QUIET}) as (_sim, daemon):
        await daemon.proven(nth(0))
        now = datetime.now(UTC)
        for status in ("connected", "disconnected"):
            await daemon.tell(nth(0), status, at=now)
        await _gateway_until(daemon, lambda g: g.hour.get("contradiction", 0) >= 1)


async def test_a_session_that_falls_silent_is_asked_again_at_once() -> None:
    async with world(1, intervals={"status_sync": 2.0}, deadlines=SHORT) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("hang", nth(0))
        await daemon.session_until(nth(0), lambda s: s.unanswered is not None)
        await until(lambda: _asked_again(sim))
        view = await _gateway_until(daemon, lambda g: g.hour.get("unanswered") == 1)
        assert view.state == "up"
        session = daemon.session(nth(0))
        assert session.unanswered_since is not None
        await sim.fault("unhang", nth(0))
        await daemon.session_until(nth(0), lambda s: s.unanswered is None and s.unanswered_since is None)


async def test_a_restarted_gateway_says_so_until_its_own_restoring_is_over() -> None:
    async with world(1, intervals={"restore_grace": 0.6}) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("restart", downtime=0.05)
        view = await _gateway_until(daemon, lambda g: g.state == "restarting")
        assert view.restarts == 1 and view.since is not None
        view = await _gateway_until(daemon, lambda g: g.state == "up")
        over = [event for event in await daemon.events("gateway") if event.before == "restarting"]
        assert [event.text for event in over] == [
            "its own restoring is over: 1 session is left for us to start"
        ]


async def test_a_restart_is_remembered_over_our_own() -> None:
    async with world(1, intervals={"restore_grace": 30.0}) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("restart", downtime=0.05)
        await _gateway_until(daemon, lambda g: g.state == "restarting")
        await daemon.restart()
        assert daemon.gateway().restoring
        await until(lambda: _restoring(daemon))


async def test_a_wrong_key_is_said_as_such() -> None:
    async with world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("unauthorised")
        view = await _gateway_until(daemon, lambda g: g.state == "unauthorised")
        assert view.detail and "key" in view.detail.lower()


async def _past_the_start(daemon: Inside) -> None:
    """What a daemon finds right after its start nobody could have told it."""
    daemon.clock.forward(1)
    await daemon.quiet()


async def _gateway_until(daemon: Inside, true: Any) -> GatewayView:
    seen: list[GatewayView] = []

    async def found() -> GatewayView | None:
        seen[:] = (await daemon.client.status()).gateways
        return seen[0] if true(seen[0]) else None

    return await until(found, 8.0, lambda: f"it is {seen}")


async def _came(daemon: Inside) -> bool:
    return daemon.session(nth(0)).claims.latest is not None


async def _no_suspicion(daemon: Inside) -> bool:
    return not daemon.daemon.parts.reconciler.missing._suspicions


async def _asked_again(sim: Any) -> bool:
    asked = await sim.requests(f"/api/session/status/{nth(0)}")
    return sum(entry["answered"] is None for entry in asked) >= 2


async def _restoring(daemon: Inside) -> bool:
    return daemon.daemon.parts.reconciler._restoring["default"]._task is not None
