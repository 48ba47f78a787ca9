"""Compares a gateway's list with the fleet; what differs is recorded, and checked at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeGuard

from wa_tui.gateways import GatewayClient, GatewayError, Listed
from wa_tui.model import facts
from wa_tui.model.facts import Authorised, Fact
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import GatewayState, SessionKey, Status
from wa_tui.model.session import Session

from ..checking.absence import absence
from ..checking.checker import Checker
from ..clock import Clock, dated
from ..recording.recorder import Recorder
from ..results import JobFailed

ALIVE = frozenset({Status.CONNECTED, Status.AUTHENTICATED, Status.INITIALIZING, Status.QR_PENDING})
"""Statuses that a session absent from its gateway's list cannot have."""


STRETCH = 1_000
"""Rows and sessions compared at a stretch, in half a millisecond: webhooks go between two of them."""


class GatewayAsleep(JobFailed):
    """The gateway does not answer: its list says nothing."""


class ListSync:
    """Fetches gateways' lists and records every difference."""

    def __init__(
        self,
        clients: Mapping[str, GatewayClient],
        fleet: Fleet,
        recorder: Recorder,
        clock: Clock,
        checker: Checker,
    ) -> None:
        self._clients = clients
        self._fleet = fleet
        self._recorder = recorder
        self._clock = clock
        self._checker = checker

    async def sync(self, gateway: str) -> str:
        """Fetch a list once, for the job; returns what was found, in a few words.

        Raises `GatewayAsleep` when there was no list.
        """
        if self._fleet.gateway(gateway).state is GatewayState.DOWN:
            raise GatewayAsleep("skipped: the gateway is down", known=True)
        listed, found = await self.fetch(gateway)
        return f"{listed} listed, {found} differ"

    async def fetch(self, gateway: str) -> tuple[int, int]:
        """Fetch a gateway's list and record differences; returns how many it listed and how many differ.

        Raises `GatewayAsleep` when there was no list.
        """
        since, client = self._clock.monotonic(), self._clients.get(gateway)
        if client is None:
            raise GatewayAsleep(f"nobody works at {gateway} any more", known=True)
        try:
            rows = await client.list()
        except GatewayError as error:
            raise GatewayAsleep(str(error), known=await self._failed(gateway, error)) from error
        comparison = Comparison(self._fleet, gateway, self._clock, since, self._clock.monotonic())
        if self._fleet.gateway(gateway).refuses_key:
            await self._recorder.record(Authorised(gateway, comparison.now, accepted=True))
        news, number = comparison.changes(rows), 0
        while stretch := [*islice(news, STRETCH)]:
            found = [fact for fact in stretch if fact is not None]
            if (lost := comparison.lost(found)) is not None:
                await self._checker.look_after_loss(lost, comparison.began)
                if self._fleet.gateway(gateway).state is GatewayState.DOWN:
                    raise GatewayAsleep("it went down while its list was compared", known=True)
                found = comparison.without_what_comes(found)
            number += len(found)
            if found:
                await self._recorder.record(*found)
            elif len(stretch) == STRETCH:
                await self._recorder.give_way()
        return len(rows), number

    async def _failed(self, gateway: str, error: GatewayError) -> bool:
        """Record what that says of the gateway itself; tells whether it says anything."""
        fact = absence(gateway, self._clock.now(), error)
        if fact is not None:
            await self._recorder.record(fact)
        return fact is not None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A list, beside the fleet as it is when each row is compared; ``asked_at`` and ``came_at`` by the monotonic clock.

    It is compared in stretches: were it dated once, a step of the clock would come between.
    """

    fleet: Fleet
    gateway: str
    clock: Clock
    asked_at: int
    came_at: int

    @property
    def began(self) -> int:
        """When it was asked for."""
        return dated(self.clock, self.asked_at)

    @property
    def now(self) -> int:
        """When it came."""
        return dated(self.clock, self.came_at)

    def changes(self, rows: Sequence[Listed]) -> Iterator[Fact | None]:
        """Yield what is news, and ``None`` for what is not: of each row, then of each session."""
        for row in rows:
            yield self._listed(row)
        listed = {row.session_id for row in rows}
        for key in self.fleet.keys(self.gateway):
            yield None if key.session_id in listed else self._absent(key)

    def lost(self, part: list[Fact]) -> SessionKey | None:
        """Return one of the sessions that are to be restored, if the gateway restarted, and are not listed."""
        keys = (SessionKey(fact.gateway, fact.session_id) for fact in part if _is_absence(fact))
        return next((key for key in keys if self._comes_back(key)), None)

    def without_what_comes(self, part: list[Fact]) -> list[Fact]:
        """Return what is news but for what a gateway that restarted is yet to restore: it is on its way."""
        if not self.fleet.gateway(self.gateway).restoring:
            return part
        return [
            fact
            for fact in part
            if not (_is_absence(fact) and self._comes_back(SessionKey(fact.gateway, fact.session_id)))
        ]

    def _comes_back(self, key: SessionKey) -> bool:
        session = self.fleet.session(key)
        return session is not None and session.restorable

    def _listed(self, row: Listed) -> Fact | None:
        """Return a fact for a row that is news."""
        session = self.fleet.session(SessionKey(self.gateway, row.session_id))
        if session is not None and not _differs(session, row.status, self.began):
            return None
        status = row.status or Status.UNKNOWN
        return facts.Listed(self.gateway, row.session_id, self.began, self.now, status, row.phone_number)

    def _absent(self, key: SessionKey) -> Fact | None:
        """Return a fact for a session that is not listed, where that is news."""
        session = self.fleet.session(key)
        if session is None:
            return None
        if session.deleted_at is None:
            is_news = session.status in ALIVE and not _newer_than(session, self.began)
        else:
            is_news = session.orphan
        return facts.Listed(self.gateway, key.session_id, self.began, self.now, None) if is_news else None


def _is_absence(fact: Fact) -> TypeGuard[facts.Listed]:
    return isinstance(fact, facts.Listed) and fact.status is None


def _differs(session: Session, status: Status | None, began: int) -> bool:
    if session.deleted_at is not None:
        return not session.orphan
    if session.listed is not None:
        return True
    return status is not None and status is not session.status and not _newer_than(session, began)


def _newer_than(session: Session, began: int) -> bool:
    """A webhook came in after the list was asked for: the next list is the one to compare."""
    latest = session.claims.latest
    return latest is not None and latest.received >= began
