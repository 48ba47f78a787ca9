"""After a gateway's restart: its own restoring first, then a bare init of what it left down."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import Any

import httpx
import pytest

from tests.simulated import Simulated
from wa_tui.daemon.actions import following
from wa_tui.gateways import ClientStatus
from wa_tui.model.facts import Fact, Listed
from wa_tui.model.registers import Credentials, Desired, Status
from wa_tui.model.transition import Transition
from wa_tui.store import StoreError

from .inside import QUICK, QUIET, Inside, nth, world
from .waiting import until

OWN: dict[str, Any] = {"restore_delay_seconds": 0.2}
"""The service asks for its sessions this soon after its start."""


healing_world = partial(world, healing=QUICK)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.03)


async def test_a_gateway_that_restores_by_itself_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    # A busy machine takes longer than usual between two signs of progress.
    async with healing_world(4, **OWN, intervals={"restore_grace": 2.0}, start_seconds=0.2) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(4)))
        since = daemon.clock.now()
        await sim.fault("restart", downtime=0.1)
        await daemon.gateway_until(lambda g: g.restarts == 1)
        for n in range(4):
            await daemon.session_until(nth(n), lambda s: (s.proven_at or 0) > since)
        await _said(caplog, "Gateway default restored everything that has credentials")
        asked = [entry for entry in await sim.log() if entry["path"].endswith("/active-sessions/")]
        assert [entry["answered"] for entry in asked][-1] == 200
        assert not await sim.requests("/api/session/init") and not await sim.requests(
            "/api/session/disconnect"
        )
        assert not await daemon.events("action")


async def test_a_restart_that_no_health_check_saw_is_left_alone_too() -> None:
    intervals = {"health": QUIET, "list_sync": QUIET, "restore_grace": 30.0}
    options: dict[str, Any] = {"restore_delay_seconds": 1.5, "start_seconds": 0.2}
    async with healing_world(3, **options, intervals=intervals) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(3)))
        since = daemon.clock.now()
        await sim.fault("restart", downtime=0.1)
        await until(partial(_restarted, sim))
        # A list finds them gone; before healing starts one, it asks whether the gateway is still the same.
        await daemon.daemon.parts.reconciler.lists.sync("default")
        await daemon.gateway_until(lambda g: g.restarts == 1)
        for n in range(3):
            await daemon.session_until(nth(n), lambda s: (s.proven_at or 0) > since)
        assert not await sim.requests("/api/session/init")


async def test_what_it_leaves_down_is_started_with_a_bare_init(caplog: pytest.LogCaptureFixture) -> None:
    async with healing_world(3) as (sim, daemon):
        await sim.add(
            sessions=[
                {"sessionId": "logged_out", "userId": 2},
                {"sessionId": "offline", "userId": 2},
                {"sessionId": "unpaired", "status": "qr_pending", "userId": 2},
            ]
        )
        await daemon.proven(nth(0), nth(1), nth(2), "logged_out", "offline")
        await sim.fault("logout", "logged_out")
        await daemon.session_until("logged_out", lambda s: s.credentials is Credentials.NEEDS_SCAN)
        assert (await daemon.done("disconnect", "offline")).outcome == "verified"
        mark = (await sim.log())[-1]["n"]
        await sim.fault("restart", downtime=0.1)
        for n in range(3):
            await sim.until(nth(n), "connected")
        await _no_action(daemon)
        inits = await sim.requests("/api/session/init", after=mark)
        assert sorted(entry["body"]["sessionId"] for entry in inits) == [nth(0), nth(1), nth(2)]
        assert not await sim.requests("/api/session/disconnect", after=mark)
        restart = await daemon.gateway_until(lambda g: g.restarts == 1)
        assert min(entry["t"] for entry in inits) * 1000 > restart.returned_at + 450, "after the grace"
        assert [await sim.status(name) for name in ("logged_out", "offline", "unpaired")] == ["not_found"] * 3
        receipts = [event for event in await daemon.events("outcome") if event.source == "heal"]
        assert len(receipts) == 3 and all("restore verified: connected" in event.text for event in receipts)
        assert "Gateway default left 3 sessions down: restoring them" in caplog.messages
        assert [daemon.session(nth(n)).status for n in range(3)] == [Status.CONNECTED] * 3


async def test_its_progress_holds_us_and_one_that_flaps_does_not() -> None:
    """A session that changes all the time must not keep the others down."""
    async with healing_world(1, start_seconds=0.02, intervals={"restore_grace": 0.8}) as (sim, daemon):
        await sim.add(sessions=[{"sessionId": "flapping"}])
        await daemon.proven(nth(0), "flapping")
        await sim.fault("restart", downtime=0.1)
        await daemon.gateway_until(lambda g: g.restarts == 1)
        await sim.add(sessions=[{"sessionId": "flapping"}])
        await sim.fault("flap", "flapping", every=0.1, times=100)
        await sim.until(nth(0), "connected", seconds=4)


async def test_slow_progress_is_waited_for() -> None:
    """One session after the other comes back, each within the grace of the one before, the last long after it."""
    async with healing_world(3, **OWN, start_seconds=1.0, intervals={"restore_grace": 2.2}) as (sim, daemon):
        ids = [nth(n) for n in range(3)]
        await daemon.proven(*ids)
        since = daemon.clock.now()
        await sim.fault("restart", downtime=0.05)
        for session_id in ids:
            await daemon.session_until(session_id, lambda s: (s.proven_at or 0) > since)
        assert not await sim.requests("/api/session/init")


async def test_a_client_that_starts_already_is_left_alone() -> None:
    """We did not see it begin: the look before a start tells."""
    async with healing_world(1, intervals={"restore_grace": 0.4, "list_sync": 3600.0}) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("restart", downtime=0.05)
        await daemon.session_until(nth(0), lambda s: s.gone)
        await sim.add(sessions=[{"sessionId": nth(0), "status": "initializing"}])
        session = await daemon.session_until(nth(0), lambda s: not s.gone)
        assert session.status is Status.INITIALIZING
        await sim.fault("recover", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.CONNECTED)
        assert not await daemon.events("action")
        assert not await sim.requests("/api/session/init")


async def test_a_store_that_fails_during_a_restart_leaves_nothing_behind() -> None:
    async with healing_world(2) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        recorder = daemon.daemon.parts.recorder
        record, failures = recorder.record, 0

        async def failing(*facts: Fact, **rows: Any) -> list[Transition]:
            nonlocal failures
            if any(isinstance(fact, Listed) for fact in facts) and failures < 3:
                failures += 1
                raise StoreError("the disk is full")
            return await record(*facts, **rows)

        recorder.record = failing  # type: ignore[method-assign]
        await sim.fault("restart", downtime=0.05)
        await daemon.gateway_until(lambda g: g.restarts == 1)
        await sim.add(sessions=[{"sessionId": "newcomer"}])
        await daemon.gateway_until(lambda g: not g.restoring)
        await daemon.session_until("newcomer", lambda s: s.status is Status.CONNECTED)
        assert failures
        for n in range(2):
            await daemon.session_until(nth(n), lambda s: s.status is Status.CONNECTED)


async def test_nobody_waits_for_clients_that_hang_after_a_restart() -> None:
    async with healing_world(3, intervals={"restore_grace": 0.4}) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(3)))
        client, asked = daemon.daemon.parts.clients["default"], asyncio.Event()

        async def hanging(session_id: str) -> ClientStatus:
            asked.set()
            await asyncio.sleep(QUIET)
            raise AssertionError

        client.status = hanging  # type: ignore[method-assign]
        await sim.fault("restart", downtime=0.05)
        await daemon.gateway_until(lambda g: g.restarts == 1)
        await daemon.gateway_until(lambda g: not g.restoring)
        assert asked.is_set()


async def test_a_restart_while_the_daemon_was_down_is_noticed() -> None:
    async with healing_world(2) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await daemon.stop()
        await sim.fault("restart", downtime=0.02)
        await daemon.start()
        await daemon.gateway_until(lambda g: g.restarts == 1)
        for n in range(2):
            await sim.until(nth(n), "connected")
        await _no_action(daemon)
        assert len(await sim.requests("/api/session/init")) == 2
        assert not await sim.requests("/api/session/disconnect")


async def test_a_second_restart_in_the_middle_begins_anew() -> None:
    slow: dict[str, Any] = {"start_seconds": 1.0, "poll_seconds": 0.1}
    async with healing_world(3, **slow, intervals={"restore_grace": 1.1}) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(3)))
        await sim.fault("restart", downtime=0.05)
        await sim.until_requested("/api/session/init", count=2)
        mark = (await sim.log())[-1]["n"]
        # A start instant that differs by less than 2 s could be the same one.
        began = daemon.gateway().started_at or 0
        await until(lambda: _true(daemon.clock.now() - began > 2_100))
        await sim.fault("restart", downtime=0.05)
        await daemon.gateway_until(lambda g: g.restarts == 2)
        for n in range(3):
            await sim.until(nth(n), "connected", seconds=12)
        after = await sim.requests("/api/session/init", after=mark)
        started = [entry["body"]["sessionId"] for entry in after]
        assert set(started) == {nth(n) for n in range(3)}
        assert not await sim.requests("/api/session/disconnect")


async def test_a_person_goes_first() -> None:
    async with healing_world(1, intervals={"restore_grace": 3.0}, start_seconds=0.8) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("restart", downtime=0.05)
        # Its own restoring goes first for a while: a person waits for that no more than for healing.
        await daemon.gateway_until(lambda g: g.restarts == 1 and g.restoring)
        receipt = await daemon.done("reconnect", nth(0))
        assert receipt.outcome == "verified"
        await daemon.quiet()
        actors = [(event.source, event.text.split()[0]) for event in await daemon.events("action")]
        assert actors == [("action", "reconnect")]


async def test_a_person_stops_what_is_being_restored() -> None:
    async with healing_world(1, start_seconds=1.0) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("restart", downtime=0.05)
        await sim.until_requested("/api/session/init")
        receipt = await daemon.done("disconnect", nth(0))
        assert receipt.outcome == "verified"
        await daemon.quiet()
        assert await sim.status(nth(0)) == "not_found"
        assert daemon.session(nth(0)).desired is Desired.OFFLINE
        outcomes = [event.text for event in await daemon.events("outcome")]
        assert outcomes[0].startswith("restore superseded") and outcomes[1].startswith("disconnect verified")


async def test_a_read_only_daemon_restores_nothing() -> None:
    async with healing_world(1, settings={"read_only": True}) as (sim, daemon):
        await daemon.proven(nth(0))
        await sim.fault("restart", downtime=0.05)
        await daemon.gateway_until(lambda g: g.restarts == 1 and not g.restoring)
        await asyncio.sleep(0.3)  # healing would have begun
        assert not await sim.requests("/api/session/init")


async def test_a_return_without_a_restart_starts_what_dropped_meanwhile_alone() -> None:
    async with healing_world(2, intervals={"restore_grace": 0.2}, start_seconds=0.1) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await sim.fault("unreachable")
        await daemon.gateway_until(lambda g: g.state == "down")
        since = daemon.clock.now()
        await sim.fault("drop", nth(0))
        await sim.fault("reachable")
        for n in range(2):
            await daemon.session_until(nth(n), lambda s: (s.proven_at or 0) > since)
        await daemon.quiet()
        assert [entry["body"]["sessionId"] for entry in await sim.requests("/api/session/init")] == [nth(0)]


async def _true(value: bool) -> bool:
    return value


async def _said(caplog: pytest.LogCaptureFixture, detail: str) -> None:
    await until(lambda: _true(detail in caplog.messages), 5.0, lambda: f"{detail!r} not in {caplog.messages}")


async def _no_action(daemon: Inside) -> None:
    await until(lambda: _true(not daemon.daemon.parts.runner.open()))
    await daemon.quiet()


async def _answered(sim: Simulated, path: str, status: Any) -> None:
    async def found() -> bool:
        return any(entry["answered"] == status for entry in await sim.requests(path))

    await until(found)


async def _restarted(sim: Simulated) -> bool:
    """Tell whether the gateway is back; nobody but the test asks it."""
    with contextlib.suppress(httpx.TransportError):
        async with httpx.AsyncClient(trust_env=False, verify=False) as web:
            return bool((await web.get(f"{sim.url}/health")).json()["uptime"] < 100)
    return False
