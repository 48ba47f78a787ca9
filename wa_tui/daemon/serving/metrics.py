"""``GET /metrics``: the daemon in numbers, for Prometheus. Gathered on the loop, written in a thread."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wa_tui.model.events import Kind
from wa_tui.model.registers import SECOND
from wa_tui.wire import DaemonView, GatewayView, JobView

from ..clock import Clock
from ..dates import time_of
from ..recording.change import Change
from ..recording.recorder import Recorder
from ..views.census import Census
from .exposition import Figures, LastRun, written
from .rules import METRICS

_NOTHING_CAME = frozenset({Kind.TOMBSTONE, Kind.ORPHAN})
"""They say how a deleted session stands: it came into nothing."""


class Transitions:
    """Counts what became of sessions since the daemon started, by gateway and the status that they came into."""

    def __init__(self) -> None:
        self.counted: Counter[tuple[str, str]] = Counter()

    def listen(self, change: Change) -> None:
        """Count a change's."""
        for event in change.events:
            if event.session_id is None or event.gateway is None or event.kind in _NOTHING_CAME:
                continue
            if event.after is not None and event.after != event.before:
                self.counted[event.gateway, event.after] += 1


class Metrics:
    """Answers with what is counted anyway; ``webhooks`` are counted by gateway and by what became of them."""

    def __init__(
        self,
        census: Census,
        recorder: Recorder,
        clock: Clock,
        transitions: Transitions,
        webhooks: Mapping[str, Mapping[str, int]],
        gateways: Callable[[], list[GatewayView]],
        jobs: Callable[[], list[JobView]],
        daemon: Callable[[], DaemonView],
    ) -> None:
        self._census = census
        self._recorder = recorder
        self._clock = clock
        self._transitions = transitions
        self._webhooks = webhooks
        self._gateways = gateways
        self._jobs = jobs
        self._daemon = daemon

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        return [Route(METRICS, self.answer)]

    async def answer(self, request: Request) -> Response:
        """``GET /metrics``."""
        figures = await self._figures()
        body, media_type = await asyncio.to_thread(written, figures)
        return Response(body, media_type=media_type)

    async def _figures(self) -> Figures:
        """Return the numbers of one instant: nothing awaits once the census has caught up."""
        now = time_of(self._clock.now())
        gateways, daemon = self._gateways(), self._daemon()
        counts = await self._census.counts(gateways, now, daemon.proof_window_s)
        return Figures(
            version=daemon.version,
            sessions=self._census.conditions(gateways, now, daemon.proof_window_s),
            needing={
                "calling": counts.needs_person,
                "snoozed": counts.snoozed,
                "acknowledged": counts.acknowledged,
                "covered": counts.covered,
            },
            gateways={view.name: view.state for view in gateways},
            transitions=dict(self._transitions.counted),
            webhooks={
                (gateway, outcome): number
                for gateway, outcomes in self._webhooks.items()
                for outcome, number in outcomes.items()
            },
            waiting=self._recorder.waiting,
            takes_writes=self._recorder.trouble is None,
            attention=dict(Counter(str(each.code) for each in daemon.attention)),
            jobs=[_job(view, now) for view in self._jobs()],
        )


def _job(view: JobView, now: datetime) -> LastRun:
    """Return a job's last run; one is late from when it was due again."""
    age = None if view.last_at is None else (now - view.last_at).total_seconds()
    return LastRun(
        name=view.name,
        gateway=view.gateway or "",
        seconds=None if view.duration_ms is None else view.duration_ms / SECOND,
        late_s=None if age is None else max(0.0, age - view.interval_s),
        failed=view.outcome == "failed",
    )
