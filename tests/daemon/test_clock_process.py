"""The wall clock of a real daemon's process is set while it runs: libfaketime fakes that clock and no other.

Plain `faketime` fakes the monotonic clocks too, and would prove nothing.
"""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.effort import everything
from tests.simulated import simulated
from wa_tui.model.registers import DAY, SECOND

from .conftest import NewDaemon
from .running import RunningDaemon
from .waiting import until

YEARS = 3650 * DAY // SECOND
STEPS = [-3600]
if everything("WA_TUI_CLOCK_STEPS"):
    STEPS = [sign * by for sign in (-1, 1) for by in (5, 600, 3600, YEARS)]

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(
        shutil.which("faketime") is None, reason="faketime is not installed: apt-get install faketime"
    ),
]


def put(clock: Path, seconds: int) -> None:
    """Set the clock so far from the real one."""
    clock.write_text(f"{seconds:+d}\n")


def faked(clock: Path) -> dict[str, str]:
    """Return the environment of a process whose wall clock is as the file says."""
    put(clock, 0)
    return {
        "LD_PRELOAD": "/usr/$LIB/faketime/libfaketime.so.1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        # A second late is soon enough; to read the file each time anybody asks for the time takes half a core.
        "FAKETIME_CACHE_DURATION": "1",
        # Else a thread that waits for Python's lock waits for no time at all, and again.
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    }


async def set_clock(daemon: RunningDaemon, clock: Path, step: int) -> None:
    """Set its clock, and wait until it says so."""
    put(clock, step)
    await daemon.event_until(lambda event: "clock was set" in event.text)


@pytest.mark.parametrize("step", STEPS)
async def test_a_daemon_whose_clock_is_set_goes_on(new_daemon: NewDaemon, tmp_path: Path, step: int) -> None:
    clock = tmp_path / "clock"
    daemon = new_daemon()
    async with simulated(sessions=2, control_plane=daemon.url, uptime_seconds=1000) as sim:
        daemon.environ |= faked(clock)
        await daemon.start(sim)
        first, second = [row["sessionId"] for row in await sim.sessions()]
        for session_id in (first, second):
            await daemon.session_until(session_id, lambda s: s.proven_at is not None)
        await set_clock(daemon, clock, step)
        there = datetime.now(UTC) + timedelta(seconds=step)
        await sim.fault("drop", first, silent=True)
        session = await daemon.session_until(first, lambda s: s.status == "disconnected")
        assert session.status_since is not None and abs((session.status_since - there).total_seconds()) < 60
        await until(lambda: _runs_at(daemon, there))
        told = (await daemon.wa_tui("jobs")).stdout
        assert " -" not in told and "-3" not in told and "3650d" not in told, told
        await sim.fault("stop")
        await until(lambda: _is_down(daemon))
    assert daemon.log().count("clock was set") == 1


async def _is_down(daemon: RunningDaemon) -> bool:
    return (await daemon.gateway()).state == "down"


async def _runs_at(daemon: RunningDaemon, there: datetime) -> bool:
    """Whether the quick jobs have all run since the step, and took the time they took."""
    jobs = [job for job in await daemon.client.jobs() if job.interval_s < 10]
    lately = [
        job for job in jobs if job.last_at is not None and abs((job.last_at - there).total_seconds()) < 60
    ]
    return len(lately) == len(jobs) and all(0 <= (job.duration_ms or 0) < 60_000 for job in jobs)


async def test_webhooks_that_come_in_all_the_time_start_no_storm(
    new_daemon: NewDaemon, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    daemon = new_daemon()
    async with simulated(sessions=2, control_plane=daemon.url, uptime_seconds=1000) as sim:
        daemon.environ |= faked(clock)
        await daemon.start(sim)
        talked_of, silent = [row["sessionId"] for row in await sim.sessions()]
        for session_id in (talked_of, silent):
            await daemon.session_until(session_id, lambda s: s.proven_at is not None)
        asked = len(await sim.requests("/api/session/status"))
        await sim.fault("drop", silent, silent=True)
        setting = asyncio.create_task(set_clock(daemon, clock, -600))
        for _ in range(30):
            names = (talked_of, silent) * 4
            await asyncio.gather(*(daemon.post_webhook(name, "connected") for name in names))
        await setting
        await daemon.session_until(silent, lambda s: s.status == "disconnected")
        assert len(await sim.requests("/api/session/status")) - asked < 80, "240 webhooks were taken in"
