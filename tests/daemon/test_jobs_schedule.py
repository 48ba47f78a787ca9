"""Jobs run by the clock that never steps; what is shown of them is wall time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from tests.daemon.fake_store import FakeStore
from wa_tui.daemon.jobs.schedule import Job, Schedule
from wa_tui.daemon.recording.recorder import Recorder
from wa_tui.daemon.results import JobFailed
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import DAY, HOUR, MINUTE, SECOND
from wa_tui.wire import AttentionCode

from .inside import ShiftedClock
from .waiting import until

YEARS = 10 * 365 * DAY // SECOND

STEPS = [-YEARS, -3600, -600, -5, 5, 600, 3600, YEARS]


class Worked:
    """A job that counts its runs, which last while ``gate`` is closed."""

    def __init__(self) -> None:
        self.runs = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.trouble: Exception | None = None
        """What a run ends with."""

    async def __call__(self) -> str:
        self.runs += 1
        await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        return "done"

    async def again(self) -> None:
        """Wait until it ran once more from now on."""
        wanted = self.runs + 2
        await until(lambda: self._reached(wanted))

    async def _reached(self, wanted: int) -> bool:
        return self.runs >= wanted


def scheduled(clock: ShiftedClock, work: Worked, interval: float) -> Schedule:
    recorder = Recorder(FakeStore(), Fleet(), clock, lambda change: None)  # type: ignore[arg-type]
    recorder.start()
    schedule = Schedule(recorder, clock)
    schedule.add(Job("work", None, interval, work))
    schedule.start()
    return schedule


async def ran(schedule: Schedule) -> None:
    """Wait until no run is under way: who asks for one meanwhile is given that."""

    async def over() -> bool:
        return all(run.done() for run in schedule._running.values())

    await until(over)


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_of_the_wall_clock_stops_no_job_and_shows_no_nonsense(step: float) -> None:
    clock, work = ShiftedClock(), Worked()
    schedule = scheduled(clock, work, 0.02)
    await work.again()
    clock.step(step)
    await work.again()
    (view,) = schedule.views()
    assert view.duration_ms is not None and 0 <= view.duration_ms < MINUTE
    now = datetime.fromtimestamp(clock.now() / SECOND, UTC)
    assert view.next_at is not None and abs((view.next_at - now).total_seconds()) < 60
    assert view.last_at is not None and abs((view.last_at - now).total_seconds()) < 60
    assert schedule.attention() == []
    schedule.stop()


async def test_a_run_during_which_the_clock_is_set_back_took_the_time_it_took() -> None:
    clock, work = ShiftedClock(), Worked()
    work.gate.clear()
    schedule = scheduled(clock, work, 3600.0)
    await until(lambda: work._reached(1))
    clock.step(-3600)
    clock.forward(2)
    work.gate.set()
    run = await schedule.run_now("work", None)
    assert 2 * SECOND <= run.ended_at - run.started_at < MINUTE
    schedule.stop()


async def test_after_the_host_slept_what_is_due_runs_once() -> None:
    clock, work = ShiftedClock(), Worked()
    schedule = scheduled(clock, work, 60.0)
    await until(lambda: work._reached(1))
    clock.sleep(HOUR / SECOND)
    schedule.replan()
    await until(lambda: work._reached(2))
    (view,) = schedule.views()
    now = datetime.fromtimestamp(clock.now() / SECOND, UTC)
    assert view.next_at is not None and 50 < (view.next_at - now).total_seconds() < 70
    assert work.runs == 2
    schedule.stop()


async def test_what_runs_while_the_host_wakes_up_runs_once_more_when_it_ends() -> None:
    clock, work = ShiftedClock(), Worked()
    work.gate.clear()
    schedule = scheduled(clock, work, 3600.0)
    await until(lambda: work._reached(1))
    clock.sleep(HOUR / SECOND)
    schedule.replan()
    await asyncio.sleep(0.05)
    assert work.runs == 1, "never twice at once"
    work.gate.set()
    await until(lambda: work._reached(2))
    await ran(schedule)
    assert work.runs == 2
    schedule.stop()


async def test_a_job_that_does_not_run_though_it_is_due_calls_a_person() -> None:
    clock, work = ShiftedClock(), Worked()
    schedule = scheduled(clock, work, 60.0)
    await until(lambda: work._reached(1))
    assert schedule.attention() == []
    clock.forward(190)
    (attention,) = schedule.attention()
    assert attention.code is AttentionCode.JOB_STOPPED
    assert attention.text == "The job work began last 3 min ago, and is due every 60 s"
    schedule.stop()


@pytest.mark.parametrize("trouble", [JobFailed("no answer within 10 s"), ValueError("no answer within 10 s")])
async def test_a_job_that_fails_each_time_calls_a_person_until_it_works(trouble: Exception) -> None:
    clock, work = ShiftedClock(), Worked()
    schedule = scheduled(clock, work, 60.0)
    await until(lambda: work._reached(1))
    await ran(schedule)
    work.trouble = trouble
    for _ in range(3):
        assert schedule.attention() == []
        await schedule.run_now("work", None)
        clock.step(-3600)
        clock.forward(70)
    await schedule.run_now("work", None)
    (attention,) = schedule.attention()
    assert attention.code is AttentionCode.JOB_FAILING
    assert attention.text.startswith("No work has worked for 3 min: ")
    assert attention.text.endswith("no answer within 10 s")
    work.trouble = None
    await schedule.run_now("work", None)
    assert schedule.attention() == []
    schedule.stop()


async def test_what_a_gateways_state_tells_already_calls_nobody_once_more() -> None:
    clock, work = ShiftedClock(), Worked()
    schedule = scheduled(clock, work, 60.0)
    work.trouble = JobFailed("skipped: the gateway is down", known=True)
    for _ in range(6):
        await schedule.run_now("work", None)
        clock.forward(60)
    assert schedule.attention() == []
    schedule.stop()
