"""Runs jobs periodically with APScheduler, one at a time each, and records every run.

All is planned and timed by the clock that never steps; wall time is only what is shown (`wa_tui.daemon.jobs.steady`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from wa_tui.model.registers import MINUTE, SECOND, milliseconds
from wa_tui.store import JobRun, StoreError
from wa_tui.wire import Attention, AttentionCode, JobView

from ..clock import Clock, dated
from ..dates import instant
from ..recording.recorder import NotTaken, Recorder
from ..results import JobFailed
from .steady import Periodic, SteadyZone

log = logging.getLogger("wa_tui.jobs")

Work = Callable[[], Awaitable[str]]
"""A job's work; returns what it found, in a few words. Raises `JobFailed`."""


PATIENCE = 60 * SECOND
"""How long a job may be late, besides two of its intervals, before a person is called; in milliseconds."""


@dataclass(frozen=True, slots=True)
class Job:
    """A periodic job; ``interval`` in seconds, ``gateway`` is ``None`` for one of the whole daemon.

    ``pace``: returns the interval in force, where that changes. ``at_once``: what is done instead when a person asks,
    for work that is spread over the interval. ``costs``: each run costs something: neither a step of the clock nor
    a sleep of the host has it run before it is due.
    """

    name: str
    gateway: str | None
    interval: float
    work: Work
    at_once: Work | None = None
    pace: Callable[[], float] | None = None
    costs: bool = False

    def every(self) -> float:
        """Return the interval in force, in seconds."""
        return self.interval if self.pace is None else self.pace()

    @property
    def id(self) -> str:
        """Its name and gateway."""
        return f"{self.name}@{self.gateway}" if self.gateway else self.name


class Schedule:
    """The jobs and their last runs. Each runs at start, coalesced, with jitter and no misfire limit."""

    def __init__(self, recorder: Recorder, clock: Clock) -> None:
        self._recorder = recorder
        self._clock = clock
        self._zone = SteadyZone(clock)
        self._scheduler = AsyncIOScheduler(
            timezone=self._zone,
            # Of one that is due while it runs the second waits for the first (`_begin`): it would be left out else.
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
        )
        self._jobs: dict[str, Job] = {}
        self._running: dict[str, asyncio.Task[JobRun]] = {}
        self._hurried: dict[asyncio.Task[JobRun], str] = {}
        """Runs at once, with their job's id."""
        self._runs: dict[str, tuple[JobRun, int]] = {}
        """The last run of each, and when it began by the monotonic clock."""
        self._began: dict[str, int] = {}
        """When each began to run last, or was planned first, or the host woke up."""
        self._failing: dict[str, int] = {}
        """When each began to fail that has failed since, for a reason that nothing else tells."""

    def add(self, job: Job) -> None:
        """Add a job; it runs for the first time as soon as the schedule starts."""
        self._jobs[job.id] = job
        self._began[job.id] = self._clock.monotonic()
        self._scheduler.add_job(
            self._run,
            Periodic(job.every),
            args=[job],
            id=job.id,
            next_run_time=datetime.now(self._zone),
        )

    async def remove(self, gateway: str) -> None:
        """Run a gateway's jobs no more; runs under way are cancelled."""
        ids = [job.id for job in self._jobs.values() if job.gateway == gateway]
        for job_id in ids:
            del self._jobs[job_id]
            with contextlib.suppress(JobLookupError):
                self._scheduler.remove_job(job_id)
        under_way = [task for job_id in ids if (task := self._running.get(job_id)) is not None]
        under_way += [task for task, job_id in self._hurried.items() if job_id in ids]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        for kept in (self._runs, self._began, self._failing):
            for job_id in ids:
                kept.pop(job_id, None)

    def start(self) -> None:
        """Start running."""
        self._scheduler.start()

    def hasten(self, name: str, gateway: str) -> None:
        """Have a gateway's job run now instead of when it is due, but no more than once a second."""
        job = self._jobs.get(f"{name}@{gateway}")
        if self._scheduler.running and job is not None:
            at = max(self._clock.monotonic(), self._began[job.id] + SECOND)
            due = self._due(job)
            if due is None or due > at:
                self._scheduler.modify_job(job.id, next_run_time=self._zone.date_of(at))

    def replan(self) -> None:
        """Have every job run now, at once rather than spread: what they found before may be worth nothing."""
        self._began = dict.fromkeys(self._began, self._clock.monotonic())
        if not self._scheduler.running:
            return
        for job in self._jobs.values():
            if job.costs:
                continue
            if job.at_once is None:
                self._plan_anew(job)
            else:
                run = asyncio.create_task(self._run_once(job, job.at_once), name=f"job {job.id} at once")
                self._hurried[run] = job.id
                run.add_done_callback(self._hurried.pop)

    def _plan_anew(self, job: Job) -> None:
        """Have a job run now; one that runs began before that, and does so once more when it ends."""
        running = self._running.get(job.id)
        if running is not None and not running.done():
            running.add_done_callback(lambda _: self._plan_anew(job))
        elif self._scheduler.running and self._jobs.get(job.id) is job:
            self._scheduler.modify_job(job.id, next_run_time=datetime.now(self._zone))

    def attention(self) -> list[Attention]:
        """Return which jobs are long due and do not run, or run and do not end, or fail each time."""
        now, found = self._clock.monotonic(), list[Attention]()
        for job in self._jobs.values():
            patience = 2 * milliseconds(job.every()) + PATIENCE
            if (age := now - self._began[job.id]) > patience:
                found.append(_stopped(job, age))
            elif (age := now - self._failing.get(job.id, now)) > patience:
                found.append(_fails(job, age, self._runs[job.id][0].detail))
        return found

    async def run_now(self, name: str, gateway: str | None) -> JobRun:
        """Run a job now, or join the run under way, and return how it went. Raises `KeyError` for an unknown one."""
        job = self._jobs[f"{name}@{gateway}" if gateway else name]
        if job.at_once is not None:
            return await self._run_once(job, job.at_once)
        run = self._begin(job)
        # Not to be cancelled with its caller: it is the schedule's run too.
        await asyncio.wait({run})
        if run.cancelled():
            now = self._clock.now()
            return JobRun(
                name, gateway, now, now, False, "it was given up: nobody works at its gateway any more"
            )
        return run.result()

    def stop(self) -> None:
        """Run nothing more; runs under way are cancelled."""
        for task in (*self._running.values(), *self._hurried):
            task.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def views(self) -> list[JobView]:
        """Return the jobs with their last and next runs."""
        return [self._view(job) for job in self._jobs.values()]

    def _view(self, job: Job) -> JobView:
        run, began = self._runs.get(job.id, (None, 0))
        due = self._due(job)
        # What is due and has not begun yet is so now: a date that is past would be none.
        next_at = None if due is None else instant(self._clock.now() + max(0, due - self._clock.monotonic()))
        if run is None:
            return JobView(name=job.name, gateway=job.gateway, interval_s=job.every(), next_at=next_at)
        return JobView(
            name=job.name,
            gateway=job.gateway,
            interval_s=job.every(),
            next_at=next_at,
            last_at=instant(dated(self._clock, began)),
            duration_ms=run.ended_at - run.started_at,
            outcome="ok" if run.ok else "failed",
            detail=run.detail,
        )

    def _due(self, job: Job) -> int | None:
        """Return when a job is due next, by the monotonic clock; ``None`` when it is not planned."""
        scheduled = self._scheduler.get_job(job.id)
        planned = getattr(scheduled, "next_run_time", None)
        return None if planned is None else self._zone.monotonic_of(planned)

    async def _run(self, job: Job) -> None:
        try:
            await self._begin(job)
        except asyncio.CancelledError:
            # The scheduler stops: it would log this as an error, and it is none.
            return

    def _begin(self, job: Job) -> asyncio.Task[JobRun]:
        """Return the run under way, or begin one."""
        running = self._running.get(job.id)
        if running is None or running.done():
            running = self._running[job.id] = asyncio.create_task(
                self._run_once(job, job.work), name=f"job {job.id}"
            )
        return running

    async def _run_once(self, job: Job, work: Work) -> JobRun:
        self._began[job.id] = began = self._clock.monotonic()
        is_known = True
        try:
            detail, ok = await work(), True
        except (JobFailed, NotTaken, StoreError) as error:
            detail, ok = str(error), False
            is_known = error.known if isinstance(error, JobFailed) else True
        except Exception as error:
            log.exception("Job %s failed", job.id)
            detail, ok, is_known = f"{type(error).__name__}: {error}", False, False
        if is_known:
            self._failing.pop(job.id, None)
        else:
            self._failing.setdefault(job.id, began)
        ended = self._clock.now()
        run = JobRun(job.name, job.gateway, ended - (self._clock.monotonic() - began), ended, ok, detail)
        self._runs[job.id] = run, began
        try:
            await self._recorder.record(job_runs=[run])
        except (NotTaken, StoreError) as error:
            log.debug("A run of %s could not be recorded: %s", job.id, error)
        return run


def _fails(job: Job, age: int, detail: str) -> Attention:
    where = f" on {job.gateway}" if job.gateway else ""
    return Attention(
        code=AttentionCode.JOB_FAILING,
        text=f"No {job.name}{where} has worked for {age // MINUTE} min: {detail}",
        action="look at the daemon's log, and report it where that does not say what to do",
    )


def _stopped(job: Job, age: int) -> Attention:
    where = f" of {job.gateway}" if job.gateway else ""
    return Attention(
        code=AttentionCode.JOB_STOPPED,
        text=f"The job {job.name}{where} began last {age // MINUTE} min ago, and is due every {job.every():g} s",
        action="restart the daemon; its log may say why",
    )
