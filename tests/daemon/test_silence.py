"""Who is silent for longer than is usual is looked into before anybody is called: a quiet hour, or a ghost."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.simulated import Simulated
from wa_tui.config import Healing
from wa_tui.model.registers import DAY, SessionKey
from wa_tui.model.traffic import FLOWS
from wa_tui.store.traffic import Row, SessionCounts, open_traffic

from .inside import AILING, QUICK, USUAL, Inside, nth, world
from .waiting import until

MONTH = 30
NEVER = 1e7
"""Seconds: asked for its health between two steps of `look`, a gateway would seem to have just come up."""

A_MINUTE = 60


def usual(key: SessionKey, now: int, an_hour: int = 20) -> SessionCounts:
    """Return a month in which a session had so many messages every hour."""
    day = array("I", [an_hour if flow == 0 else 0 for _ in range(24) for flow in range(len(FLOWS))])
    today = now // DAY
    return SessionCounts(key, days=[Row(each, day) for each in range(today - MONTH, today)])


@contextlib.asynccontextmanager
async def watched(
    sessions: int = 1, *, healing: Healing = AILING, **settings: Any
) -> AsyncIterator[tuple[Simulated, Inside]]:
    """Run a daemon that knows what is usual for its sessions, and has listened for a while."""
    options: dict[str, Any] = {"ack_seconds": 0.001, "deadlines": replace(USUAL, server=0.3)}
    options["intervals"] = {"health": NEVER}
    async with world(sessions, start=False, traffic=0, settings=settings, healing=healing, **options) as (
        sim,
        daemon,
    ):
        now = daemon.clock.now()
        store = await open_traffic(daemon.config.traffic_database, now)
        ids = [row["sessionId"] for row in await sim.sessions()]
        await store.write([usual(SessionKey("default", each), now) for each in ids])
        await store.close()
        await daemon.start()
        await daemon.proven(*ids)
        await look(sim, daemon)
        yield sim, daemon


async def look(sim: Simulated, daemon: Inside, after: float = 0.0) -> None:
    """Have the watch look once, some seconds later: here and at the gateway, so that nobody's clock has stepped."""
    daemon.clock.forward(after)
    await sim.fault("elapse", seconds=after)
    await daemon.done("run_job", job="list-sync", gateway="default")
    receipt = await daemon.done("run_job", job="watch-silences")
    assert receipt.outcome == "verified", receipt.text


async def kinds(daemon: Inside, session_id: str) -> list[str]:
    return [event.kind for event in await daemon.events(session_id=session_id) if event.source == "traffic"]


async def test_a_ghost_is_found_though_every_check_is_green() -> None:
    async with watched() as (sim, daemon):
        await sim.fault("ghost", nth(0), server="denied")
        await look(sim, daemon, 10 * A_MINUTE)
        assert await kinds(daemon, nth(0)) == [], "as long a gap is usual"
        await look(sim, daemon, 10 * A_MINUTE)
        view = await daemon.view(nth(0))
        assert view.status == "connected" and view.ghost is not None
        assert view.attention is not None and view.attention.code == "ghost"
        assert "ghost" in await kinds(daemon, nth(0))


async def test_healing_restarts_a_ghost_once_and_it_works_again() -> None:
    async with watched(healing=QUICK) as (sim, daemon):
        await sim.fault("ghost", nth(0), server="denied")
        await look(sim, daemon, 20 * A_MINUTE)
        await daemon.view_until(nth(0), lambda view: view.ghost is None and view.status == "connected")
        assert (await kinds(daemon, nth(0))).count("ghost") >= 1
        assert (
            len(await sim.requests("/api/session/restart")) + len(await sim.requests("/api/session/init"))
            == 1
        )
        assert (await daemon.view(nth(0))).attention is None


async def test_what_the_server_calls_fine_is_a_quiet_hour() -> None:
    async with watched() as (sim, daemon):
        await look(sim, daemon, 30 * A_MINUTE)
        view = await daemon.view(nth(0))
        assert (view.ghost, view.silent, view.attention) == (None, None, None)
        assert view.server_at is not None
        before = await kinds(daemon, nth(0))
        await look(sim, daemon, A_MINUTE)
        assert await kinds(daemon, nth(0)) == before, "not asked again each minute"


async def test_no_answer_proves_nothing_and_in_the_end_calls_a_person() -> None:
    async with watched() as (sim, daemon):
        await sim.fault("ghost", nth(0), server="hangs")
        await look(sim, daemon, 30 * A_MINUTE)
        view = await daemon.view(nth(0))
        assert view.ghost is None and view.silent is not None and view.attention is None
        for _ in range(6):
            await look(sim, daemon, 40 * A_MINUTE)
        view = await daemon.view(nth(0))
        assert view.ghost is None and view.attention is not None and view.attention.code == "silent"


async def test_a_message_ends_the_silence() -> None:
    async with watched() as (sim, daemon):
        await sim.fault("ghost", nth(0), server="hangs")
        await look(sim, daemon, 30 * A_MINUTE)
        assert (await daemon.view(nth(0))).silent is not None
        await sim.fault("ghost", nth(0), on=False)
        await sim.fault("messages", nth(0), received=1)
        await look(sim, daemon)
        assert (await daemon.view(nth(0))).silent is None
        assert (await kinds(daemon, nth(0)))[-1] == "silent"


async def test_what_is_usual_is_told_of_a_session_that_is_not_silent_and_watched_or_not() -> None:
    async with watched() as (_, daemon):
        assert (await daemon.view(nth(0))).silent is None
        series = await daemon.client.traffic("default", nth(0))
        # Half of the gaps between 20 messages an hour.
        assert series.usual_s is not None and 100 < series.usual_s < 150
        await daemon.done("disconnect", nth(0))
        assert (await daemon.client.traffic("default", nth(0))).usual_s == series.usual_s


async def needs(daemon: Inside) -> list[str]:
    """Return what the first gateway needs a person for, as the API shows it."""
    [gateway] = (await daemon.client.status()).gateways
    return [f"{need.code}: {need.sentence}" for need in gateway.attention]


async def test_silence_of_all_is_the_gateways_trouble() -> None:
    async with watched(5) as (sim, daemon):
        await look(sim, daemon, 30 * A_MINUTE)
        assert [view.silent for view in await daemon.client.sessions()] == [None] * 5
        assert await kinds(daemon, nth(0)) == []
        assert await needs(daemon) == [], "not for half an hour"
        await look(sim, daemon, 40 * A_MINUTE)
        before = [need] = await needs(daemon)
        assert need.startswith(
            "gateway_silent: no message of any of its 5 busy sessions is heard of for more than 1 h"
        )
        assert need.endswith(
            "; see whether its webhooks about messages come in: wa-tui gateways setup default"
        )
        await look(sim, daemon, 40 * A_MINUTE)
        assert await needs(daemon) == before, "said once, in the same words"
        await sim.fault("messages", nth(3), received=1)
        await look(sim, daemon, A_MINUTE)
        assert await needs(daemon) == []


async def test_of_a_silent_gateway_the_server_still_knows_the_ghosts() -> None:
    async with watched(5) as (sim, daemon):
        await sim.fault("ghost", nth(4), server="denied")
        await look(sim, daemon, 30 * A_MINUTE)
        assert (await daemon.view(nth(4))).ghost is not None
        assert [view.silent for view in await daemon.client.sessions()] == [None] * 5


async def test_three_silent_sessions_say_nothing_of_their_gateway() -> None:
    async with watched(3) as (sim, daemon):
        for _ in range(3):
            await look(sim, daemon, 40 * A_MINUTE)
        assert await needs(daemon) == []


async def test_more_than_a_hundred_sessions_are_known_by_the_first_round() -> None:
    async with watched(130) as (sim, daemon):
        await look(sim, daemon, 40 * A_MINUTE)
        await look(sim, daemon, 40 * A_MINUTE)
        assert "any of its 130 busy sessions" in str(await needs(daemon))


async def test_a_clock_that_is_set_back_hides_no_ghost() -> None:
    async with watched() as (sim, daemon):
        await sim.fault("messages", nth(0), received=1)
        await look(sim, daemon)
        before = await daemon.view(nth(0))
        assert before.traffic is not None and before.traffic.received_at is not None
        daemon.clock.step(-3 * 60 * A_MINUTE)

        async def is_declared() -> bool:
            return any("clock was set back" in event.text for event in await daemon.events())

        await until(is_declared)
        await daemon.quiet()
        after = await daemon.view(nth(0))
        assert after.traffic is not None and after.traffic.received_at is not None
        moved = before.traffic.received_at - after.traffic.received_at
        assert abs(moved - timedelta(hours=3)) < timedelta(minutes=10)
        await sim.fault("ghost", nth(0), server="denied")
        await look(sim, daemon, 10 * A_MINUTE)
        await look(sim, daemon, 20 * A_MINUTE)
        assert (await daemon.view(nth(0))).ghost is not None


async def test_who_was_called_for_a_silence_is_so_after_a_restart_until_it_ends() -> None:
    async with watched() as (sim, daemon):
        await sim.fault("ghost", nth(0), server="hangs")
        for _ in range(7):
            await look(sim, daemon, 40 * A_MINUTE)
        called = (await daemon.view(nth(0))).attention
        assert called is not None and called.code == "silent"
        await daemon.restart()
        await daemon.proven(nth(0))
        for _ in range(2):
            await look(sim, daemon, 10 * A_MINUTE)
            assert (await daemon.view(nth(0))).attention == called
        await sim.fault("ghost", nth(0), on=False)
        await sim.fault("messages", nth(0), received=1)
        await look(sim, daemon)
        assert (await daemon.view(nth(0))).attention is None


async def test_the_question_to_the_server_can_be_switched_off() -> None:
    from wa_tui.config.settings import Traffic

    async with watched(traffic=Traffic(server_check=False)) as (sim, daemon):
        await sim.fault("ghost", nth(0), server="denied")
        await look(sim, daemon, 30 * A_MINUTE)
        view = await daemon.view(nth(0))
        assert view.ghost is None and view.silent is not None
        assert await sim.requests("/api/session/server-check") == []


async def test_a_gateway_that_comes_back_after_hours_makes_nobody_silent() -> None:
    async with watched(5, healing=QUICK) as (sim, daemon):
        ids = [nth(number) for number in range(5)]
        for each in ids:
            await sim.fault("messages", each, received=1)
        await look(sim, daemon, 10 * A_MINUTE)

        async def is_seen(*states: str) -> bool:
            await daemon.done("run_job", job="health", gateway="default")
            return daemon.gateway().state in states

        await sim.fault("stop")
        await until(lambda: is_seen("down"))
        daemon.clock.forward(3 * 60 * A_MINUTE)
        await sim.fault("elapse", seconds=3 * 60 * A_MINUTE)
        await sim.fault("start")
        await until(lambda: is_seen("up", "restarting"))
        await daemon.proven(*ids)
        for minutes in (0, 6, 6):
            await look(sim, daemon, minutes * A_MINUTE)
        for view in await daemon.client.sessions():
            assert (view.silent, view.ghost, view.attention) == (None, None, None)
            assert await kinds(daemon, view.session_id) == []
        assert await needs(daemon) == []


async def test_nobody_waits_for_messages_of_one_that_is_to_be_offline() -> None:
    async with watched() as (sim, daemon):
        await sim.fault("ghost", nth(0), server="denied")
        await look(sim, daemon, 30 * A_MINUTE)
        view = await daemon.view(nth(0))
        assert view.ghost is not None and view.silent is not None
        await sim.fault("stuck_destroy", nth(0))
        assert (await daemon.done("disconnect", nth(0))).outcome == "no_effect"
        asked = await sim.requests("/api/session/server-check")
        await look(sim, daemon, 30 * A_MINUTE)
        view = await daemon.view(nth(0))
        assert (view.status, view.ghost, view.silent) == ("connected", None, None)
        assert view.attention is not None and view.attention.code == "unwanted"
        assert await sim.requests("/api/session/server-check") == asked
