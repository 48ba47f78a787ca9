"""A clock that is wrong by years costs no history and no session: what is deleted must be old for certain."""

from __future__ import annotations

from wa_tui.model.facts import ActionAccepted, ActionEnded, DaemonStarted, Webhook
from wa_tui.model.registers import DAY, HOUR, SECOND, Desired, SessionKey, Status

from .inside import Inside, inside
from .test_jobs_cleanup import NOWHERE

YEARS = 3650 * DAY


async def _begin(daemon: Inside) -> None:
    """Build the parts and note the start, as a daemon does that begins to serve."""
    built = await daemon.build()
    built.parts.recorder.start()
    await built._steps.caught_up(built._loaded.alive_at)
    alive_at = built._loaded.alive_at
    if alive_at is not None:
        alive_at = min(alive_at, built.parts.clock.now())
    await built.parts.recorder.record(DaemonStarted(built.parts.clock.now(), alive_at))


async def _populate(daemon: Inside) -> None:
    """One session that is to be offline, and one that was deleted."""
    parts = daemon.daemon.parts
    now = parts.clock.now()
    await parts.recorder.record(
        Webhook("default", "off", Status.CONNECTED, now, now),
        ActionAccepted("default", "off", now, "disconnect", "tester", "a-1", desired=Desired.OFFLINE),
        Webhook("default", "off", Status.DISCONNECTED, now + 1, now + 1),
        Webhook("default", "gone", Status.CONNECTED, now, now),
        ActionEnded("default", "gone", now, "delete", "tester", "a-2", "verified", "", delete=True),
    )


async def _kept(daemon: Inside) -> bool:
    parts = daemon.daemon.parts
    await parts.clean_up.run()
    there = all(parts.fleet.session(SessionKey("default", name)) is not None for name in ("off", "gone"))
    return there and any(event.kind == "adopted" for event in await parts.store.events())


async def test_a_daemon_that_starts_under_a_clock_that_is_years_ahead_deletes_nothing() -> None:
    async with inside(NOWHERE, start=False) as daemon:
        await _begin(daemon)
        await _populate(daemon)
        await _restarted(daemon, YEARS)
        assert await _kept(daemon)
        # Once more, and set right again: what it has seen since is no proof of age either.
        await _restarted(daemon, HOUR)
        assert await _kept(daemon)
        await _restarted(daemon, -YEARS)
        assert await _kept(daemon)


async def test_a_clock_set_years_ahead_under_a_running_daemon_deletes_nothing() -> None:
    async with inside(NOWHERE, start=False) as daemon:
        await _begin(daemon)
        await _populate(daemon)
        for by in (YEARS, -YEARS, -YEARS, YEARS):
            daemon.clock.step(by / SECOND)
            daemon.clock.forward(600)
            await daemon.daemon._steps.look()
            assert await _kept(daemon)


async def test_what_is_old_for_certain_goes_a_retention_after_the_leap() -> None:
    async with inside(NOWHERE, start=False) as daemon:
        await _begin(daemon)
        await _populate(daemon)
        daemon.clock.step(YEARS / SECOND)
        await daemon.daemon._steps.look()
        assert await _kept(daemon)
        parts = daemon.daemon.parts
        daemon.clock.forward((parts.config.offline_days * DAY + HOUR) / SECOND)
        assert (await parts.clean_up.run()).startswith("1 session removed")
        daemon.clock.forward(parts.config.retention_days * DAY / SECOND)
        await parts.clean_up.run()
        assert not any(event.kind == "adopted" for event in await parts.store.events())


async def _restarted(daemon: Inside, by: int) -> None:
    """End, have the clock set while nobody runs, and begin again."""
    await daemon.stop()
    daemon.clock.step(by / SECOND)
    await _begin(daemon)
