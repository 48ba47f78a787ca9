"""How many messages go through a session, as the API shows it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import zip_longest
from typing import Any

import msgspec


class TrafficView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A session's traffic: the last 60 minutes in numbers, and when each last happened.

    A number is ``None`` where its gateway does not tell it: that is not 0.
    """

    received: int | None = None
    sent: int | None = None
    """By us, by others through the gateway, or on the phone."""
    acked: int | None = None
    """Sent ones that WhatsApp's server acknowledged."""
    delivered: int | None = None
    """Sent ones that a recipient's device acknowledged."""
    read: int | None = None
    failed: int | None = None
    received_at: datetime | None = None
    sent_at: datetime | None = None
    acked_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    failed_at: datetime | None = None
    hours: list[int] = []
    """Received and sent in each of the last 24 hours, oldest first, the hour under way last; empty: not told."""

    @property
    def through(self) -> int | None:
        """Messages of the last 60 minutes in both directions; ``None``: neither is told."""
        told = [number for number in (self.received, self.sent) if number is not None]
        return sum(told) if told else None

    @property
    def day(self) -> int | None:
        """Messages of the last 24 hours in both directions; ``None``: not told."""
        return sum(self.hours) if self.hours else None

    @property
    def last_at(self) -> datetime | None:
        """When a message last came in or went out."""
        return max((at for at in (self.received_at, self.sent_at) if at is not None), default=None)


_FLOWS = ("received", "sent", "acked", "delivered", "read", "failed")


def hour_sum(parts: Iterable[TrafficView]) -> TrafficView | None:
    """Return the numbers of the last hour of several sessions as one, of each that any tells; ``None``: none does."""
    told = list(parts)
    if not told:
        return None
    numbers: dict[str, Any] = {}
    for flow in _FLOWS:
        found = [number for each in told if (number := getattr(each, flow)) is not None]
        numbers[flow] = sum(found) if found else None
    return TrafficView(**numbers)


def traffic_sum(parts: Iterable[TrafficView]) -> TrafficView | None:
    """Return the traffic of several sessions as one, with its hours, as `hour_sum` does."""
    told = list(parts)
    summed = hour_sum(told)
    if summed is None:
        return None
    lasts: dict[str, Any] = {
        name: max((at for each in told if (at := getattr(each, name)) is not None), default=None)
        for name in (f"{flow}_at" for flow in _FLOWS)
    }
    # Newest last: a list that is shorter begins later.
    backwards = zip_longest(*(reversed(each.hours) for each in told), fillvalue=0)
    return msgspec.structs.replace(summed, **lasts, hours=[sum(hour) for hour in backwards][::-1])


class SessionTraffic(msgspec.Struct, frozen=True, kw_only=True):
    """The traffic of one session that changed; sent live once a minute, apart from what else changes."""

    gateway: str
    session_id: str
    traffic: TrafficView


class TrafficSeries(msgspec.Struct, frozen=True, kw_only=True):
    """A session's counts over a time: ``step_s`` seconds each, from ``since`` on. A flow that is not told is absent."""

    since: datetime
    step_s: int
    counts: dict[str, list[int]] = {}
    usual_s: int | None = None
    """The session's usual gap between two messages at this time of the week, in seconds; ``None``: nothing is usual."""


class SilentView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A connected session whose messages stopped: ``cause`` is ``quiet unacked queued alone``."""

    since: datetime
    cause: str = "quiet"
    usual_s: int | None = None
    """Its usual gap at this time of the week, in seconds."""


class GhostView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A session that says connected, and WhatsApp's server says otherwise, or its messages go nowhere."""

    since: datetime
    detail: str = ""
    restarted_at: datetime | None = None
    """When healing restarted it for that; not again within 24 h."""
