"""Checks every wanted session: spread over the interval, or at once when there is reason to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter

from wa_tui.model.events import Event, Kind
from wa_tui.model.registers import SECOND, GatewayState, SessionKey, Source
from wa_tui.model.transition import Transition

from ..core import Core
from ..jobs.health import look
from ..recording.change import Change
from .lists import GatewayAsleep, fetch
from .pace import status_interval

log = logging.getLogger("wa_tui.sync")

SPREAD = 0.8
"""The share of the interval over which a periodic run spreads its checks."""


PATIENCE = 0.95
"""The share of the interval after which the first line does not wait for slow gateways any more."""

STRETCH = 1_000
"""Sessions looked through at a stretch, in half a millisecond: webhooks go between two of them."""

AHEAD = 64
"""Checks asked for ahead on a gateway: enough for all of its slots, and no hundred thousand tasks in one stretch."""


@dataclass(slots=True)
class _Counts:
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


@dataclass(slots=True)
class _Rounds:
    """A gateway's rounds of checks since the last line told of them, the one under way last."""

    webhook_metrics: list[_Counts] = field(default_factory=list)
    began: int | None = None
    """When the one under way began, by the monotonic clock."""
    first: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the first one is over."""

    def summary(self) -> tuple[int, int]:
        """Return how many sessions were checked, and how many updates there were; the next time what is new."""
        checked = max((each.checked for each in self.webhook_metrics), default=0)
        updated = sum(each.unsaid for each in self.webhook_metrics)
        del self.webhook_metrics[: len(self.webhook_metrics) - (self.began is not None)]
        for each in self.webhook_metrics:
            each.unsaid = 0
        return checked, updated


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did: sessions checked and updated, and why each gateway that gave no list did not."""

    checked: int
    updated: int
    asleep: dict[str, str]


class StatusSync:
    """Rounds of checks on each gateway, at the pace in force there; the job ``sync-session-status`` tells of them."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._rounds = {name: _Rounds() for name in core.clients}

    async def round(self, gateway: str, *, at_once: bool = False) -> str:
        """Check every wanted session of a gateway: at once the first time, spread over its interval afterwards."""
        rounds, interval = self._rounds[gateway], status_interval(self._core, gateway)
        tally = _Counts()
        rounds.webhook_metrics.append(tally)
        rounds.began = self._core.clock.monotonic()
        try:
            await self._check(
                gateway, interval * SPREAD if rounds.first.is_set() and not at_once else 0.0, tally
            )
        finally:
            rounds.began = None
            rounds.first.set()
        return f"{tally.checked} checked, {tally.updated} updated"

    async def run(self) -> str:
        """Tell what was checked since the last time; the first time, once each gateway's first round is over.

        A gateway whose checks take longer than their interval is named: the others' go on.
        """
        interval = self._core.config.intervals.status_sync
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(interval * PATIENCE):
                for rounds in self._rounds.values():
                    await rounds.first.wait()
        told = [rounds.summary() for rounds in self._rounds.values()]
        synced = _counted(sum(checked for checked, _ in told), sum(updated for _, updated in told), {})
        behind = ", ".join(name for name in self._rounds if self._is_behind(name))
        return f"{synced.checked} checked, {synced.updated} updated{f'; {behind} still answers' if behind else ''}"

    def _is_behind(self, gateway: str) -> bool:
        began, interval = self._rounds[gateway].began, status_interval(self._core, gateway)
        return began is not None and self._core.clock.monotonic() - began > interval * SECOND

    async def at_once(self, gateway: str | None = None) -> Synced:
        """List a gateway's sessions and check every wanted one, or everybody's, without spreading."""
        names = [gateway] if gateway is not None else list(self._core.clients)
        asleep: dict[str, str] = {}
        webhook_metrics = await asyncio.gather(*(self._list_and_check(name, asleep) for name in names))
        return _counted(
            sum(each.checked for each in webhook_metrics),
            sum(each.updated for each in webhook_metrics),
            asleep,
        )

    async def _list_and_check(self, gateway: str, asleep: dict[str, str]) -> _Counts:
        """Gateways are independent of each other: one that hangs delays no other's checks."""
        if self._core.fleet.gateway(gateway).state is GatewayState.DOWN:
            await look(self._core, gateway)
        with self._updates(gateway) as updates:
            try:
                await fetch(self._core, gateway)
            except GatewayAsleep as error:
                asleep[gateway] = str(error)
            tally = await self._check(gateway, 0.0, _Counts())
            self._core.recorder.publish()
        return _Counts(tally.checked, len(updates))

    @contextlib.contextmanager
    def _updates(self, gateway: str) -> Iterator[list[Event]]:
        """Collect what checks find on a gateway, whoever asked for them: a list may have had one begun already."""
        found: list[Event] = []

        def listen(change: Change) -> None:
            found.extend(
                event
                for event in change.events
                if event.gateway == gateway and event.kind is Kind.STATUS and event.source is Source.SYNC
            )

        leave = self._core.bus.watch(listen)
        try:
            yield found
        finally:
            leave()

    async def _check(self, gateway: str, over: float, counts: _Counts) -> _Counts:
        """Check a gateway's wanted sessions within ``over`` seconds, and count what comes of it."""
        room = asyncio.Semaphore(AHEAD)
        if self._core.fleet.gateway(gateway).state is GatewayState.DOWN:
            return counts
        keys = await self._wanted(gateway, spread=over > 0)
        pause = over / len(keys) if keys else 0.0
        for key in keys:
            await room.acquire()
            self._core.checker.request(key).add_done_callback(partial(_ended, counts, room))
            if pause:
                await asyncio.sleep(pause)
        for _ in range(AHEAD):
            await room.acquire()
        return counts

    async def _wanted(self, gateway: str, *, spread: bool) -> list[SessionKey]:
        """The longest unchecked first; in a round that is spread each at its place, one interval after the last one."""
        fleet, found = self._core.fleet, list[tuple[int, SessionKey]]()
        for number, key in enumerate(fleet.keys(gateway)):
            if number and number % STRETCH == 0:
                await self._core.recorder.give_way()
            session = fleet.session(key)
            if session is None or session.deleted_at is not None:
                continue
            if session.wanted or session.contradicts:
                found.append((session.check.at if session.check is not None else 0, key))
        if not spread:
            found.sort(key=itemgetter(0))
        return [key for _, key in found]


def _ended(counts: _Counts, room: asyncio.Semaphore, check: asyncio.Task[Transition | None]) -> None:
    """Count a check that is over, and make room for the next one."""
    room.release()
    if not check.cancelled() and check.exception() is None:
        counts.count(check.result())


def _counted(checked: int, updated: int, asleep: dict[str, str]) -> Synced:
    log.info("Session sync complete: %d checked, %d updated", checked, updated)
    return Synced(checked, updated, asleep)
