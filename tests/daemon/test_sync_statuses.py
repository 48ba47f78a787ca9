"""The status sync: what it finds, what it says, how it is spread, and what hangs or is down meanwhile."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest

from tests.simulated import simulated_fleet
from wa_tui.gateways import Deadlines
from wa_tui.model.registers import GatewayState, Status

from .inside import QUIET, inside, nth, world
from .waiting import until

ALONE = {"health": 0.15, "list_sync": QUIET}
SPREAD = 20.0
"""Seconds that checks which are spread over their interval, an hour, take by far."""


async def test_sessions_that_silently_died_are_found_and_said(caplog: pytest.LogCaptureFixture) -> None:
    async with world(6, intervals=ALONE) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(6)))
        for n in (1, 4):
            await sim.fault("drop", nth(n), silent=True)
        caplog.clear()
        receipt = await daemon.done("sync")
        assert (receipt.outcome, receipt.text) == (
            "verified",
            "Session sync complete: 6 checked, 2 updated",
        )
        assert "Session sync complete: 6 checked, 2 updated" in caplog.messages
        for n in (1, 4):
            assert f"Session {nth(n)} appears disconnected, updating status" in caplog.messages
            assert daemon.session(nth(n)).status is Status.DISCONNECTED
        assert sum("appears disconnected" in message for message in caplog.messages) == 2
        assert [daemon.session(nth(n)).status for n in (0, 2, 3, 5)] == [Status.CONNECTED] * 4
        assert (await daemon.done("sync")).text == "Session sync complete: 6 checked, 0 updated"


async def test_what_the_list_tells_first_is_counted_too() -> None:
    async with world(4, intervals=ALONE) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(4)))
        await sim.fault("webhooks", loss=1.0)
        await sim.fault("drop", nth(2))
        before = len(await sim.requests("/api/session/status/"))
        assert (await daemon.done("sync")).text == "Session sync complete: 4 checked, 1 updated"
        asked = len(await sim.requests("/api/session/status/")) - before
        assert asked == 4, "the check that the list asked for is the sync's"


async def test_a_periodic_run_is_spread_and_the_first_is_not() -> None:
    intervals = {"health": QUIET, "list_sync": QUIET, "status_sync": 1.5}
    async with world(6, intervals=intervals) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(6)))
        await daemon.done("sync")
        before = await sim.requests("/api/session/status/")
        await sim.until_requested("/api/session/status/", count=len(before) + 6)
        asked = (await sim.requests("/api/session/status/"))[len(before) :][:6]
        assert len({entry["path"] for entry in asked}) == 6
        gaps = [after["t"] - entry["t"] for entry, after in pairwise(asked)]
        # Each is due a fifth of a second after the one before; on a slow machine one may be late.
        assert all(gap > 0.03 for gap in gaps), gaps
        assert 0.9 < asked[-1]["t"] - asked[0]["t"] < 3, "80 % of the interval"

        async def over() -> bool:
            return any(job.detail == "6 checked, 0 updated" for job in await daemon.client.jobs())

        await until(over)


async def test_all_are_checked_at_once_at_the_start_and_after_a_return() -> None:
    async with world(8, intervals=ALONE) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(8)))
        await sim.fault("unreachable")
        await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
        before = len(await sim.requests("/api/session/status/"))
        await sim.fault("reachable")
        await sim.until_requested("/api/session/status/", count=before + 8)
        asked = (await sim.requests("/api/session/status/"))[before:]
        assert asked[7]["t"] - asked[0]["t"] < SPREAD
        await daemon.stop()
        before = len(await sim.requests("/api/session/status/"))
        await daemon.start()
        await sim.until_requested("/api/session/status/", count=before + 8)
        asked = (await sim.requests("/api/session/status/"))[before:]
        assert asked[7]["t"] - asked[0]["t"] < SPREAD


async def test_hanging_clients_cost_their_deadline_alone() -> None:
    deadlines = Deadlines(status=1.5)
    async with world(30, intervals=ALONE, deadlines=deadlines) as (sim, daemon):
        ids = list(await sim.truth())
        await daemon.proven(*ids)
        for session_id in ids[:10]:
            await sim.fault("hang", session_id)
        began = time.monotonic()
        started = daemon.clock.now()
        receipts = [await daemon.ask("sync") for _ in range(3)]
        for session_id in ids[10:]:
            await daemon.session_until(session_id, lambda s: (s.proven_at or 0) >= started)
        assert not (await daemon.client.receipt(receipts[0].id)).ended, "nobody waits for the hanging ones"
        first = await daemon.ended(receipts[0])
        assert deadlines.status - 0.05 < time.monotonic() - began < 2 * deadlines.status, "all at once"
        assert first.text == "Session sync complete: 20 checked, 0 updated"
        for receipt in receipts:
            await daemon.ended(receipt)
        for session_id in ids[:10]:
            session = daemon.session(session_id)
            assert session.status is Status.CONNECTED and session.unanswered == "no answer within 1.5 s"
            unanswered = await daemon.events("unanswered", session_id)
            assert len(unanswered) == 1
            await sim.fault("unhang", session_id)
        await daemon.done("sync")
        assert all(daemon.session(session_id).unanswered is None for session_id in ids)


async def test_a_fleet_that_hangs_holds_up_neither_list_nor_health() -> None:
    deadlines = Deadlines(health=1, list=1, status=0.4)
    async with world(40, deadlines=deadlines) as (sim, daemon):
        ids = list(await sim.truth())
        await daemon.proven(*ids)
        for session_id in ids:
            await sim.fault("hang", session_id)
        receipt = await daemon.ask("sync")
        await sim.add(sessions=[{"sessionId": "newcomer"}])
        began = time.monotonic()
        await daemon.session_until("newcomer", lambda s: True)
        assert time.monotonic() - began < 1.2
        assert daemon.gateway().state is GatewayState.UP
        await daemon.ended(receipt)
        await daemon.proven("newcomer")


async def test_a_gateway_that_is_down_has_no_session_marked() -> None:
    async with world(5, intervals=ALONE | {"health": QUIET, "status_sync": 0.5}) as (sim, daemon):
        await daemon.proven(*(nth(n) for n in range(5)))
        await sim.fault("stop")
        receipt = await daemon.done("sync")
        assert receipt.outcome == "no_effect" and sim.url in receipt.text and "default" in receipt.text
        await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
        events = len(await daemon.events("status"))
        await asyncio.sleep(0.6)  # a periodic run passes
        assert [daemon.session(nth(n)).status for n in range(5)] == [Status.CONNECTED] * 5
        assert len(await daemon.events("status")) == events
        views = await daemon.client.sessions()
        assert all(view.status == "connected" for view in views)


async def test_a_sync_of_one_gateway_looks_again_whether_it_is_down() -> None:
    async with world(2, intervals=ALONE | {"health": QUIET}) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await sim.fault("unreachable")
        await daemon.done("sync")
        await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
        await sim.fault("reachable")
        receipt = await daemon.done("sync", gateway="default")
        assert receipt.text == "Session sync complete: 2 checked, 0 updated"
        assert daemon.gateway().state is GatewayState.UP


async def test_offline_sessions_are_not_checked_unless_they_contradict() -> None:
    async with world(2, intervals=ALONE) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await daemon.done("disconnect", nth(0))
        before = len(await sim.requests(f"/api/session/status/{nth(0)}"))
        assert (await daemon.done("sync")).text == "Session sync complete: 1 checked, 0 updated"
        assert len(await sim.requests(f"/api/session/status/{nth(0)}")) == before
        await sim.add(sessions=[{"sessionId": nth(0)}])
        await daemon.done("sync")
        session = await daemon.session_until(nth(0), lambda s: s.contradicts)
        assert (await daemon.view(session.session_id)).contradiction == "connected, but it should be offline"
        assert (await daemon.done("sync")).text == "Session sync complete: 2 checked, 0 updated"


async def test_a_gateway_whose_clients_hang_keeps_no_others_waiting() -> None:
    """Its checks outlast the interval; those of the other gateway come round all the same."""
    deadlines = Deadlines(health=1, list=1, status=1.5, init=1, disconnect=1, send=1)
    keys = {"slow": "a", "quick": "b"}
    async with (
        simulated_fleet(keys, sessions=2) as sims,
        inside(*sims, deadlines=deadlines, intervals={"status_sync": 0.5}) as daemon,
    ):
        slow, quick = sims
        for n in range(2):
            await daemon.session_until(nth(n, "slow"), lambda s: s.proven_at is not None)
            await slow.fault("hang", nth(n, "slow"))
        since = daemon.clock.now()
        await daemon.session_until(nth(0, "slow"), lambda s: s.unanswered is not None)

        async def come_round() -> bool:
            asked = await quick.requests(f"/api/session/status/{nth(0, 'quick')}")
            return bool(sum(entry["t"] * 1000 > since for entry in asked) >= 3)

        await until(come_round)

        async def said() -> bool:
            jobs = {job.name: job for job in daemon.daemon.parts.schedule.views()}
            return jobs["sync-session-status"].detail.endswith("; slow still answers")

        await until(said)
