"""The messages that went through the demo's sessions before it began: by minute for a day, by hour for a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from wa_tui.simulator.fleet import Member
from wa_tui.simulator.history import absences
from wa_tui.simulator.messages import Flow
from wa_tui.simulator.rhythm import Rhythm, poisson

_MINUTE, _HOUR = 60, 3600
_DAY = 24 * _HOUR
_HOURS_BACK, _DAYS_BACK = 24, 30
_FLOWS = {flow: place for place, flow in enumerate(Flow)}
_WIDTH = len(_FLOWS)
_STEADY = Rhythm(per_hour=30, shift_h=0, outgoing=0.4, night=1.0)
"""Of the doubtful sessions: whenever the demo begins, their silence is strange."""
_SILENT_FOR = {"silent": 42 * _MINUTE, "ghost": 66 * _MINUTE}
"""By the kind of a member, how long before the end of the past its messages stopped."""
_NOTICED_FOR = {"silent": 24 * _MINUTE, "ghost": 41 * _MINUTE}
"""How long before the end that was noticed."""
_FAILED_AGO = {"failing": tuple(minutes * _MINUTE for minutes in (3, 4, 11, 19, 21, 34, 50, 75, 140))}
_DELIVERED, _READ = 0.97, 0.7
"""The shares of messages that reach a device, and of those that somebody reads."""
_HALF_OF_GAPS = 0.693
"""Messages expected in the median gap."""

_Rows = defaultdict[int, list[int]]


def past_messages(members: Sequence[Member], until: float) -> Iterator[dict[str, Any]]:
    """Yield the counts of each session that was ever linked, up to `until`, in epoch seconds.

    `hours` and `days` are pairs of an hour or a day since the epoch and the counts of its minutes or hours, each
    step in order of `Flow`; `last` is when each flow last had one, in epoch milliseconds. A session that is doubtful
    when the demo begins has a `doubt` besides: since when it is silent, when that was noticed, and its usual gap.
    """
    for member in members:
        if member.kind != "waiting":
            yield _Past(member, until).row()


class _Past:
    """What went through one session."""

    def __init__(self, member: Member, until: float) -> None:
        self._member = member
        self._until = until
        self._rng = member.randomness("messages")
        self._rhythm = _STEADY if member.kind in _SILENT_FOR else Rhythm.of(member.account.session_id)
        self._absences = [*absences(member, until)]
        self._end = until - _SILENT_FOR.get(member.kind, 0)
        self._hours: _Rows = defaultdict(lambda: [0] * (60 * _WIDTH))
        self._days: _Rows = defaultdict(lambda: [0] * (24 * _WIDTH))
        self._last = [0.0] * _WIDTH

    def row(self) -> dict[str, Any]:
        """Return it as one row."""
        newest, first = int(self._until) // _HOUR, (int(self._until) // _DAY - _DAYS_BACK) * 24
        for hour in range(first, newest - _HOURS_BACK):
            self._sum_up(hour)
        for hour in range(newest - _HOURS_BACK, newest + 1):
            self._live(hour)
        for ago in _FAILED_AGO.get(self._member.kind, ()):
            self._add(Flow.FAILED, self._until - ago)
        row: dict[str, Any] = {
            "gateway": self._member.gateway,
            "sessionId": self._member.account.session_id,
            "hours": [*self._hours.items()],
            "days": [*self._days.items()],
            "last": [round(at * 1000) for at in self._last],
        }
        return row | self._doubt()

    def _expected(self, hour: int) -> float:
        return self._rhythm.at((hour + 0.5) * _HOUR)

    def _sum_up(self, hour: int) -> None:
        """Count an hour of which nobody asks for the minutes."""
        messages = poisson(self._rng, self._expected(hour))
        sent = round(messages * self._rhythm.outgoing)
        delivered = round(sent * _DELIVERED)
        day, place = hour // 24, hour % 24 * _WIDTH
        counts = (messages - sent, sent, sent, delivered, round(delivered * _READ), 0)
        self._days[day][place : place + _WIDTH] = counts

    def _live(self, hour: int) -> None:
        """Have the messages of an hour go through, one by one, while the session was connected."""
        for _ in range(poisson(self._rng, self._expected(hour))):
            at = (hour + self._rng.random()) * _HOUR
            if at >= self._end or any(begin <= at < end for begin, end in self._absences):
                continue
            if self._rng.random() >= self._rhythm.outgoing:
                self._add(Flow.RECEIVED, at)
                continue
            self._add(Flow.SENT, at)
            self._add(Flow.ACKED, at + 1)
            if self._rng.random() < _DELIVERED:
                self._add(Flow.DELIVERED, at + 3)
                if self._rng.random() < _READ:
                    self._add(Flow.READ, at + 40)

    def _add(self, flow: Flow, at: float) -> None:
        at, place = min(at, self._until), _FLOWS[flow]
        hour, minute = divmod(int(at) // _MINUTE, 60)
        self._hours[hour][minute * _WIDTH + place] += 1
        self._days[hour // 24][hour % 24 * _WIDTH + place] += 1
        self._last[place] = max(self._last[place], at)

    def _doubt(self) -> dict[str, Any]:
        kind = self._member.kind
        if kind not in _NOTICED_FOR:
            return {}
        since = max(self._last[_FLOWS[flow]] for flow in (Flow.RECEIVED, Flow.SENT, Flow.ACKED))
        usual = _HALF_OF_GAPS / self._rhythm.at(since) * _HOUR
        times = {"since": since, "noticed": self._until - _NOTICED_FOR[kind], "usual": usual}
        return {"doubt": {"kind": kind} | {name: round(value * 1000) for name, value in times.items()}}
