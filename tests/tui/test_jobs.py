"""The daemon's jobs."""

from __future__ import annotations

import time
from datetime import timedelta

import msgspec
import pytest

from tests.tui.fleet import MANY_JOBS, NOW
from tests.tui.places import at
from wa_tui.client import Refused
from wa_tui.tui.views import Place
from wa_tui.wire import ActionRequest, Delta, JobView, Problem

JOBS = Place("jobs")


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


async def test_each_job_says_when_it_ran_and_what_came_of_it() -> None:
    async with at(JOBS, (160, 40)) as screen:
        await screen.shows("Jobs · 5 · 1 failed")
        assert screen.line("cleanup").split()[1:] == ["–", "1d", "9h", "–", "–", "…", "none"]
        assert screen.line("sync-session-status").split()[1:7] == ["–", "5m", "1m", "3m", "812", "ms"]
        failed = screen.line("✖ failed")
        assert "us-1" in failed and "5.0 s" in failed and "connection refused" in failed


async def test_what_runs_every_ten_seconds_is_never_due_in_a_minute() -> None:
    async with at(JOBS, (160, 40)) as screen:
        often = JobView(name="health", gateway="eu-9", interval_s=10, next_at=NOW + timedelta(seconds=62))
        screen.daemon.push(Delta(jobs=[often]))
        await screen.shows("eu-9")
        assert screen.line("eu-9").split()[2:4] == ["10s", "<1m"]


async def test_the_one_under_the_cursor_is_said_in_full() -> None:
    async with at(JOBS, (80, 24)) as screen:
        await screen.press("end")
        await screen.shows("Job          sync-session-status", "23 Nov 12:37:20 UTC · 3m ago · took 812 ms")
        await screen.shows("It said      Session sync complete: 21 checked, 0 updated")
        await screen.press("up")
        await screen.shows("It said      us-1 did not answer /health: connection refused")
        await screen.press("home")
        await screen.shows("Last run     not yet")


async def test_r_and_enter_run_it_now_and_its_receipt_is_shown() -> None:
    async with at(JOBS) as screen:
        await screen.press("end", "r")
        assert screen.daemon.asked == [ActionRequest(action="run_job", job="sync-session-status")]
        screen.daemon.finish("verified", "Session sync complete: 21 checked, 2 updated")
        await screen.shows(
            "run job sync-session-status: verified · Session sync complete: 21 checked, 2 updated"
        )
        await screen.press("up", "enter")
        assert screen.daemon.asked[-1] == ActionRequest(action="run_job", job="health", gateway="us-1")
        screen.daemon.refusal = Refused(Problem(error="that job runs already"), 409)
        await screen.press("r")
        assert screen.said == "run job health on us-1 refused: that job runs already"


async def test_a_run_changes_its_row_in_place() -> None:
    async with at(JOBS) as screen:
        await screen.press("down", "down", "down")
        assert screen.line("us-1").startswith("▌")
        job = msgspec.structs.replace(MANY_JOBS[2], outcome="ok", detail="", duration_ms=3)
        screen.daemon.push(Delta(jobs=[job]))
        await screen.shows("Jobs · 5 ─")
        assert screen.line("us-1").startswith("▌") and "3 ms" in screen.line("us-1")


async def test_read_only_runs_nothing() -> None:
    async with at(JOBS, read_only=True) as screen:
        await screen.press("r")
        assert screen.daemon.asked == []
        assert "--read-only: run cleanup-disconnected-sessions" in screen.said
