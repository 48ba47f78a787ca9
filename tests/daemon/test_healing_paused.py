"""Healing that stays paused on a gateway calls a person, with what its starts fail of; and no longer once they work."""

from __future__ import annotations

import socket
from dataclasses import replace
from functools import partial

import pytest

from wa_tui.daemon.actions import following
from wa_tui.wire import AttentionCode, GatewayView, needs_person

from .inside import QUICK, Inside, nth, world
from .waiting import until

HERE = socket.gethostname()
QUICKLY = replace(QUICK, backoff_min=0.02, backoff_max=0.05, breaker_failures=2, breaker_pause=0.15)
SANDBOX = "Failed to launch the browser process!\nNo usable sandbox! Update your kernel"
LOST = "net::ERR_CONNECTION_RESET at https://web.whatsapp.com/"

paused_world = partial(world, start_seconds=0.02, poll_seconds=0.02)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEP", 0.02)


async def shown(daemon: Inside) -> GatewayView:
    """Return the gateway as the API shows it."""
    (gateway,) = (await daemon.client.status()).gateways
    return gateway


async def pauses(daemon: Inside) -> int:
    """Return how often healing said that it pauses."""
    return sum(event.text.startswith("healing pauses") for event in await daemon.events("healing"))


@pytest.mark.parametrize(
    ("message", "cause", "todo"),
    [
        (SANDBOX, f"browser cannot start: no usable sandbox on {HERE}", "allow user namespaces there"),
        (LOST, LOST, f"see the service's log on {HERE}"),
    ],
)
async def test_a_person_is_called_once_the_trial_has_failed_too_and_until_starts_work(
    message: str, cause: str, todo: str
) -> None:
    async with paused_world(2, healing=replace(QUICKLY, attempts_per_hour=99)) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await sim.fault("launch_fails", count=999, message=message)
        for n in (0, 1):
            await sim.fault("drop", nth(n))

        async def called() -> GatewayView | None:
            gateway = await shown(daemon)
            return gateway if gateway.attention else None

        gateway = await until(called)
        (needed,) = gateway.attention
        assert needed.code is AttentionCode.HEALING_PAUSED
        assert needed.text == f"{cause}: no session starts, healing stays paused"
        assert needed.action.startswith(todo) and needed.action.endswith(
            "reconnect that works has healing go on"
        )
        while await pauses(daemon) < 3:
            assert await called(), "while one session is tried as well"
        await daemon.restart()
        await until(called)
        view = await daemon.client.status()
        assert needs_person(view) >= 1 + view.sessions.needs_person
        await sim.fault("launch_fails", count=0)
        for n in (0, 1):
            await daemon.session_until(nth(n), lambda s: s.proven_at is not None)
        gateway = await shown(daemon)
        assert (gateway.attention, gateway.healing and gateway.healing.why) == ([], "")


async def test_a_first_pause_is_shown_at_once_and_calls_nobody() -> None:
    policy, seldom = replace(QUICKLY, breaker_pause=30.0), {"health": 60.0}
    async with paused_world(2, healing=policy, intervals=seldom) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await sim.fault("launch_fails", count=999, message=SANDBOX)
        for n in (0, 1):
            await sim.fault("drop", nth(n))
        async for message in daemon.client.live():
            paused = [one for one in message.gateways if one.healing and one.healing.paused_until]
            if paused:
                assert paused[0].healing is not None and paused[0].attention == []
                assert paused[0].healing.why == f"browser cannot start: no usable sandbox on {HERE}"
                break


async def test_a_pause_that_keeps_nobody_down_calls_nobody() -> None:
    async with paused_world(2, healing=replace(QUICKLY, attempts_per_hour=99)) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await sim.fault("launch_fails", count=999, message=LOST)
        for n in (0, 1):
            await sim.fault("drop", nth(n))

        async def called() -> bool:
            return bool((await shown(daemon)).attention)

        await until(called)
        for n in (0, 1):
            await daemon.done("disconnect", nth(n))

        async def calm() -> bool:
            return not await called()

        await until(calm)
