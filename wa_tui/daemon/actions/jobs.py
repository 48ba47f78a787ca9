"""Running a periodic job now."""

from __future__ import annotations

import asyncio
from typing import Protocol

from wa_tui.store import JobRun
from wa_tui.wire import ActionRequest, JobView
from wa_tui.wire.risk import risk_of

from ..results import Ended
from .context import ActionContext
from .finding import no_gateway
from .plan import Plan, Refusal


class Jobs(Protocol):
    """The schedule, as an action sees it."""

    def views(self) -> list[JobView]:
        """Return every job."""
        ...

    async def run_now(self, name: str, gateway: str | None) -> JobRun:
        """Run a job now, or join the run under way, and return how it went."""
        ...


def plan_job(context: ActionContext, request: ActionRequest, who: str, jobs: Jobs) -> Plan:
    """Return the plan that runs a job now, at one gateway or wherever there is one. Raises `Refusal`."""
    name, gateway = request.job or "", request.gateway
    views = jobs.views()
    if gateway is not None and gateway not in context.clients:
        raise no_gateway(context, gateway)
    known = list(dict.fromkeys(view.name for view in views))
    if name not in known:
        raise Refusal(404, "unknown_job", f"no job is called {name!r}: {', '.join(known)}")
    places = [view.gateway for view in views if view.name == name and gateway in (None, view.gateway)]
    if not places:
        raise Refusal(400, "bad_gateway", f"{name} is a job of the whole daemon: leave out the gateway")

    async def work() -> Ended:
        runs = await asyncio.gather(*(jobs.run_now(name, place) for place in places))
        text = "; ".join(_summary(run) for run in runs)
        return Ended("verified" if all(run.ok for run in runs) else "failed", text)

    return Plan(
        f"job {name} asked by {who}",
        work,
        gateway=gateway,
        risk=risk_of(request.action, name),
    )


def _summary(run: JobRun) -> str:
    return f"{run.gateway}: {run.detail}" if run.gateway is not None else run.detail
