"""Rebuilds a fleet from a snapshot and the events after it."""

from __future__ import annotations

from collections.abc import Iterable

from .apply import apply
from .events import Event
from .fleet import Draft, Fleet
from .registers import SessionKey


def replay(fleet: Fleet, events: Iterable[Event]) -> Fleet:
    """Apply stored events to a snapshot's fleet, in order, and return it; QR payloads are not among them."""
    for event in events:
        draft = Draft(fleet)
        if event.basis is not None and event.gateway is not None and event.session_id is not None:
            session = fleet.session(SessionKey(event.gateway, event.session_id))
            if session is not None:
                draft.sessions[session.key] = event.basis.restore(session)
        draft.apply(apply(draft, event.fact))
        draft.swap()
    return fleet
