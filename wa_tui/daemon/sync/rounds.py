"""Rounds of checks of one gateway's wanted sessions: spread over the interval, or at once when there is reason to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

from wa_tui.gateways import Scope
from wa_tui.model.events import Event, Kind
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SECOND, GatewayState, SessionKey, Source
from wa_tui.model.transition import Transition

from ..checking.checker import Checker
from ..checking.pace import Pace
from ..clock import Clock
from ..recording.bus import Bus
from ..recording.change import Change
from ..recording.recorder import Recorder

SPREAD = 0.8
"""The share of the interval over which a periodic run spreads its checks."""

STRETCH = 1_000
"""Sessions looked through at a stretch, in half a millisecond: webhooks go between two of them."""

AHEAD = 64
"""Checks asked for ahead on a gateway: enough for all of its slots, and no hundred thousand tasks in one stretch."""


@dataclass(slots=True)
class Counts:
    """How many checks of a round were answered, and how many of them changed a status."""

    checked: int = 0
    updated: int = 0
    unsaid: int = 0
    """Of the updated ones, those that no line has told yet."""

    def count(self, outcome: Transition | None) -> None:
        """Take in what a check found; ``None`` for no answer."""
        if outcome is not None:
            updated = outcome.event is not None and outcome.event.kind is Kind.STATUS
            self.checked += 1
            self.updated += updated
            self.unsaid += updated


class StatusRounds:
    """One gateway's rounds of checks, and what came of those that no line told of yet."""

    def __init__(
        self,
        gateway: str,
        fleet: Fleet,
        recorder: Recorder,
        bus: Bus,
        clock: Clock,
        checker: Checker,
        pace: Pace,
        scope: Callable[[], Scope],
    ) -> None:
        self._gateway = gateway
        self._fleet = fleet
        self._recorder = recorder
        self._bus = bus
        self._clock = clock
        self._checker = checker
        self._pace = pace
        self._scope = scope
        """What the gateway's list tells."""
        self._webhook_metrics: list[Counts] = []
        """The rounds since the last line told of them, the one under way last."""
        self._began: int | None = None
        """When the one under way began, by the monotonic clock."""
        self.first = asyncio.Event()
        """Set when the first one is over."""

    async def run(self, *, at_once: bool = False) -> str:
        """Check every wanted session: at once the first time, spread over the interval afterwards."""
        counts = Counts()
        self._webhook_metrics.append(counts)
        self._began = self._clock.monotonic()
        spread = self.first.is_set() and not at_once
        try:
            await self.check(self._pace.interval(self._gateway) * SPREAD if spread else 0.0, counts)
        finally:
            self._began = None
            self.first.set()
        return f"{counts.checked} checked, {counts.updated} updated"

    @property
    def is_behind(self) -> bool:
        """Whether the round under way takes longer than its interval."""
        began, interval = self._began, self._pace.interval(self._gateway)
        return began is not None and self._clock.monotonic() - began > interval * SECOND

    def summary(self) -> tuple[int, int]:
        """Return how many sessions were checked, and how many updates there were; the next time what is new."""
        checked = max((each.checked for each in self._webhook_metrics), default=0)
        updated = sum(each.unsaid for each in self._webhook_metrics)
        del self._webhook_metrics[: len(self._webhook_metrics) - (self._began is not None)]
        for each in self._webhook_metrics:
            each.unsaid = 0
        return checked, updated

    async def check(self, over: float, counts: Counts) -> Counts:
        """Check the wanted sessions within ``over`` seconds, and count what comes of it."""
        room = asyncio.Semaphore(AHEAD)
        if self._fleet.gateway(self._gateway).state is GatewayState.DOWN:
            return counts
        keys = await self._wanted(spread=over > 0)
        pause = over / len(keys) if keys else 0.0
        for key in keys:
            await room.acquire()
            self._checker.request(key).add_done_callback(partial(_ended, counts, room))
            if pause:
                await asyncio.sleep(pause)
        for _ in range(AHEAD):
            await room.acquire()
        return counts

    @contextlib.contextmanager
    def updates(self) -> Iterator[list[Event]]:
        """Collect what checks find, whoever asked for them: a list may have had one begun already."""
        found: list[Event] = []

        def listen(change: Change) -> None:
            found.extend(
                event
                for event in change.events
                if event.gateway == self._gateway
                and event.kind is Kind.STATUS
                and event.source is Source.SYNC
            )

        leave = self._bus.watch(listen)
        try:
            yield found
        finally:
            leave()

    async def _wanted(self, *, spread: bool) -> list[SessionKey]:
        """The longest unchecked first; in a round that is spread each at its place, one interval after the last one.

        Where no list tells statuses, what is to be offline is among them: nothing else would show that it is not.
        """
        listed = self._scope() is Scope.STATUSES
        fleet, found = self._fleet, list[tuple[int, SessionKey]]()
        for number, key in enumerate(fleet.keys(self._gateway)):
            if number and number % STRETCH == 0:
                await self._recorder.give_way()
            session = fleet.session(key)
            if session is None or session.deleted_at is not None:
                continue
            if session.wanted or session.contradicts or not listed:
                found.append((session.check.at if session.check is not None else 0, key))
        if not spread:
            found.sort(key=itemgetter(0))
        return [key for _, key in found]


def _ended(counts: Counts, room: asyncio.Semaphore, check: asyncio.Task[Transition | None]) -> None:
    """Count a check that is over, and make room for the next one."""
    room.release()
    if not check.cancelled() and check.exception() is None:
        counts.count(check.result())
