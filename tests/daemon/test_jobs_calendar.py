"""A clock that is wrong by years costs no history and no session: what is deleted must be old for certain."""

from __future__ import annotations

from wa_tui.daemon.jobs.cleanup import clean_up
from wa_tui.model.facts import ActionAccepted, ActionEnded, DaemonStarted, Webhook
from wa_tui.model.registers import DAY, HOUR, SECOND, Desired, SessionKey, Status

from .inside import Inside, inside
from .test_jobs_cleanup import NOWHERE

YEARS = 3650 * DAY


async def _begin(daemon: Inside) -> None:
    """Build the parts and note the start, as a daemon does that begins to serve."""
    built = await daemon.build()
    built.core.recorder.start()
    await built._steps.caught_up(built._loaded.alive_at)
    alive_at = built._loaded.alive_at
    if alive_at is not None:
        alive_at = min(alive_at, built.core.clock.now())
    await built.core.recorder.record(DaemonStarted(built.core.clock.now(), alive_at))


async def _populate(daemon: Inside) -> None:
    """One session that is to be offline, and one that was deleted."""
    core = daemon.daemon.core
    now = core.clock.now()
    await core.recorder.record(
        Webhook("default", "off", Status.CONNECTED, now, now),
        ActionAccepted("default", "off", now, "disconnect", "tester", "a-1", desired=Desired.OFFLINE),
        Webhook("default", "off", Status.DISCONNECTED, now + 1, now + 1),
        Webhook("default", "gone", Status.CONNECTED, now, now),
        ActionEnded("default", "gone", now, "delete", "tester", "a-2", "verified", "", delete=True),
    )


async def _kept(daemon: Inside) -> bool:
    core = daemon.daemon.core
    await clean_up(core, frozenset())
    there = all(core.fleet.session(SessionKey("default", name)) is not None for name in ("off", "gone"))
    return there and any(event.kind == "adopted" for event in await core.store.events())


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
        core = daemon.daemon.core
        daemon.clock.forward((core.config.offline_days * DAY + HOUR) / SECOND)
        assert (await clean_up(core, frozenset())).startswith("1 session removed")
        daemon.clock.forward(core.config.retention_days * DAY / SECOND)
        await clean_up(core, frozenset())
        assert not any(event.kind == "adopted" for event in await core.store.events())


async def _restarted(daemon: Inside, by: int) -> None:
    """End, have the clock set while nobody runs, and begin again."""
    await daemon.stop()
    daemon.clock.step(by / SECOND)
    await _begin(daemon)
