"""A gateway that something ends time and again calls a person: none of its sessions does, for each is on its way."""

from __future__ import annotations

from wa_tui.model.facts import Healthy
from wa_tui.model.registers import MINUTE, SECOND
from wa_tui.wire import AttentionCode, gateway_needs

from .inside import QUIET, Inside, world

ONCE = {"health": QUIET, "list_sync": QUIET, "qr_expiry": QUIET}
"""The clock is moved by minutes here: a job due every 0.2 s would then be late, and call a person itself."""


async def restarts(daemon: Inside) -> None:
    """Let 20 s pass, and have a health check find that it has been running for 3 s."""
    daemon.clock.forward(20)
    core = daemon.daemon.parts
    now = core.clock.now()
    await core.recorder.record(Healthy("default", now, now, 3 * SECOND, now))


async def needs(daemon: Inside) -> list[str]:
    [view] = (await daemon.client.status()).gateways
    return [f"{each.code}: {each.text}" for each in gateway_needs(view)]


async def test_a_gateway_that_restarts_again_and_again_calls_a_person_until_it_is_calm() -> None:
    async with world(1, intervals=ONCE) as (_, daemon):
        await daemon.quiet()
        for _ in range(3):
            await restarts(daemon)
            assert not await needs(daemon), "a deployment, or somebody looking for a mistake"
        await restarts(daemon)
        assert daemon.gateway().restarts == 4
        assert await needs(daemon) == [
            f"{AttentionCode.GATEWAY_RESTARTS}: "
            "it restarted 4 times in 2 min, and its sessions are gone each time"
        ]
        assert (await daemon.client.status()).daemon.attention == []
        # Whatever the calendar says: it is counted by the clock that never steps.
        daemon.clock.step(-3600)
        await daemon.daemon._steps.look()
        assert await needs(daemon)
        daemon.clock.forward(11 * MINUTE / SECOND)
        assert not await needs(daemon), "it ran for ten minutes"


async def test_restarts_far_between_call_nobody_nor_does_a_daemon_that_learns_of_old_ones() -> None:
    async with world(1, intervals=ONCE) as (_, daemon):
        await daemon.quiet()
        for _ in range(6):
            daemon.clock.forward(11 * MINUTE / SECOND)
            await restarts(daemon)
        assert not await needs(daemon)
        for _ in range(3):
            await restarts(daemon)
        assert await needs(daemon)
        await daemon.restart()
        await restarts(daemon)
        assert not await needs(daemon)
