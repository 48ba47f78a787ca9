"""Sums up the messages that go through each session, from webhooks and from counters that a gateway keeps itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from operator import add

from msgspec.structs import replace

from wa_tui.model.facts import ClockStepped, MessageAcked
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import DAY, SessionKey
from wa_tui.model.traffic import FLOWS, PROOFS, Counters, Flow, FlowCounts, Message
from wa_tui.store.traffic import Row, SessionCounts
from wa_tui.wire import TrafficView

from ..clock import Clock
from ..dates import instant
from ..recording.change import Change
from .marks import Marks
from .repetitions import Repetitions
from .window import WIDTH, Window, counts_of

OLDEST = DAY
"""A message that was written earlier than this before it is told is history that is taken over, and not counted."""

_PLACES = {flow: place for place, flow in enumerate(FLOWS)}
_RECEIVED, _SENT = _PLACES[Flow.RECEIVED], _PLACES[Flow.SENT]
_OUTCOMES = frozenset({Flow.ACKED, Flow.DELIVERED, Flow.READ, Flow.FAILED})


class Traffic:
    """The counts of all sessions; nothing here waits, and nothing of a message is kept."""

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self._fleet = fleet
        self._clock = clock
        self._windows: dict[SessionKey, Window] = {}
        self._idle: dict[str, Window] = {}
        """By gateway, that of its sessions through which nothing went."""
        self._flows: dict[str, set[Flow]] = {}
        """What each gateway tells of messages, by what it has told."""
        self._queued: dict[SessionKey, int] = {}
        self._repetitions = Repetitions()
        self._unnamed: Counter[tuple[SessionKey, Flow]] = Counter()
        """How many messages of each were told without an id."""
        self._marks = Marks()
        self._changed: dict[SessionKey, None] = {}
        self._stepped = 0
        """How far the clock was set since we began, in milliseconds: what is loaded then was dated before."""
        self._acked: dict[tuple[SessionKey, Flow], MessageAcked] = {}
        """The newest acknowledgement of each grade that is not told yet."""

    def count(self, gateway: str, messages: Sequence[Message]) -> None:
        """Count messages that a webhook tells of, each step of each once."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        local = self._fleet.gateway(gateway).local(now)
        for message in messages:
            at = local if message.at is None else min(message.at, local)
            id = message.id
            if at < local - OLDEST or not (
                id is None
                or self._repetitions.is_new(monotonic, gateway, message.session_id, message.flow, id)
            ):
                continue
            key, flow = SessionKey(gateway, message.session_id), message.flow
            if id is None:
                self._unnamed[key, flow] += 1
            window = self._window(key)
            window.count(now, _PLACES[flow])
            self._changed[key] = None
            if flow not in self._flows.get(gateway, ()):
                self._know(gateway, counts_of(FlowCounts.of(flow)))
            self._happened(key, window, flow, now, at, now - (local - at))

    def compare(self, gateway: str, counters: Sequence[Counters]) -> None:
        """Count what a gateway's own counters say more than when they were last told."""
        now, offset = self._clock.now(), self._fleet.gateway(gateway).clock_offset or 0
        self._flows[gateway] = set(FLOWS)
        for each in counters:
            key = SessionKey(gateway, each.session_id)
            self._queued[key] = each.queued
            if news := self._marks.since_last(key, each):
                self._add(key, now, news)
            window = self._window(key)
            for flow, at in zip(FLOWS, each.last, strict=True):
                if at is not None:
                    self._happened(key, window, flow, now, at, min(at - offset, now))

    def view(self, key: SessionKey) -> TrafficView | None:
        """Return a session's traffic as the API shows it; ``None`` where its gateway tells nothing of messages."""
        flows = self._flows.get(key.gateway)
        if not flows:
            return None
        window = self._windows.get(key)
        if window is None:
            window = self._idle.setdefault(key.gateway, Window())
        else:
            self._advance(key, window, self._clock.now())
        if window.view is None or window.view[0] != len(flows):
            window.view = len(flows), _shown(window, flows)
        return window.view[1]

    def listen(self, change: Change) -> None:
        """Follow steps of the clock: what is dated ahead of it would be the last there was, until it has caught up."""
        for event in change.events:
            if isinstance(event.fact, ClockStepped):
                self._step(event.fact.by)

    def _step(self, by: int) -> None:
        self._stepped += by
        for window in self._windows.values():
            window.step(by)
        self._changed |= dict.fromkeys(self._windows)
        self._acked = {key: replace(each, at=each.at + by) for key, each in self._acked.items()}

    def load(self, kept: SessionCounts) -> None:
        """Add what was counted before we began; what a gateway told then it tells still."""
        now = self._clock.now()
        last = [min(at + self._stepped, now) if at else 0 for at in kept.last]
        kept = kept._replace(last=last)
        window = self._windows.setdefault(kept.key, Window())
        window.load(kept)
        hours = window.hours.shown()
        self._know(kept.key.gateway, [sum(hours[place::WIDTH]) for place in range(WIDTH)])
        if kept.boot and (missed := self._marks.load(kept.key, kept.boot, FlowCounts(*kept.counted))):
            self._add(kept.key, self._clock.now(), missed)

    def loaded(self) -> None:
        """Know that nothing more was kept than what was loaded."""
        self._marks.is_loaded = True

    def kept(self, key: SessionKey, since: int, now: int) -> SessionCounts | None:
        """Return what is to be kept of a session that something may have been added to since an instant.

        ``None`` for one that is forgotten.
        """
        window = self._windows.get(key)
        if window is None:
            return None
        self._advance(key, window, now)
        hours, days = window.rows(since, now)
        mark = self._marks.of(key)
        boot, counted = ("", ()) if mark is None else (mark.boot, counts_of(mark.counts))
        return SessionCounts(key, hours, days, window.last, boot, counted)

    def sessions(self) -> list[SessionKey]:
        """Return the sessions that anything was counted of."""
        return [*self._windows]

    def flows(self, gateway: str) -> frozenset[Flow]:
        """Return what a gateway tells of messages, as far as it has told by now."""
        return frozenset(self._flows.get(gateway, ()))

    def newest(self, key: SessionKey, table: str) -> Sequence[Row]:
        """Return a session's rows of `hours` or `days` that may still grow."""
        window, now = self._windows.get(key), self._clock.now()
        if window is None:
            return ()
        self._advance(key, window, now)
        hours, days = window.rows(0, now)
        return hours if table == "hours" else days

    def last(self, key: SessionKey, *flows: Flow) -> int:
        """Return when some flows last had a message, in milliseconds since the epoch by our clock; 0 for never."""
        window = self._windows.get(key)
        return 0 if window is None else max(window.last[_PLACES[flow]] for flow in flows)

    def has(self, key: SessionKey, flow: Flow, message_id: str) -> bool:
        """Tell whether a session's flow had that message in the last minutes, as far as its gateway names messages."""
        return self._repetitions.has(key.gateway, key.session_id, flow, message_id)

    def unnamed(self, key: SessionKey, flow: Flow) -> int:
        """Return how many messages of a flow were told without saying which: it grows, or its gateway restarted."""
        mark = self._marks.of(key)
        return self._unnamed[key, flow] + (0 if mark is None else mark.counts[flow])

    def queued(self, key: SessionKey) -> int:
        """Return how many messages wait in a session's client to be sent, as its gateway told last."""
        return self._queued.get(key, 0)

    def messages(self, key: SessionKey, first: int, last: int) -> list[int]:
        """Return the messages received and sent in hours since the epoch up to ``last``, of the last two days."""
        window = self._windows.get(key)
        if window is None:
            return [0] * max(0, last - first)
        window.advance(self._clock.now())
        row = window.hours.row(first, max(0, last - first))
        return [*map(add, row[_RECEIVED::WIDTH], row[_SENT::WIDTH])]

    def advance(self, keys: Iterable[SessionKey]) -> None:
        """Have sessions go on to the present: what is shown of them is another thing once older counts are gone."""
        now = self._clock.now()
        for key in keys:
            window = self._windows.get(key)
            if window is not None:
                self._advance(key, window, now)

    def changed(self) -> list[SessionKey]:
        """Return the sessions whose traffic is another one than when this was last asked, and begin anew."""
        changed, self._changed = self._changed, {}
        return [*changed]

    def acked(self) -> list[MessageAcked]:
        """Return the newest acknowledgements that were not told yet, and begin anew."""
        acked, self._acked = self._acked, {}
        return [*acked.values()]

    def not_told(self, acked: Iterable[MessageAcked]) -> None:
        """Take acknowledgements back that could not be told; a newer one stands for them."""
        grades = {proof: flow for flow, proof in PROOFS.items()}
        for each in acked:
            self._acked.setdefault((SessionKey(each.gateway, each.session_id), grades[each.proof]), each)

    def forget(self, keys: Iterable[SessionKey]) -> None:
        """Forget sessions that are no more; of one that was deleted, and may return, all but how far it was counted."""
        for key in keys:
            session = self._fleet.session(key)
            if session is None:
                self._marks.forget(key)
            if session is None or session.deleted_at is not None:
                for kept in (self._windows, self._queued, self._changed):
                    kept.pop(key, None)
                for flow in FLOWS:
                    self._unnamed.pop((key, flow), None)

    def _window(self, key: SessionKey) -> Window:
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = Window()
        return window

    def _advance(self, key: SessionKey, window: Window, now: int) -> None:
        if window.advance(now):
            self._changed[key] = None

    def _add(self, key: SessionKey, now: int, counts: FlowCounts) -> None:
        self._window(key).add(now, counts)
        self._changed[key] = None
        self._know(key.gateway, counts_of(counts))

    def _know(self, gateway: str, numbers: Iterable[int]) -> None:
        """Know by what it told what a gateway tells; one outcome of what is sent is told with the others."""
        flows = self._flows.setdefault(gateway, set())
        for flow, number in zip(FLOWS, numbers, strict=True):
            if number and flow not in flows:
                flows |= _OUTCOMES if flow in _OUTCOMES else {flow}

    def _happened(self, key: SessionKey, window: Window, flow: Flow, now: int, at: int, ours: int) -> None:
        """Note when a flow had one: ``at`` by the gateway's clock, ``ours`` by our own."""
        if window.happened(_PLACES[flow], ours):
            self._changed[key] = None
            if flow in PROOFS:
                self._acked[key, flow] = MessageAcked(key.gateway, key.session_id, now, at, PROOFS[flow])


def _shown(window: Window, flows: Collection[Flow]) -> TrafficView:
    minutes, by_hour, last = window.minutes.shown(), window.hours.shown(), window.last
    numbers = {flow.value: sum(minutes[place::WIDTH]) for flow, place in _PLACES.items() if flow in flows}
    dates = {f"{flow.value}_at": instant(last[place]) for flow, place in _PLACES.items() if flow in flows}
    hours = [*map(add, by_hour[_RECEIVED::WIDTH], by_hour[_SENT::WIDTH])]
    return TrafficView(**numbers, **dates, hours=hours)  # type: ignore[arg-type]
