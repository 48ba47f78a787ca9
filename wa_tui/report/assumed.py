"""Events that must have happened, where none is at hand: how a gateway or a session is now came about."""

from __future__ import annotations

from wa_tui.wire import EventView, GatewayView, SessionView


def gateway_event(gateway: GatewayView) -> EventView:
    """Return what must have happened to a gateway of which no event is at hand."""
    assert gateway.since is not None
    return EventView(
        id=0,
        at=gateway.since,
        source="health",
        kind="gateway",
        gateway=gateway.name,
        before="up",
        after=gateway.state,
        detail=gateway.detail,
    )


def status_event(session: SessionView) -> EventView:
    """Return what must have happened to a session of which no event is stored any more."""
    assert session.status_since is not None
    return EventView(
        id=0,
        at=session.status_since,
        source="sync",
        kind="status" if session.connected_at is not None else "adopted",
        gateway=session.gateway,
        session_id=session.session_id,
        before="connected" if session.connected_at is not None else None,
        after=session.status,
        reason=session.reason,
        detail=session.detail,
    )
