"""The fleet by user: kept up to date by what changed alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from statistics import fmean

from msgspec import Struct

from wa_tui.tui.fleet.order import user_place
from wa_tui.tui.fleet.standing import Key
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.look.ribbon import uptime
from wa_tui.wire import Condition, SessionView, is_troubled

UserKey = tuple[str | None]
"""A user's id, ``None`` for the sessions that have none; in a tuple, so that those are a row as any other."""


class UserRow(Struct, frozen=True):
    """One user's sessions in numbers."""

    user_id: str | None
    sessions: int
    connected: int
    troubled: int
    calling: int
    """How many need a person now."""
    gateways: tuple[str, ...]
    primary: SessionView | None = None
    primary_is: Condition = Condition.UNKNOWN


class Users:
    """Groups the sessions of a fleet's state by their users; ids are texts, ``007`` is not ``7``."""

    def __init__(self) -> None:
        self._state: FleetState | None = None
        self._minute: datetime | None = None
        self._user_of: dict[Key, UserKey] = {}
        self._sessions_of: dict[UserKey, set[Key]] = {}
        self._rows: dict[UserKey, UserRow] = {}
        self._uptimes: dict[UserKey, float | None] = {}

    def uptime(self, user: UserKey) -> float | None:
        """Return the mean of the uptimes of a user's sessions, in percent of the last 24 h; kept until they change."""
        if user not in self._uptimes and self._state is not None and self._minute is not None:
            sessions = [self._state.sessions[key] for key in self._sessions_of.get(user, ())]
            shares = [share for each in sessions if (share := self._share(each, self._minute)) is not None]
            self._uptimes[user] = fmean(shares) if shares else None
        return self._uptimes.get(user)

    def _share(self, session: SessionView, now: datetime) -> float | None:
        assert self._state is not None
        gateway = self._state.gateways.get(session.gateway)
        return uptime(session.history, gateway.gaps if gateway is not None else (), now)

    def rows(self, state: FleetState, changed: Iterable[Key]) -> dict[UserKey, UserRow]:
        """Return the users after a change of some sessions: who needs a person first, then who is in trouble."""
        now = state.now
        if state is not self._state:
            self._state, changed = state, state.sessions.keys()
            self._user_of, self._sessions_of, self._rows, self._uptimes = {}, {}, {}, {}
        moved = {user for key in changed for user in self._move(key)}
        if now != self._minute:
            self._minute, moved = now, {*self._sessions_of} | moved
        for user in moved:
            self._uptimes.pop(user, None)
            if self._sessions_of.get(user):
                self._rows[user] = self._row(user, now)
            else:
                self._rows.pop(user, None)
        if moved:
            self._rows = dict(sorted(self._rows.items(), key=lambda item: _place(item[1])))
        return self._rows

    def _move(self, key: Key) -> set[UserKey]:
        """Put a session where it belongs now; returns the users that are others for it."""
        assert self._state is not None
        session, before = self._state.sessions.get(key), self._user_of.pop(key, None)
        if before is not None:
            self._sessions_of[before].discard(key)
        if session is None:
            return {before} if before is not None else set()
        after: UserKey = (session.user_id,)
        self._user_of[key] = after
        self._sessions_of.setdefault(after, set()).add(key)
        return {after} if before is None else {before, after}

    def _row(self, user: UserKey, now: datetime) -> UserRow:
        state = self._state
        assert state is not None
        connected = troubled = calling = 0
        primary: SessionView | None = None
        for key in self._sessions_of[user]:
            session, standing = state.sessions[key], state.standing(key, now)
            if standing is None:
                continue
            connected += standing.condition is Condition.CONNECTED
            troubled += is_troubled(session, standing.condition)
            calling += standing.calls
            if session.is_primary and user != (None,):
                primary = session
        return UserRow(
            user_id=user[0],
            sessions=len(self._sessions_of[user]),
            connected=connected,
            troubled=troubled,
            calling=calling,
            gateways=tuple(sorted({key[0] for key in self._sessions_of[user]})),
            primary=primary,
            primary_is=state.condition(primary.key, now) if primary is not None else Condition.UNKNOWN,
        )


def _place(row: UserRow) -> tuple[int, int, tuple[int, int, str]]:
    """Who needs a person first, then who is in trouble."""
    return (-row.calling, -row.troubled, user_place(row.user_id))
