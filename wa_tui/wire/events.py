"""Events and jobs as the API shows them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec.structs import replace


class EventAction(msgspec.Struct, frozen=True, kw_only=True):
    """The action that an event is about: it was accepted, or ended, or a message was tried to be sent for it."""

    id: str
    """That of its `Receipt`."""
    name: str
    outcome: str | None = None
    """``None``: it was accepted; else one of a `Receipt`, of a try ``sent``, ``not_sent`` or ``unknown``."""


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """One event. ``text``, ``detail`` may hold foreign text."""

    id: int
    at: datetime
    source: str
    kind: str
    gateway: str | None = None
    session_id: str | None = None
    instance_name: str | None = None
    before: str | None = None
    after: str | None = None
    reason: str | None = None
    detail: str | None = None
    text: str = ""
    action: EventAction | None = None
    """Of the kinds ``action``, ``outcome`` and ``attempt``."""
    until: datetime | None = None
    """Of the daemon's own: nobody observed anything from ``at`` until then."""


EVENT_SOURCES = ("webhook", "sync", "list", "health", "action", "heal", "traffic", "timer")
"""Where events come from."""


class EventRange(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are asked for: of a gateway, a session, some sources and kinds (none: all), a time with its ends."""

    gateway: str | None = None
    session_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


def around(gateway: str, wanted: EventRange) -> tuple[EventRange, EventRange]:
    """Return the ranges of what concerns all sessions of a gateway, of the time and the sources of another range.

    No event of a session tells that its gateway was down, or that nobody watched: its status stays what it was.
    """
    everywhere = replace(wanted, gateway=None, session_id=None)
    return (
        replace(everywhere, gateway=gateway, kinds=("gateway",)),
        replace(everywhere, kinds=("daemon",)),
    )


def is_around(event: EventView, gateway: str) -> bool:
    """Tell whether an event concerns all sessions of a gateway: its state changed, or the daemon was not watching."""
    if event.kind == "gateway":
        return event.gateway == gateway and event.after is not None
    return event.kind == "daemon" and event.until is not None


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """One periodic job and its last run; ``outcome`` is ``ok`` or ``failed``."""

    name: str
    gateway: str | None = None
    interval_s: float
    next_at: datetime | None = None
    last_at: datetime | None = None
    duration_ms: int | None = None
    outcome: str | None = None
    detail: str = ""
