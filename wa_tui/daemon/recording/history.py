"""The last 24 hours of each session and gateway, kept up from events: what ribbons and uptimes are drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wa_tui.model.events import Event, Kind
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import ANSWERING, DAY, SECOND, SessionKey, Status
from wa_tui.store import Transition
from wa_tui.wire import History
from wa_tui.wire.reasons import BY_WISH

WINDOW = DAY
LONGEST = 200
"""Changes kept a session: a session that flaps more keeps its newest."""

_CODES: dict[str, History] = {
    Status.CONNECTED: History.CONNECTED,
    Status.INITIALIZING: History.STARTING,
    Status.AUTHENTICATED: History.STARTING,
    Status.QR_PENDING: History.QR,
    Status.DISCONNECTED: History.DOWN,
    Status.AUTH_FAILED: History.DOWN,
    Status.UNKNOWN: History.UNOBSERVED,
}
_SEEN = ANSWERING

_DROPS = tuple(f"{History.CONNECTED}{after}" for after in (History.DOWN, History.QR, History.STARTING))

Point = tuple[int, str]
Gap = tuple[int, int | None]


class Histories:
    """Status changes a session, and the times a gateway (or the daemon itself) saw nothing; in epoch seconds."""

    def __init__(self) -> None:
        self._sessions: dict[SessionKey, list[Point]] = {}
        self._gaps: dict[str, list[Gap]] = {}
        self._own_gaps: list[Gap] = []

    def load(self, transitions: Iterable[Transition], gateways: Iterable[Gateway]) -> None:
        """Take in what the store remembers, oldest first."""
        for row in transitions:
            self._apply(row)
        for gateway in gateways:
            gaps = self._gaps.setdefault(gateway.name, [])
            if gateway.state not in _SEEN and not (gaps and gaps[-1][1] is None):
                gaps.append((gateway.since // SECOND, None))

    def apply(self, events: Iterable[Event]) -> None:
        """Take in new events."""
        for event in events:
            self._apply(event)

    def of(self, key: SessionKey, now: int) -> list[Point]:
        """Return a session's changes since 24 hours ago, the one that held then included."""
        points = self._sessions.get(key)
        if points is None:
            return []
        start = (now - WINDOW) // SECOND
        if len(points) > 1 and points[1][0] <= start:
            _forget(points, start)
        return points

    def gaps(self, gateway: str, now: int) -> list[Gap]:
        """Return when a gateway was not observed in the last 24 hours, oldest first."""
        start = (now - WINDOW) // SECOND
        gaps = [*self._own_gaps, *self._gaps.get(gateway, ())]
        return sorted((gap for gap in gaps if gap[1] is None or gap[1] > start), key=lambda gap: gap[0])

    def _apply(self, row: Transition | Event) -> None:
        if row.kind is Kind.REMOVED and row.gateway and row.session_id:
            self._sessions.pop(SessionKey(row.gateway, row.session_id), None)
        elif row.kind is Kind.DAEMON:
            if row.after is not None:
                self._move(int(row.after))
            elif row.recorded - row.at > SECOND:
                self._own_gaps.append((row.at // SECOND, row.recorded // SECOND))
        elif row.gateway is None:
            return
        elif row.kind is Kind.GATEWAY:
            self._take_gateway(row.gateway, row)
        elif row.session_id is not None and row.after is not None:
            self._take_session(SessionKey(row.gateway, row.session_id), row)

    def _move(self, by: int) -> None:
        """Move all along with a step of our own clock, in milliseconds: nothing was longer or shorter for it."""
        seconds = by // SECOND
        for points in self._sessions.values():
            points[:] = [(at + seconds, code) for at, code in points]
        for gaps in (self._own_gaps, *self._gaps.values()):
            gaps[:] = [(start + seconds, None if end is None else end + seconds) for start, end in gaps]

    def _take_session(self, key: SessionKey, row: Transition | Event) -> None:
        code = _CODES.get(row.after or "", History.UNOBSERVED)
        if code is History.DOWN and row.reason in BY_WISH:
            code = History.OFF
        points = self._sessions.setdefault(key, [])
        if points and points[-1][1] == code:
            return
        at = row.at // SECOND
        while points and points[-1][0] > at:
            # Corrected time may run back a little between sources: the later word holds.
            points.pop()
        points.append((at, code.value))
        if len(points) > LONGEST:
            del points[0]

    def _take_gateway(self, name: str, row: Transition | Event) -> None:
        gaps = self._gaps.setdefault(name, [])
        is_open = bool(gaps) and gaps[-1][1] is None
        at = row.at // SECOND
        if row.after in _SEEN and is_open:
            gaps[-1] = (gaps[-1][0], at)
        elif row.after not in _SEEN and not is_open:
            gaps.append((at, None))
        _forget_gaps(gaps, at - WINDOW // SECOND)


def drops(points: Sequence[Point]) -> int:
    """Return how often a session stopped being connected, though nobody disconnected it."""
    if len(points) < 2:
        return 0
    # As one text: a session that flaps has hundreds of points, and a view with each change.
    codes = "".join([code for _, code in points])
    return sum(map(codes.count, _DROPS))


def _forget(points: list[Point], start: int) -> None:
    keep = 0
    while keep + 1 < len(points) and points[keep + 1][0] <= start:
        keep += 1
    del points[:keep]


def _forget_gaps(gaps: list[Gap], start: int) -> None:
    while gaps and gaps[0][1] is not None and gaps[0][1] <= start:
        del gaps[0]
