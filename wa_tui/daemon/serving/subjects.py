"""What requests are about: whose sessions, on which gateway. Keys that are not for all are held against it."""

from __future__ import annotations

from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SessionKey
from wa_tui.store import ActionRow
from wa_tui.wire import ActionName, ActionRequest

from ..access import Subject

_SENDS: frozenset[ActionName] = frozenset({"send", "send_media"})
_OF_A_USER = _SENDS | {"new"}
"""What is about a user where no session is there yet or named; all else without one is about a gateway, or all."""


class Subjects:
    """Tells what a request is about, as the fleet is now."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def of_session(self, gateway: str | None, session_id: str | None) -> Subject:
        """Return what a gateway and a session's id name, either of which may be missing."""
        return Subject(gateway, self._owner(gateway, session_id))

    def of_request(self, request: ActionRequest) -> Subject:
        """Return what an action is about."""
        gateway = request.gateway
        user_id = request.user_id if request.action in _OF_A_USER else None
        if request.action in _SENDS and (request.session_id is None or request.fallback):
            # It goes through any session of its user's.
            gateway = None
        if request.session_id is not None:
            owners = self._fleet.owners(request.session_id)
            if request.gateway in owners or (request.gateway is None and owners):
                # Whose it is stands here, whatever the request says.
                user_id = self._owner(request.gateway, request.session_id)
                if request.user_id not in (None, user_id):
                    user_id = None
        return Subject(gateway, user_id)

    def of_action(self, row: ActionRow) -> Subject:
        """Return what an action was about."""
        if row.message is not None and row.message.user_id is not None:
            return Subject(row.gateway, row.message.user_id)
        return self.of_session(row.gateway, row.session_id)

    def _owner(self, gateway: str | None, session_id: str | None) -> str | None:
        """Return whose a session is; nobody's where its id may mean those of several users."""
        if session_id is None:
            return None
        gateways = self._fleet.owners(session_id) if gateway is None else [gateway]
        found = (self._fleet.session(SessionKey(name, session_id)) for name in gateways)
        users = {session.user_id for session in found if session is not None}
        return users.pop() if len(users) == 1 else None
