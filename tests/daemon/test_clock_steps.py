"""The wall clock is set, or the host sleeps, under a running daemon: it goes on, and says what is so.

One scenario for all steps: a session drops, another dies without a word, a third gets webhooks all the time, one is
snoozed, the gateway dies. What the daemon finds, how often it asks, and what it shows must be what they always are.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tests.effort import everything
from tests.simulated import Simulated
from wa_tui.daemon.jobs import clock_steps as steps
from wa_tui.gateways import Deadlines
from wa_tui.model.registers import DAY, SECOND, GatewayState, Status
from wa_tui.wire import Condition, condition

from .inside import Inside, nth, world
from .waiting import until

pytestmark = pytest.mark.soak

YEARS = 3650.0 * DAY / SECOND
STEPS = [-YEARS, -3600.0, -600.0, -5.0, 5.0, 600.0, 3600.0, YEARS]
HOSTS = ["another host", "same host"]
SCENARIOS = [(step, host) for step in STEPS for host in HOSTS]
if not everything("WA_TUI_CLOCK_STEPS"):
    SCENARIOS = [(-YEARS, HOSTS[0]), (-600.0, HOSTS[1]), (5.0, HOSTS[1]), (3600.0, HOSTS[0])]

AHEAD = {"qr_expires_at", "snoozed_until", "next_at", "paused_until", "expires_at"}
"""What may be shown as yet to come."""


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "LOOK", 0.05)


def now(daemon: Inside) -> datetime:
    return datetime.fromtimestamp(daemon.clock.now() / SECOND, UTC)


def instants(view: Any, name: str = "") -> Iterator[tuple[str, datetime]]:
    """Yield every instant that a view shows, with its field's name."""
    if isinstance(view, datetime):
        yield name, view
    elif isinstance(view, msgspec.Struct):
        for field in view.__struct_fields__:
            yield from instants(getattr(view, field), field)
    elif isinstance(view, list):
        for each in view:
            yield from instants(each, name)


async def assert_sane(daemon: Inside, lasted: float) -> None:
    """Assert that nothing shown is in the future, or older than the daemon can have known it."""
    status, sessions = await daemon.client.status(), await daemon.client.sessions()
    jobs = await daemon.client.jobs()
    oldest = now(daemon) - timedelta(seconds=lasted + 1100)
    for name, at in instants([status, sessions, jobs]):
        assert at <= now(daemon) + timedelta(seconds=3) or name in AHEAD, f"{name} is in the future: {at}"
        assert at >= oldest, f"{name} is long past: {at}"
    assert all(job.duration_ms is None or 0 <= job.duration_ms < 60_000 for job in jobs)
    for gateway in status.gateways:
        assert all(end is None or start <= end for start, end in gateway.gaps)
    for session in sessions:
        points = [at for at, _ in session.history]
        assert points == sorted(points)
        assert not points or points[-1] <= now(daemon).timestamp() + 3


@contextlib.asynccontextmanager
async def chatter(daemon: Inside, session_id: str) -> AsyncIterator[None]:
    """Have webhooks of a session come in all the time."""

    async def chat() -> None:
        while True:
            await daemon.tell(session_id, "connected")
            await asyncio.sleep(0.02)

    task = asyncio.create_task(chat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def conditions(daemon: Inside) -> dict[str, Condition]:
    status, sessions = await daemon.client.status(), await daemon.client.sessions()
    gateways = {gateway.name: gateway for gateway in status.gateways}
    window = status.daemon.proof_window_s
    return {
        session.session_id: condition(session, gateways[session.gateway], now(daemon), window)
        for session in sessions
    }


async def set_clock(sim: Simulated, daemon: Inside, step: float, *, same_host: bool) -> None:
    """Set our clock, and the gateway's too where it runs on the same host; wait until that is noticed."""
    daemon.clock.step(step)
    if same_host:
        await sim.fault("clock", offset=step)
    await until(lambda: _is_declared(daemon, step))


async def _is_declared(daemon: Inside, step: float) -> bool:
    return any("clock was set" in event.text for event in await daemon.events("daemon"))


@pytest.mark.parametrize(("step", "host"), SCENARIOS)
async def test_a_step_of_the_wall_clock_hides_nothing_and_starts_no_storm(
    step: float, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with world(4, deadlines=Deadlines()) as (sim, daemon):
        dropped, silent, talked_of, snoozed = (nth(n) for n in range(4))
        await daemon.proven(dropped, silent, talked_of, snoozed)
        await daemon.done("snooze", snoozed, minutes=30)
        before = {session.session_id: session for session in await daemon.client.sessions()}
        shown_before = await conditions(daemon)
        asked = len(await sim.requests("/api/session/status"))
        events = len(await daemon.events())
        async with chatter(daemon, talked_of):
            await set_clock(sim, daemon, step, same_host=host == "same host")
            assert await conditions(daemon) == shown_before, "a proof is neither lost nor younger for it"
            after = {session.session_id: session for session in await daemon.client.sessions()}
            for session_id, session in before.items():
                moved = after[session_id].status_since
                assert session.status_since is not None and moved is not None
                assert abs((moved - session.status_since).total_seconds() - step) < 2
            until_then = after[snoozed].snoozed_until
            assert until_then is not None and 1700 < (until_then - now(daemon)).total_seconds() <= 1800
            await sim.fault("drop", dropped)
            await sim.fault("drop", silent, silent=True)
            await daemon.session_until(dropped, lambda s: s.status is Status.DISCONNECTED)
            assert (await daemon.done("sync")).outcome == "verified"
            assert daemon.session(silent).status is Status.DISCONNECTED
        assert len(await sim.requests("/api/session/status")) - asked < 40
        assert len(await daemon.events()) - events < 40
        assert daemon.session(talked_of).status is Status.CONNECTED
        await assert_sane(daemon, 60)
        await sim.fault("stop")
        await daemon.gateway_until(lambda g: g.state is GatewayState.DOWN)
        assert (await conditions(daemon))[talked_of] is Condition.CLAIMED
        await sim.fault("start")
        await daemon.gateway_until(lambda g: g.state is not GatewayState.DOWN)
        runs = {job.name: job.last_at for job in await daemon.client.jobs()}
        await until(lambda: _all_ran_since(daemon, runs))
        await assert_sane(daemon, 60)
    said = [record for record in caplog.records if "clock was set" in record.message]
    assert len(said) == 1 and said[0].levelno == logging.WARNING


async def _all_ran_since(daemon: Inside, runs: dict[str, datetime | None]) -> bool:
    jobs = {job.name: job.last_at for job in await daemon.client.jobs()}
    return all(jobs[name] != runs[name] for name in ("health", "list-sync"))


async def test_after_an_hour_suspended_everything_is_checked_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with world(2, deadlines=Deadlines()) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        proven = daemon.session(nth(0)).proven_at or 0
        # It went while the host slept, and its webhooks found nobody.
        await sim.fault("webhooks", loss=1.0)
        await sim.fault("drop", nth(1), silent=True)
        daemon.clock.sleep(3600)
        await daemon.session_until(nth(0), lambda s: (s.proven_at or 0) >= proven + 3600 * SECOND)
        await daemon.session_until(nth(1), lambda s: s.status is Status.DISCONNECTED)
        gaps = (await daemon.client.status()).gateways[0].gaps
        assert any(end is not None and 3590 < end - start < 3610 for start, end in gaps), "nobody observed it"
        texts = [event.text for event in await daemon.events("daemon")]
        assert "this host slept for 1 h: everything is checked at once" in texts
        assert (await daemon.client.status()).daemon.attention == []
    assert sum("this host slept" in record.message for record in caplog.records) == 1


async def test_set_back_while_no_daemon_ran_order_and_ages_go_on_from_the_last_sign_of_life() -> None:
    async with world(2, deadlines=Deadlines()) as (sim, daemon):
        await daemon.proven(nth(0), nth(1))
        await daemon.stop()
        daemon.clock.step(-7200)
        await daemon.start()
        await daemon.proven(nth(0), nth(1))
        await assert_sane(daemon, 60)
        await sim.fault("drop", nth(0))
        await daemon.session_until(nth(0), lambda s: s.status is Status.DISCONNECTED)


async def test_a_step_that_cannot_be_stored_is_taken_over_later() -> None:
    async with world(1) as (_, daemon):
        await daemon.proven(nth(0))
        recorder = daemon.daemon.parts.recorder
        store, since = recorder._store, daemon.session(nth(0)).status_since

        class Full:
            async def commit(self, *_: object) -> None:
                from wa_tui.store import StoreError

                raise StoreError("the disk is full")

        recorder._store = Full()  # type: ignore[assignment]
        daemon.clock.step(-3600)
        await until(lambda: _is_tried(daemon))
        assert daemon.session(nth(0)).status_since == since
        recorder._store = store
        moved = await daemon.session_until(nth(0), lambda s: s.status_since < since)
        assert abs(since - moved.status_since - 3600 * SECOND) < 2 * SECOND


async def _is_tried(daemon: Inside) -> bool:
    return daemon.daemon.parts.recorder.trouble is not None


async def test_two_that_set_the_clock_against_each_other_are_followed_ever_more_slowly() -> None:
    async with world(1) as (_, daemon):
        await daemon.proven(nth(0))
        watch = daemon.daemon._steps
        for turn in range(40):
            daemon.clock.step(600 if turn % 2 else -600)
            daemon.clock.forward(1)
            await watch.look()
        declared = [event for event in await daemon.events("daemon") if "clock was set" in event.text]
        assert 2 <= len(declared) <= 8
