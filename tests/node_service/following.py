"""What a daemon saw of a session: its events since some moment, its jobs' passes, and whether it works."""

from __future__ import annotations

import re

from tests.daemon.running import RunningDaemon
from tests.daemon.waiting import until
from wa_tui.wire import EventView, SessionView

from .service import RunningService


async def last_event(daemon: RunningDaemon) -> int:
    """Return the id of the newest event."""
    return max((event.id for event in await daemon.client.events(limit=5000)), default=0)


async def events(daemon: RunningDaemon, session_id: str, after: int) -> list[EventView]:
    """Return a session's events since another one, oldest first."""
    found = await daemon.client.events(session_id=session_id, limit=5000)
    return [event for event in found if event.id > after]


async def states(daemon: RunningDaemon, session_id: str, after: int) -> list[str]:
    """Return what a session became since an event."""
    return [event.after for event in await events(daemon, session_id, after) if event.after is not None]


def needs_scan(view: SessionView) -> bool:
    """Whether a person has to scan."""
    return view.credentials == "needs_scan"


def proven(view: SessionView) -> bool:
    """Whether a check showed it connected."""
    return view.status == "connected" and view.proven_at is not None


async def sends(daemon: RunningDaemon, session_id: str) -> None:
    """Send a message through the command line."""
    said = await daemon.wa_tui("send", session_id, "4915550002", "still there")
    assert said.returncode == 0, said.stdout + said.stderr
    assert re.search("3EB0[0-9A-F]{18}", said.stdout)


async def no_browser(service: RunningService) -> None:
    """Wait until no browser is there."""

    async def none() -> bool:
        return not service.browsers()

    await until(none, 10, lambda: f"a browser runs:\n{service.log()}")


async def passes(daemon: RunningDaemon, job: str, times: int) -> None:
    """Wait until a job has run a number of times more."""
    for _ in range(times):
        last = await _ran(daemon, job)

        async def again(last: object = last) -> bool:
            return await _ran(daemon, job) != last

        await until(again, 15, lambda: f"{job} does not run")


async def _ran(daemon: RunningDaemon, job: str) -> object:
    jobs = {each.name: each.last_at for each in await daemon.client.jobs()}
    assert job in jobs, sorted(jobs)
    return jobs[job]
