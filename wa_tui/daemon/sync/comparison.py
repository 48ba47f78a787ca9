"""A gateway's list beside the fleet: what of it is news, by what the lists of its kind tell. Pure but for the clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from wa_tui.gateways import Listed, Scope
from wa_tui.model import facts
from wa_tui.model.facts import Fact
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SessionKey, Status
from wa_tui.model.session import Session

from ..clock import Clock, dated
from ..eligibility import may_restore

ALIVE = frozenset({Status.CONNECTED, Status.AUTHENTICATED, Status.INITIALIZING, Status.QR_PENDING})
"""Statuses that a session absent from its gateway's list cannot have."""

DIALING = ALIVE - {Status.CONNECTED}
"""Statuses that a client may have of which a list says that it connects."""

UP = ALIVE - {Status.INITIALIZING}
"""Those that a client has which is listed where lists name clients: one that starts is not there yet."""

News = Fact | SessionKey
"""A fact to record, or a session to check since the list hints at something."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A list, beside the fleet as it is when each row is compared; ``asked_at`` and ``came_at`` by the monotonic clock.

    It is compared in stretches: were it dated once, a step of the clock would come between. What it ``tells`` decides
    what is news.
    """

    fleet: Fleet
    gateway: str
    clock: Clock
    asked_at: int
    came_at: int
    tells: Scope = Scope.STATUSES

    @property
    def began(self) -> int:
        """When it was asked for."""
        return dated(self.clock, self.asked_at)

    @property
    def now(self) -> int:
        """When it came."""
        return dated(self.clock, self.came_at)

    def changes(self, rows: Sequence[Listed]) -> Iterator[News | None]:
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

    def _listed(self, row: Listed) -> News | None:
        """Return a fact for a row that is news."""
        key = SessionKey(self.gateway, row.session_id)
        session = self.fleet.session(key)
        if session is not None and self.tells is not Scope.STATUSES:
            return self._present(session)
        if session is not None and row.is_dialing and session.deleted_at is None and session.listed is None:
            return self._dialing(session)
        if session is not None and not _differs(session, row.status, self.began):
            return None
        return self._fact(key, row.status or Status.UNKNOWN, row.phone_number)

    def _present(self, session: Session) -> News | None:
        """Return what a known name is worth in a list without statuses: where it names clients, that one is there."""
        if self.tells is Scope.NAMES:
            return session.key if self._may_be_back(session) else None
        if session.deleted_at is not None:
            return None if session.orphan else self._fact(session.key, Status.UNKNOWN)
        return session.key if session.gone and not _newer_than(session, self.began) else None

    def _dialing(self, session: Session) -> News | None:
        """Return a session of which a list says that it connects: one to check where no round would, or it is news."""
        if _newer_than(session, self.began):
            return None
        # What is wanted is checked in rounds; what nobody wants may show a code since somebody started it elsewhere.
        return None if session.wanted and session.status in DIALING else session.key

    def _may_be_back(self, session: Session) -> bool:
        """Whether a deleted session may run again, since its gateway restarted and restores whatever it knows."""
        gateway = self.fleet.gateway(self.gateway)
        if session.deleted_at is None or session.orphan:
            return False
        return session.deleted_at < gateway.came_up and may_restore(gateway, self.now)

    def _absent(self, key: SessionKey) -> News | None:
        """Return a fact for a session that is not listed, where that is news."""
        session = self.fleet.session(key)
        if session is None or self.tells is Scope.NAMES:
            return None
        if session.deleted_at is None and self.tells is Scope.CLIENTS:
            ended = session.status in UP and not _newer_than(session, self.began)
            return key if ended else None
        if session.deleted_at is None:
            is_news = session.status in ALIVE and not _newer_than(session, self.began)
        else:
            is_news = session.orphan
        return self._fact(key, None) if is_news else None

    def _fact(self, key: SessionKey, status: Status | None, phone_number: str | None = None) -> Fact:
        return facts.Listed(*key, began=self.began, at=self.now, status=status, phone_number=phone_number)


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
