"""A gateway that restarts brings its sessions back by itself: nobody is alarmed meanwhile; what it leaves is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest

from tests.simulated import Simulated
from wa_tui.gateways import Deadlines
from wa_tui.model.registers import Status
from wa_tui.wire import Condition, Delta, GatewayView, SessionView, Snapshot, condition, utc_now

from .inside import QUICK, QUIET, Inside, nth, world
from .waiting import until

RED = (Condition.DISCONNECTED, Condition.AUTH_FAILED)
IDS = [nth(n) for n in range(3)]


@dataclass
class Watcher:
    """What a live monitor saw: each session's conditions in order, and for what it called a person."""

    conditions: dict[str, list[Condition]] = field(default_factory=dict)
    attention: list[str] = field(default_factory=list)
    _sessions: dict[tuple[str, str], SessionView] = field(default_factory=dict)
    _gateways: dict[str, GatewayView] = field(default_factory=dict)

    def take(self, sessions: list[SessionView], gateways: list[GatewayView]) -> None:
        self._gateways |= {gateway.name: gateway for gateway in gateways}
        self._sessions |= {session.key: session for session in sessions}
        for session in self._sessions.values():
            gateway = self._gateways.get(session.gateway)
            found = condition(session, gateway, utc_now(), 600.0)
            seen = self.conditions.setdefault(session.session_id, [])
            if not seen or seen[-1] is not found:
                seen.append(found)
            if session.attention is not None:
                self.attention.append(session.attention.text)


@contextlib.asynccontextmanager
async def watching(daemon: Inside) -> AsyncIterator[Watcher]:
    """Attach a monitor that remembers all that it is told."""
    watcher, attached = Watcher(), asyncio.Event()

    async def follow() -> None:
        async for told in daemon.client.live():
            if isinstance(told, Snapshot | Delta):
                watcher.take(told.sessions, told.gateways)
                attached.set()

    task = asyncio.create_task(follow())
    try:
        await asyncio.wait_for(attached.wait(), 10)
        yield watcher
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("first", ["health", "list-sync", "sync-session-status"])
async def test_no_session_is_red_while_its_gateway_restores_it(first: str) -> None:
    """Whatever finds the sessions missing before it is known that their gateway restarted."""
    intervals = {"health": QUIET, "list_sync": QUIET, "restore_grace": 5.0}
    quick: dict[str, Any] = {"restore_delay_seconds": 1.0, "start_seconds": 0.3, "poll_seconds": 0.05}
    # The first list is the only one: it must not fail on a busy machine.
    async with world(3, healing=QUICK, intervals=intervals, deadlines=Deadlines(), **quick) as (sim, daemon):
        await daemon.proven(*IDS)
        async with watching(daemon) as watcher:
            await sim.fault("restart", downtime=0.0)
            await until(lambda: _listens(sim))
            await daemon.done("run_job", job=first)
            assert daemon.gateway().restarts == 1
            back = daemon.gateway().returned_at
            for session_id in IDS:
                await daemon.session_until(session_id, lambda s: (s.proven_at or 0) > back)
            await daemon.gateway_until(lambda g: not g.restoring)
            for session_id in IDS:
                await until(partial(_ends_connected, watcher.conditions[session_id]))
        for session_id in IDS:
            seen = watcher.conditions[session_id]
            assert not [found for found in seen if found in RED], seen
        assert not watcher.attention
        assert not await sim.requests("/api/session/init"), "it came back by itself"


async def _ends_connected(seen: list[Condition]) -> bool:
    return seen[-1] is Condition.CONNECTED


async def _listens(sim: Simulated) -> bool:
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        with contextlib.suppress(httpx.TransportError):
            return (await client.get(f"{sim.url}/health")).is_success
    return False


async def test_what_a_restarted_gateway_leaves_is_red_at_once_after_that() -> None:
    """It never asks what to restore: the truth comes out when its time is over, and then we start it."""
    intervals = {"health": 0.2, "list_sync": 0.2, "restore_grace": 1.5}
    async with world(2, intervals=intervals, start_seconds=0.05, poll_seconds=0.05) as (sim, daemon):
        await daemon.proven(*IDS[:2])
        async with watching(daemon) as watcher:
            await sim.fault("restart", downtime=0.2)
            for session_id in IDS[:2]:
                session = await daemon.session_until(session_id, lambda s: s.gone)
                assert session.status is Status.INITIALIZING
            assert not [found for seen in watcher.conditions.values() for found in seen if found in RED]
            await daemon.gateway_until(lambda g: g.restarts == 1 and not g.restoring)
            for session_id in IDS[:2]:
                session = await daemon.session_until(session_id, lambda s: s.status is Status.DISCONNECTED)
                assert (session.reason, session.gone) == ("missing", True)
        [restored] = [
            event.text for event in await daemon.events("gateway") if "restoring is over" in event.text
        ]
        assert restored.endswith("2 sessions are left for us to start")


async def test_a_client_that_is_gone_without_a_restart_is_red_at_once() -> None:
    async with world(1, intervals={"health": QUIET, "list_sync": 0.2}) as (_, daemon):
        await daemon.proven(IDS[0])
        await daemon.daemon.parts.clients["default"].disconnect(IDS[0])
        session = await daemon.session_until(IDS[0], lambda s: s.status is Status.DISCONNECTED)
        assert session.reason == "missing" and daemon.gateway().restarts == 0
