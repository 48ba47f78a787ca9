"""The fleet by user: kept up to date by what changed alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from statistics import fmean
from typing import NamedTuple

from msgspec import Struct

from wa_tui.tui.fleet.order import user_place
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.style.ribbon import uptime
from wa_tui.wire import Condition, SessionKey, SessionView, is_troubled

UserKey = tuple[str | None]
"""A user's id, ``None`` for the sessions that have none; in a tuple, so that those are a row as any other."""


class UserRow(Struct, frozen=True):
    """One user's sessions in numbers."""

    user_id: str | None
    sessions: int
    connected: int
    """How many work as far as can be known; ``proven`` of them, surely."""
    proven: int
    troubled: int
    calling: int
    """How many need a person now."""
    gateways: tuple[str, ...]
    received: int | None = None
    """Messages that came in during the last hour, through those of them whose gateway tells; ``None``: none does."""
    sent: int | None = None
    primary: SessionView | None = None
    primary_is: Condition = Condition.UNKNOWN


class _Part(NamedTuple):
    """What a session adds to its user."""

    user: UserKey
    connected: bool
    proven: bool
    troubled: bool
    calling: bool
    is_primary: bool
    received: int | None
    sent: int | None


class _Sum:
    """A sum of numbers of which some are not told."""

    def __init__(self) -> None:
        self._sum = self._parts = 0

    def add(self, number: int | None, step: int) -> None:
        """Add a number, or take it away (-1)."""
        if number is not None:
            self._sum += step * number
            self._parts += step

    @property
    def known(self) -> int | None:
        """The sum; ``None`` where none is told."""
        return self._sum if self._parts else None


class _Whole:
    """What the sessions of a user come to."""

    def __init__(self) -> None:
        self.sessions: set[SessionKey] = set()
        self.primaries: set[SessionKey] = set()
        self.gateways: Counter[str] = Counter()
        self.connected = self.proven = self.troubled = self.calling = 0
        self.received, self.sent = _Sum(), _Sum()

    def add(self, key: SessionKey, part: _Part, step: int) -> None:
        """Add what a session comes to, or take it away (-1)."""
        (self.sessions.add if step > 0 else self.sessions.discard)(key)
        if part.is_primary:
            (self.primaries.add if step > 0 else self.primaries.discard)(key)
        self.gateways[key[0]] += step
        self.connected += step * part.connected
        self.proven += step * part.proven
        self.troubled += step * part.troubled
        self.calling += step * part.calling
        self.received.add(part.received, step)
        self.sent.add(part.sent, step)


class Users:
    """Groups the sessions of a fleet's state by their users; ids are texts, ``007`` is not ``7``."""

    def __init__(self) -> None:
        self._begin(None)

    def _begin(self, state: FleetState | None) -> None:
        self._state = state
        self._minute: datetime | None = None
        self._parts: dict[SessionKey, _Part] = {}
        self._wholes: dict[UserKey, _Whole] = {}
        self._rows: dict[UserKey, UserRow] = {}
        self._uptimes: dict[UserKey, float | None] = {}

    def rows(self, state: FleetState, changed: Iterable[SessionKey]) -> dict[UserKey, UserRow]:
        """Return the users after a change of some sessions: who needs a person first, then who is in trouble."""
        now = state.now
        if state is not self._state:
            self._begin(state)
        if now != self._minute:
            # Proofs and what is snoozed end by the minute.
            self._minute, self._uptimes = now, {}
            changed = self._parts.keys() | state.sessions.keys()
        moved = {user for key in changed for user in self._apply(state, key, now)}
        for user in moved:
            self._uptimes.pop(user, None)
            if self._wholes[user].sessions:
                self._rows[user] = self._row(state, user, now)
            else:
                del self._wholes[user]
                self._rows.pop(user, None)
        if moved:
            self._rows = dict(sorted(self._rows.items(), key=lambda item: _place(item[1])))
        return self._rows

    def uptime(self, user: UserKey) -> float | None:
        """Return the mean of the uptimes of a user's sessions, in percent of the last 24 h; kept until they change."""
        state, whole, now = self._state, self._wholes.get(user), self._minute
        if state is None or whole is None or now is None:
            return None
        if user not in self._uptimes:
            sessions = [state.sessions[key] for key in whole.sessions if key in state.sessions]
            shares = [share for each in sessions if (share := _share(state, each, now)) is not None]
            self._uptimes[user] = fmean(shares) if shares else None
        return self._uptimes[user]

    def _apply(self, state: FleetState, key: SessionKey, now: datetime) -> set[UserKey]:
        """Count a session as it is now; return the users whose rows may change by that."""
        before, after = self._parts.pop(key, None), _part(state, key, now)
        if before is not None:
            self._wholes[before.user].add(key, before, -1)
        if after is not None:
            self._parts[key] = after
            self._wholes.setdefault(after.user, _Whole()).add(key, after, 1)
        return {part.user for part in (before, after) if part is not None}

    def _row(self, state: FleetState, user: UserKey, now: datetime) -> UserRow:
        whole = self._wholes[user]
        primary = min(whole.primaries, default=None)
        return UserRow(
            user_id=user[0],
            sessions=len(whole.sessions),
            connected=whole.connected,
            proven=whole.proven,
            troubled=whole.troubled,
            calling=whole.calling,
            gateways=tuple(sorted(name for name, number in whole.gateways.items() if number)),
            received=whole.received.known,
            sent=whole.sent.known,
            primary=state.sessions[primary] if primary is not None else None,
            primary_is=state.condition(primary, now) if primary is not None else Condition.UNKNOWN,
        )


def _part(state: FleetState, key: SessionKey, now: datetime) -> _Part | None:
    session, assessed = state.sessions.get(key), state.assessment(key, now)
    if session is None or assessed is None:
        return None
    traffic = session.traffic
    return _Part(
        user=(session.user_id,),
        connected=assessed.works,
        proven=assessed.condition is Condition.CONNECTED,
        troubled=is_troubled(session, assessed.condition),
        calling=assessed.calls,
        is_primary=session.is_primary and session.user_id is not None,
        received=None if traffic is None else traffic.received,
        sent=None if traffic is None else traffic.sent,
    )


def _share(state: FleetState, session: SessionView, now: datetime) -> float | None:
    gateway = state.gateways.get(session.gateway)
    return uptime(session.history, gateway.gaps if gateway is not None else (), now)


def _place(row: UserRow) -> tuple[int, int, tuple[int, int, str]]:
    """Sorts users: those with sessions that need a person, then those with sessions in trouble."""
    return (-row.calling, -row.troubled, user_place(row.user_id))
