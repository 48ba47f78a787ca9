"""Compares a gateway's list with the fleet; what differs is recorded, and checked at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wa_tui.gateways import GatewayError, Listed
from wa_tui.model import facts
from wa_tui.model.facts import Authorised, Fact
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import GatewayState, SessionKey, Status
from wa_tui.model.session import Session

from ..absence import absence
from ..clock import dated
from ..core import Core
from ..jobs.schedule import JobFailed

ALIVE = frozenset({Status.CONNECTED, Status.AUTHENTICATED, Status.INITIALIZING, Status.QR_PENDING})
"""Statuses that a session absent from its gateway's list cannot have."""


STRETCH = 500
"""Rows compared at a stretch, in half a millisecond: webhooks go between two of them."""


class GatewayAsleep(JobFailed):
    """The gateway does not answer: its list says nothing."""


async def sync_list(core: Core, gateway: str) -> str:
    """Fetch the list once and record every difference. Raises `GatewayAsleep` when there was no list."""
    if core.fleet.gateway(gateway).state is GatewayState.DOWN:
        raise GatewayAsleep("skipped: the gateway is down")
    listed, found = await fetch(core, gateway)
    return f"{listed} listed, {found} differ"


async def fetch(core: Core, gateway: str) -> tuple[int, int]:
    """Fetch a gateway's list and record differences; returns how many it listed and how many differ.

    Raises `GatewayAsleep` when there was no list.
    """
    since = core.clock.monotonic()
    try:
        rows = await core.clients[gateway].list()
    except GatewayError as error:
        await _failed(core, gateway, error)
        raise GatewayAsleep(str(error)) from error
    began, now = dated(core.clock, since), core.clock.now()
    if core.fleet.gateway(gateway).refuses_key:
        await core.recorder.record(Authorised(gateway, now, accepted=True))
    comparison, number = Comparison(core.fleet, gateway, began, now), 0
    for part in comparison.parts(rows):
        number += len(part)
        if part:
            await core.recorder.record(*part)
        else:
            await core.recorder.give_way()
    return len(rows), number


@dataclass(frozen=True, slots=True)
class Comparison:
    """A list, asked for at ``began`` and here at ``now``, beside the fleet as it is when each part is compared."""

    fleet: Fleet
    gateway: str
    began: int
    now: int

    def parts(self, rows: Sequence[Listed]) -> Iterator[list[Fact]]:
        """Yield what is news in one stretch after the other: sessions that are listed, then those that are not."""
        for start in range(0, len(rows), STRETCH):
            yield [fact for row in rows[start : start + STRETCH] if (fact := self._listed(row)) is not None]
        listed = {row.session_id for row in rows}
        keys = self.fleet.keys(self.gateway)
        for start in range(0, len(keys), STRETCH):
            absent = (key for key in keys[start : start + STRETCH] if key.session_id not in listed)
            yield [fact for key in absent if (fact := self._absent(key)) is not None]

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


async def _failed(core: Core, gateway: str, error: GatewayError) -> None:
    if (fact := absence(gateway, core.clock.now(), error)) is not None:
        await core.recorder.record(fact)
