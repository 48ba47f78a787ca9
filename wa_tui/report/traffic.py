"""How many messages went through each gateway's sessions in a report's time, by the hours that the daemon tells."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from wa_tui.wire import SessionView

from .report import TrafficSum

_HOUR = timedelta(hours=1)


def traffic_sums(
    sessions: Iterable[SessionView], since: datetime, until: datetime, now: datetime
) -> list[TrafficSum]:
    """Return each gateway's messages in the hours of a time, ``now`` being in the last hour that is told.

    Nothing of a gateway that tells none, nor of a time that began before all that is told: half a sum misleads.
    """
    newest = now.replace(minute=0, second=0, microsecond=0)
    found: dict[str, TrafficSum] = {}
    for session in sessions:
        hours = session.traffic.hours if session.traffic is not None else []
        begin = newest - _HOUR * (len(hours) - 1)
        if not hours or since < begin:
            continue
        first, end = (since - begin) // _HOUR, -((begin - until) // _HOUR)
        before = found.get(session.gateway)
        found[session.gateway] = TrafficSum(
            gateway=session.gateway,
            since=begin + _HOUR * first,
            messages=sum(hours[first:end]) + (before.messages if before is not None else 0),
            sessions=1 + (before.sessions if before is not None else 0),
        )
    return [found[name] for name in sorted(found)]
