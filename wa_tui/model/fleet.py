"""The fleet in memory: every session and gateway, and drafts of it that are swapped in once committed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .facts import UserId
from .gateway import Gateway
from .registers import SessionKey
from .session import Session
from .transition import Transition


class Fleet:
    """All sessions and gateways; changed only by `Draft.swap`."""

    def __init__(self, sessions: Iterable[Session] = (), gateways: Iterable[Gateway] = ()) -> None:
        self._sessions: dict[SessionKey, Session] = {}
        self._gateways: dict[str, Gateway] = {gateway.name: gateway for gateway in gateways}
        self._by_gateway: dict[str, dict[SessionKey, Session]] = {}
        self._owners: dict[str, tuple[str, ...]] = {}
        """The gateways that know a session id, sorted; mostly one, whose tuple all of its sessions share."""
        self._alone: dict[str, tuple[str]] = {}
        self._by_user: dict[UserId, dict[SessionKey, None]] = {}
        self._with_code: dict[SessionKey, None] = {}
        self._extents: dict[str, tuple[int, int]] = {}
        self.births = 0
        """How many sessions it was ever given: what lists its keys is whole as long as that has not moved."""
        for session in sessions:
            self._put(session.key, session)

    def session(self, key: SessionKey) -> Session | None:
        """Return a session (tombstones included), or ``None`` for one never seen."""
        return self._sessions.get(key)

    def gateway(self, name: str) -> Gateway:
        """Return a gateway's registers; fresh ones for a name never seen."""
        return self._gateways.get(name) or Gateway(name)

    def gateways(self) -> list[Gateway]:
        """Return every gateway ever heard of."""
        return list(self._gateways.values())

    def everywhere(self) -> Iterator[Gateway]:
        """Iterate over every gateway ever heard of."""
        return iter(self._gateways.values())

    def everything(self) -> Iterator[Session]:
        """Iterate over all sessions, tombstones included."""
        return iter(self._sessions.values())

    def sessions(self, gateway: str | None = None) -> list[Session]:
        """Return the sessions that are not deleted, of one gateway or of all."""
        return [session for session in self._of(gateway).values() if session.deleted_at is None]

    def keys(self, gateway: str | None = None) -> list[SessionKey]:
        """Return the names of all sessions, tombstones included, of one gateway or of all."""
        return list(self._of(gateway))

    def sessions_of(self, user_id: UserId) -> list[Session]:
        """Return a user's sessions that are not deleted, on every gateway."""
        found = [self._sessions[key] for key in self._by_user.get(user_id, ())]
        return [session for session in found if session.deleted_at is None]

    def with_code(self) -> list[Session]:
        """Return the sessions that are not deleted and have a QR code that was not noted as expired."""
        found = [self._sessions[key] for key in self._with_code]
        return [session for session in found if session.deleted_at is None]

    def _of(self, gateway: str | None) -> dict[SessionKey, Session]:
        return self._sessions if gateway is None else self._by_gateway.get(gateway, {})

    def extent(self, gateway: str) -> tuple[int, int]:
        """Return how many sessions a gateway has that are not deleted, and of how many its list says otherwise."""
        return self._extents.get(gateway, (0, 0))

    def owners(self, session_id: str) -> list[str]:
        """Return the gateways that know a session id, sorted."""
        return list(self._owners.get(session_id, ()))

    def meant(self, id: str) -> list[SessionKey]:
        """Return the sessions (tombstones included) that ``session_id`` or ``gateway/session_id`` may mean."""
        found = [SessionKey(gateway, id) for gateway in self.owners(id)]
        gateway, _, session_id = id.partition("/")
        key = SessionKey(gateway, session_id)
        return [*found, key] if key in self._sessions else found

    def _put(self, key: SessionKey, session: Session) -> None:
        before = self._sessions.get(key)
        self._sessions[key] = self._by_gateway.setdefault(key.gateway, {})[key] = session
        if before is None:
            self.births += 1
            self._own(key.session_id, {*self._owners.get(key.session_id, ()), key.gateway})
            self._index(key, None, session)
        # Most changes touch nothing that is indexed: a webhook must not pay for the others. What a session keeps is the
        # same object, and to index one anew that is merely equal changes nothing.
        elif (
            before.deleted_at is not session.deleted_at
            or before.listed is not session.listed
            or before.user_id is not session.user_id
            or before.qr is not session.qr
        ):
            self._index(key, before, session)

    def _drop(self, key: SessionKey) -> None:
        before = self._sessions.pop(key, None)
        if before is not None:
            del self._by_gateway[key.gateway][key]
            self._own(key.session_id, {*self._owners[key.session_id]} - {key.gateway})
            self._index(key, before, None)

    def _own(self, session_id: str, gateways: set[str]) -> None:
        if not gateways:
            del self._owners[session_id]
        elif len(gateways) == 1:
            [gateway] = gateways
            self._owners[session_id] = self._alone.setdefault(gateway, (gateway,))
        else:
            self._owners[session_id] = tuple(sorted(gateways))

    def _index(self, key: SessionKey, before: Session | None, after: Session | None) -> None:
        """Have all that is looked up by something else than the key follow a session."""
        self._recount(key.gateway, before, after)
        old = before.user_id if before is not None else None
        new = after.user_id if after is not None else None
        if old != new:
            if old is not None:
                del self._by_user[old][key]
                if not self._by_user[old]:
                    del self._by_user[old]
            if new is not None:
                self._by_user.setdefault(new, {})[key] = None
        if after is not None and after.qr is not None and not after.qr.expired:
            self._with_code[key] = None
        else:
            self._with_code.pop(key, None)

    def _recount(self, gateway: str, before: Session | None, after: Session | None) -> None:
        (old, old_drift), (new, new_drift) = _weight(before), _weight(after)
        if (old, old_drift) != (new, new_drift):
            there, drift = self.extent(gateway)
            self._extents[gateway] = (there + new - old, drift + new_drift - old_drift)


def _weight(session: Session | None) -> tuple[int, int]:
    if session is None or session.deleted_at is not None:
        return 0, 0
    return 1, int(session.listed is not None)


class Draft:
    """Changes on top of a fleet: seen by the facts of one batch, by nobody else until swapped in."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.sessions: dict[SessionKey, Session] = {}
        self.gateways: dict[str, Gateway] = {}
        self.removed: set[SessionKey] = set()

    def session(self, key: SessionKey) -> Session | None:
        """Return the session as the draft has it."""
        if key in self.removed:
            return None
        return self.sessions.get(key) or self._fleet.session(key)

    def gateway(self, name: str) -> Gateway:
        """Return the gateway as the draft has it."""
        return self.gateways.get(name) or self._fleet.gateway(name)

    def everything(self) -> list[Session]:
        """Return all sessions as the draft has them, tombstones included."""
        sessions = {session.key: session for session in self._fleet.everything()} | self.sessions
        return [session for key, session in sessions.items() if key not in self.removed]

    def everywhere(self) -> list[Gateway]:
        """Return every gateway ever heard of as the draft has it."""
        known = {gateway.name: gateway for gateway in self._fleet.everywhere()} | self.gateways
        return [*known.values()]

    def apply(self, outcome: Transition) -> None:
        """Put an outcome into the draft."""
        if outcome.session is not None:
            key = outcome.session.key
            self.sessions[key] = outcome.session
            self.removed.discard(key)
        if outcome.gateway is not None:
            self.gateways[outcome.gateway.name] = outcome.gateway
        if outcome.removed is not None:
            self.sessions.pop(outcome.removed, None)
            self.removed.add(outcome.removed)
        if outcome.moved is not None:
            self.sessions.update((session.key, session) for session in outcome.moved.sessions)
            self.gateways.update((gateway.name, gateway) for gateway in outcome.moved.gateways)

    def swap(self) -> None:
        """Make the draft the fleet: call only once it is committed."""
        for key, session in self.sessions.items():
            self._fleet._put(key, session)
        self._fleet._gateways.update(self.gateways)
        for key in self.removed:
            self._fleet._drop(key)
