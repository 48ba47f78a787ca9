"""``/healthz`` and ``/readyz``: for supervisors and load balancers, who have no key; answered from memory."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wa_tui.model.registers import SECOND
from wa_tui.wire import Probe

from ..clock import Clock
from ..process.listening import PlaceTaken
from ..recording.recorder import Recorder
from ..sync.adoption import Adoption
from .responses import json
from .rules import HEALTHZ, READYZ

STUCK = 10 * SECOND
"""Milliseconds under way after which a commit is one that the disk does not take."""


class Probes:
    """Tells whether the daemon lives, and whether it can do its work; ``waiting`` returns what it cannot listen for."""

    def __init__(
        self,
        recorder: Recorder,
        adoption: Adoption,
        clock: Clock,
        waiting: Callable[[], PlaceTaken | None],
    ) -> None:
        self._recorder = recorder
        self._adoption = adoption
        self._clock = clock
        self._waiting = waiting

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        return [Route(HEALTHZ, self.health), Route(READYZ, self.readiness)]

    async def health(self, request: Request) -> Response:
        """``GET /healthz``; that anything is answered says that the loop runs."""
        return _answer(self.faults())

    async def readiness(self, request: Request) -> Response:
        """``GET /readyz``."""
        return _answer(self.lacks())

    def faults(self) -> list[str]:
        """Return why only a restart helps."""
        return [] if self._recorder.is_running else ["the recorder ended: nothing is taken in any more"]

    def lacks(self) -> list[str]:
        """Return why the daemon cannot do its work now. A gateway that does not answer is no reason."""
        lacks = self.faults()
        if (trouble := self._recorder.trouble) is not None:
            lacks.append(f"webhooks are answered 503: {trouble}")
        since = self._recorder.committing_since
        if since is not None and (late := self._clock.monotonic() - since) >= STUCK:
            lacks.append(f"the store has not taken a write for {late // SECOND} s")
        if (obstacle := self._waiting()) is not None:
            lacks.append(f"no webhook comes in: {obstacle.detail}")
        lacks += [
            f"what {gateway} is to restore waits for its first list" for gateway in self._adoption.awaited()
        ]
        return lacks


def _answer(why: list[str]) -> Response:
    answer = json(Probe(ok=not why, why=why), 503 if why else 200)
    answer.headers["cache-control"] = "no-store"
    return answer
