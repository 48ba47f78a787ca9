"""Compares a gateway's list with the fleet; what differs is recorded, and checked at once."""

from __future__ import annotations

from wa_tui.gateways import GatewayError, Listed, Unauthorised, Unreachable
from wa_tui.model import facts
from wa_tui.model.facts import Authorised, Fact, Unhealthy
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import GatewayState, SessionKey, Status
from wa_tui.model.session import Session

from ..clock import dated
from ..core import Core
from ..jobs.schedule import JobFailed

ALIVE = frozenset({Status.CONNECTED, Status.AUTHENTICATED, Status.INITIALIZING, Status.QR_PENDING})
"""Statuses that a session absent from its gateway's list cannot have."""


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
    found: list[Fact] = list(differences(core.fleet, gateway, rows, began, now))
    if core.fleet.gateway(gateway).refuses_key:
        found.insert(0, Authorised(gateway, now, accepted=True))
    if found:
        await core.recorder.record(*found)
    return len(rows), len(found)


def differences(fleet: Fleet, gateway: str, rows: list[Listed], began: int, now: int) -> list[facts.Listed]:
    """Return a fact for each session whose listed status is news."""
    found = []
    known = {session.session_id: session for session in fleet.sessions(gateway)}
    for row in rows:
        session = known.get(row.session_id) or fleet.session(SessionKey(gateway, row.session_id))
        if session is None or _differs(session, row.status, began):
            found.append(
                facts.Listed(
                    gateway, row.session_id, began, now, row.status or Status.UNKNOWN, row.phone_number
                )
            )
    listed = {row.session_id for row in rows}
    for session in known.values():
        absent = session.session_id not in listed and session.status in ALIVE
        if absent and not _newer_than(session, began):
            found.append(facts.Listed(gateway, session.session_id, began, now, None))
    gone = [session for session in fleet.orphans(gateway) if session.session_id not in listed]
    found.extend(facts.Listed(gateway, session.session_id, began, now, None) for session in gone)
    return found


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
    now = core.clock.now()
    if isinstance(error, Unauthorised):
        await core.recorder.record(Authorised(gateway, now, accepted=False, words=error.words))
    elif isinstance(error, Unreachable):
        await core.recorder.record(Unhealthy(gateway, now, error.words, refused=error.refused))
