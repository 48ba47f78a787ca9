"""Events, oldest first, folded into outages and needs: a little is held for each session, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from wa_tui.report.sums import Kept
from wa_tui.wire import AttentionCode, EventView, SessionView, UserId
from wa_tui.wire.reasons import BY_WISH

from .phases import (
    OF_A_STATE,
    Phase,
    cause_of,
    gateway_cause,
    gateway_need,
    gateway_phase,
    need_of,
    phase_of,
    tells_reason,
    tells_state,
)
from .report import Ended, Key, Need, Outage, Said
from .spans import Spans
from .sums import Sums

MOST = 5_000
"""Outages, and needs, that are told one by one."""

MOST_SAID = 200

TOLD = ("healing", "doubts")
"""Parts of a report that tell what events say."""

_TOLD_AS = {"healing": "healing", "silent": "doubts", "ghost": "doubts"}

_EVER = datetime.fromtimestamp(0, UTC)


@dataclass(slots=True)
class _Track:
    """Where one session or gateway is now."""

    phase: Phase
    status: str
    at: datetime
    begin: datetime | None = None
    """Of the outage that is open."""
    cause: str | None = None
    detail: str = ""
    need: AttentionCode | None = None
    need_begin: datetime | None = None
    name: str | None = None


class Fold:
    """Takes events of a time in order; `outages` and `needs` are what they come to, once `finish` was called.

    ``users`` tells whose a session is, ``gaps`` are the times that nobody watched.
    """

    def __init__(self, span: Spans, users: Callable[[Key], UserId | None]) -> None:
        self.outages: Kept[Outage] = Kept(MOST, _weight)
        self.needs: Kept[Need] = Kept(MOST, lambda need: need.needed_s)
        self.said = {kind: Kept[Said](MOST_SAID, lambda said: said.at.timestamp()) for kind in TOLD}
        """What events of some kinds say: they change no state, and are told as they are."""
        self.sums = Sums()
        self._span = span
        self._users = users
        self._tracks: dict[Key, _Track] = {}

    def knows(self, key: Key) -> bool:
        """Tell whether there was anything of a session or a gateway yet."""
        return key in self._tracks

    def unknown(self, events: Iterable[EventView]) -> Iterator[Key]:
        """Yield those of which an event is the first, and that were not plainly well before."""
        seen: set[Key] = set()
        for event in events:
            key = _key(event)
            if key is None or key in seen or key in self._tracks or not _matters(event):
                continue
            seen.add(key)
            # Of one that was just found, or worked before, the event itself tells what was before it.
            if event.kind != "adopted" and event.before != "connected":
                yield key

    def begin(self, key: Key, earlier: Iterable[EventView]) -> None:
        """Take in what happened to one before the report begins, oldest first, as far as that is known."""
        before = Fold(Spans(_EVER, self._span.since), lambda _: None)
        for event in earlier:
            before.apply(event)
        track = before._tracks.get(key)
        if track is not None:
            # Its outage goes on with its own beginning; only the order of what follows is counted from here.
            track.at = self._span.since
            self._tracks[key] = track

    def apply(self, event: EventView) -> None:
        """Take in the next event; those before it have been taken in."""
        if (kept := self.said.get(_TOLD_AS.get(event.kind, ""))) is not None:
            kept.add(Said(at=event.at, text=event.text, gateway=event.gateway, session_id=event.session_id))
        key = _key(event)
        if key is None:
            return
        if event.kind == "removed":
            self._leave(key, event.at)
        elif tells_state(event):
            self._move(key, event)
        elif tells_reason(event) and key in self._tracks:
            self._refine(key, event)

    def remove(self, key: Key, at: datetime | None) -> None:
        """Take in that a session is gone, since an instant where one is known."""
        track = self._tracks.get(key)
        # A deletion before the last event was of a session that has come again since.
        if track is not None and (at is None or at >= track.at):
            self._leave(key, at)

    def needs_now(self, session: SessionView) -> None:
        """Take in what a session's state needs a person for now, where its events do not tell that.

        A browser that cannot start is known from how a start ended.
        """
        track, attention = self._tracks.get(session.key), session.attention
        if attention is None or attention.code not in OF_A_STATE or session.status_since is None:
            return
        if track is None:
            track = _Track(Phase.OFF, session.status, session.status_since, name=session.instance_name)
            self._tracks[session.key] = track
        if track.need is None:
            track.need_begin = session.status_since
        track.need = attention.code

    def finish(self) -> None:
        """End what is open with the report."""
        for key, track in self._tracks.items():
            self._end_need(key, track, None)
            if track.phase is Phase.DOWN:
                self._end(key, track, None, "open")

    def open(self) -> list[Key]:
        """Return what is down, or needs a person, after the last event."""
        return [key for key, track in self._tracks.items() if track.phase is Phase.DOWN or track.need]

    def _move(self, key: Key, event: EventView) -> None:
        track = self._tracks.get(key)
        if track is None:
            track = self._tracks[key] = _first(event, self._span.since)
        # Corrected time may run back a little between sources.
        at = track.at = max(event.at, track.at)
        track.status = event.after or ""
        track.name = event.instance_name or track.name
        if key[1] is None:
            self._turn(key, track, at, gateway_phase(track.status), event)
            self._need(key, track, at, gateway_need(track.status))
            return
        phase = phase_of(track.status, event.reason)
        if phase is Phase.DOWN and track.phase is Phase.OFF:
            # It is not lost that was not there.
            phase = Phase.OFF
        self._turn(key, track, at, phase, event)
        self._need(key, track, at, need_of(track.status, event.reason))

    def _refine(self, key: Key, event: EventView) -> None:
        """Take in why a session is as it is, which was not known before."""
        track = self._tracks[key]
        at = track.at = max(event.at, track.at)
        if event.reason in BY_WISH and track.status != "connected":
            self._turn(key, track, at, Phase.OFF, event)
            self._need(key, track, at, need_of(track.status, event.reason))
            return
        if track.phase is Phase.DOWN and track.cause in (None, "other"):
            track.cause, track.detail = cause_of(event)
        self._need(key, track, at, need_of(track.status, event.reason))

    def _turn(self, key: Key, track: _Track, at: datetime, phase: Phase, event: EventView) -> None:
        if phase is track.phase:
            if phase is Phase.DOWN and track.cause in (None, "other") and event.reason is not None:
                track.cause, track.detail = cause_of(event)
            return
        if track.phase is Phase.DOWN:
            self._end(key, track, at, "returned" if phase is Phase.UP else "stopped")
        if phase is Phase.DOWN:
            track.begin = at
            # Named as it begins: what is said later may explain another state.
            track.cause, track.detail = self._cause(key, track, event)
        track.phase = phase

    def _cause(self, key: Key, track: _Track, event: EventView) -> tuple[str | None, str]:
        """Return why an outage begins: a gateway's state, what was said, or what its gateway is in."""
        if key[1] is None:
            return gateway_cause(track.status), event.detail or event.text
        reason, detail = cause_of(event)
        gateway = self._tracks.get((key[0], None))
        # Nobody says why a session is lost whose gateway is: that is why.
        if reason is None and not detail and gateway is not None and gateway.phase is Phase.DOWN:
            return gateway_cause(gateway.status), ""
        return reason, detail

    def _need(self, key: Key, track: _Track, at: datetime, code: AttentionCode | None) -> None:
        if code is not track.need:
            self._end_need(key, track, at)
            track.need, track.need_begin = code, at

    def _leave(self, key: Key, at: datetime | None) -> None:
        track = self._tracks.get(key)
        if track is None:
            return
        if track.phase is Phase.DOWN:
            self._end(key, track, at, "removed")
        self._end_need(key, track, at)
        track.phase, track.need = Phase.OFF, None

    def _end(self, key: Key, track: _Track, at: datetime | None, ended: Ended) -> None:
        gateway, session_id = key
        outage = Outage(
            gateway=gateway,
            session_id=session_id,
            instance_name=track.name,
            user_id=self._users(key),
            begin=track.begin,
            end=at,
            ended=ended,
            cause=track.cause,
            detail=track.detail,
            down_s=self._span.seconds(track.begin, at),
            unwatched_s=self._span.unwatched(track.begin, at),
        )
        self.outages.add(outage)
        self.sums.add_outage(outage)

    def _end_need(self, key: Key, track: _Track, at: datetime | None) -> None:
        if track.need is None:
            return
        need = Need(
            gateway=key[0],
            session_id=key[1],
            instance_name=track.name,
            user_id=self._users(key),
            code=track.need,
            begin=track.need_begin,
            end=at,
            needed_s=self._span.seconds(track.need_begin, at),
        )
        self.needs.add(need)
        self.sums.add_need(need)


def _key(event: EventView) -> Key | None:
    if event.gateway is None or (event.session_id is None) is not (event.kind == "gateway"):
        return None
    return (event.gateway, event.session_id)


def _matters(event: EventView) -> bool:
    return tells_state(event) or tells_reason(event)


def _first(event: EventView, since: datetime) -> _Track:
    """Return where one was before the first event of it, of which nobody looked up more."""
    before = event.before or ""
    if event.kind == "adopted":
        return _Track(Phase.OFF, before, since)
    if event.kind == "gateway":
        phase = gateway_phase(before or "unknown")
        return _Track(phase, before, since, cause=gateway_cause(before), need=gateway_need(before))
    return _Track(phase_of(before, None), before, since, need=need_of(before, None))


def _weight(outage: Outage) -> float:
    # What is still open is told before the longest that is over.
    return float("inf") if outage.ended == "open" else outage.down_s
