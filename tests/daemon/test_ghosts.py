"""A ghost says connected and does not work: healing restarts it once, then a person is called; an ack ends it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.simulated import simulated
from wa_tui.daemon import needs
from wa_tui.daemon.actions import following
from wa_tui.model.facts import GhostFound, MessageAcked, SilenceEnded, SilenceNoted
from wa_tui.model.registers import DAY, MINUTE, Proof, Status
from wa_tui.model.silence import SilenceCause
from wa_tui.report.making import make_report
from wa_tui.wire import condition, utc_now

from .hasty_hook import HASTY
from .inside import AILING, QUICK, Inside, inside, nth, world
from .test_needs_hook import Pager, paged
from .waiting import until

DENIED = "WhatsApp's server does not know its number"
DISCONNECT = "/api/session/disconnect"

ghost_world = partial(world, healing=QUICK, start_seconds=0.05, poll_seconds=0.05)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.03)


async def haunt(daemon: Inside, session_id: str) -> None:
    """Have a check find that WhatsApp's server denies a session."""
    now, key = daemon.daemon.parts.clock.now(), daemon.session(session_id).key
    await daemon.daemon.parts.recorder.record(GhostFound(*key, began=now, at=now, detail=DENIED))


async def silence(daemon: Inside, session_id: str, minutes: int, *, calls: bool = False) -> None:
    """Have a session be silent for so long."""
    now, key = daemon.daemon.parts.clock.now(), daemon.session(session_id).key
    fact = SilenceNoted(
        *key, now, now - minutes * MINUTE, SilenceCause.QUIET, usual_ms=2 * MINUTE, calls=calls
    )
    await daemon.daemon.parts.recorder.record(fact)


async def revived(daemon: Inside, sim: Any, session_id: str, times: int) -> None:
    """Wait until healing has restarted a session so often, and it is well."""
    await sim.until_requested(DISCONNECT, count=times)
    await daemon.quiet()
    await daemon.session_until(session_id, lambda s: s.status is Status.CONNECTED and s.action is None)


async def test_healing_restarts_a_ghost_once_and_then_calls_a_person() -> None:
    async with ghost_world(2) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await haunt(daemon, nth(0))
        await revived(daemon, sim, nth(0), 1)
        view = await daemon.view(nth(0))
        assert (view.ghost, view.attention, view.proof) == (None, None, "client")

        await haunt(daemon, nth(0))
        view = await daemon.view_until(nth(0), lambda s: s.attention is not None)
        assert view.attention is not None and view.attention.code == "ghost"
        assert view.attention.text == f"ghost, restarted in vain: {DENIED}"
        assert view.status == "connected" and view.proven_at is None and view.healing is None
        assert view.ghost is not None and view.ghost.restarted_at is not None
        await daemon.quiet()
        assert len(await sim.requests(DISCONNECT)) == 1
        status = await daemon.client.status()
        assert status.sessions.by_condition == {"ghost": 1, "connected": 1}
        assert status.sessions.needs_person == 1


async def test_that_outlives_the_daemon_and_a_step_of_the_clock_and_ends_after_a_day() -> None:
    async with ghost_world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        await haunt(daemon, nth(0))
        await revived(daemon, sim, nth(0), 1)
        await daemon.restart()
        await daemon.proven(nth(0))
        daemon.clock.step(2 * DAY / 1000)
        await haunt(daemon, nth(0))
        await daemon.view_until(nth(0), lambda s: s.attention is not None and s.attention.code == "ghost")
        # Somebody looked after it, and a day later it is one again.
        now, key = daemon.daemon.parts.clock.now(), daemon.session(nth(0)).key
        await daemon.daemon.parts.recorder.record(SilenceEnded(*key, now, resumed=now))
        await daemon.session_until(nth(0), lambda s: s.ghost is None)
        assert len(await sim.requests(DISCONNECT)) == 1
        daemon.clock.forward(DAY / 1000)
        await haunt(daemon, nth(0))
        await revived(daemon, sim, nth(0), 2)


async def test_a_ghost_is_left_alone_where_nothing_heals_and_while_somebody_is_at_it() -> None:
    async with world(1, healing=AILING) as (_, daemon):
        await daemon.proven(nth(0))
        await haunt(daemon, nth(0))
        view = await daemon.view(nth(0))
        assert view.attention is not None and view.attention.sentence == f"ghost: {DENIED}; reconnect it"
        receipt = await daemon.done("reconnect", nth(0))
        assert receipt.outcome == "verified"
        view = await daemon.view(nth(0))
        assert (view.ghost, view.attention) == (None, None)
        assert daemon.session(nth(0)).ghost_restarted_at is None, "healing has not restarted it"


async def test_an_acknowledgement_ends_a_ghost_before_anybody_is_called() -> None:
    async with world(1, healing=AILING) as (_, daemon):
        await daemon.proven(nth(0))
        await haunt(daemon, nth(0))
        now, key = daemon.daemon.parts.clock.now(), daemon.session(nth(0)).key
        await daemon.daemon.parts.recorder.record(MessageAcked(*key, now + 200, now + 100, Proof.DELIVERED))
        view = await daemon.view(nth(0))
        assert (view.ghost, view.attention, view.proof, view.proven_by) == (
            None,
            None,
            "delivered",
            "traffic",
        )
        assert view.delivered_at == view.server_at == view.proven_at
        assert [event.text for event in await daemon.events("ghost")] == [
            f"ghost: {DENIED}",
            "WhatsApp answers for it",
        ]


async def test_a_silence_calls_nobody_until_nothing_else_can_look_into_it() -> None:
    async with ghost_world(1) as (sim, daemon):
        await daemon.proven(nth(0))
        await silence(daemon, nth(0), 40)
        view = await daemon.view(nth(0))
        assert view.silent is not None and (view.silent.cause, view.silent.usual_s) == ("quiet", 120)
        assert view.attention is None and view.proof == "client"
        await silence(daemon, nth(0), 120, calls=True)
        view = await daemon.view(nth(0))
        assert view.attention is not None and view.attention.code == "silent"
        assert view.attention.text == "silent for more than 2 h, usually 2 min"
        await daemon.quiet()
        assert not await sim.requests(DISCONNECT), "silence alone restarts nothing"


async def test_the_hook_is_told_of_a_ghost_and_of_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "PACE", HASTY)
    pager = Pager(tmp_path)
    async with paged(pager) as (_, daemon):
        await haunt(daemon, nth(0))
        await pager.told(f"begins session:default/{nth(0)}:ghost")
        now, key = daemon.daemon.parts.clock.now(), daemon.session(nth(0)).key
        await daemon.daemon.parts.recorder.record(SilenceEnded(*key, now, resumed=now + 1))
        await pager.told(
            f"begins session:default/{nth(0)}:ghost", f"ends session:default/{nth(0)}:ghost over"
        )


async def test_the_report_tells_silences_and_ghosts() -> None:
    async with world(1, healing=AILING) as (_, daemon):
        await daemon.proven(nth(0))
        await silence(daemon, nth(0), 40)
        await haunt(daemon, nth(0))
        now = utc_now()
        made = await make_report(daemon.client, since=now - timedelta(hours=1), until=now)
        assert [each.text for each in made.doubts] == [
            "silent for 40 min, usually 2 min",
            f"ghost: {DENIED}",
        ]
        assert [each.code for each in made.open] == ["ghost"]


async def test_an_acknowledgement_in_a_webhook_proves_where_no_check_can() -> None:
    async with inside(start=False) as waiting:
        host, port = waiting.config.listen
    options: dict[str, Any] = {"traffic": 0, "ack_seconds": 0.001, "kind": "evolution"}
    async with (
        simulated(control_plane=f"http://{host}:{port}", **options) as sim,
        inside(sim, port=port) as daemon,
    ):
        await sim.add(sessions=[{"sessionId": "sales"}, {"sessionId": "support"}])
        for session_id in ("sales", "support"):
            await daemon.session_until(session_id, lambda s: s.proof is Proof.CLAIMED)
        await sim.fault("messages", "sales", sent=1)

        async def acknowledged() -> bool:
            await daemon.daemon.parts.traffic_publisher.publish()
            return daemon.session("sales").delivered_at is not None

        await until(acknowledged)
        view = await daemon.view("sales")
        assert (view.proof, view.proven_by) == ("delivered", "traffic")
        assert (await daemon.client.status()).sessions.by_condition == {"connected": 1, "claimed": 1}
        # A check that only repeats what the gateway believes takes the proof not away.
        await daemon.done("sync")
        view = await daemon.view("sales")
        assert view.proof == "delivered"
        # So few sessions are checked each 45 s; a proof that no check renews counts as long as on a large fleet.
        (gateway,) = (await daemon.client.status()).gateways
        assert view.proven_at is not None and gateway.status_interval_s == 45
        for seconds, found in ((500, "connected"), (700, "claimed")):
            assert condition(view, gateway, view.proven_at + timedelta(seconds=seconds), 600) == found
