"""The monitor's copy of the fleet: what the daemon sent last, counted and put in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Set
from datetime import datetime

from msgspec.structs import replace

from wa_tui.filters.sessions import Filter
from wa_tui.text.ages import minute
from wa_tui.tui.fleet.assessment import Assessment, CauseCounts, Counts, FleetCounter, NameLengths, summary
from wa_tui.tui.fleet.judge import Agenda, Judge
from wa_tui.tui.fleet.order import Order, Rankings, SortKey, sort_key
from wa_tui.tui.fleet.traffic import HeldTraffic
from wa_tui.wire import (
    Condition,
    DaemonView,
    Delta,
    EventView,
    GatewayView,
    JobView,
    LiveMessage,
    Proven,
    Receipt,
    SessionKey,
    SessionView,
    Snapshot,
    daemon_needs,
    grade_of,
    is_snoozed,
    kinds_of,
    needy,
    strongest_proof,
    utc_now,
)

MAX_EVENTS = 5000
_MAX_RECEIPTS = 500
_PROOF_WINDOW_S = 600.0


class FleetState:
    """What the daemon sent, by session key ``(gateway, session_id)``; ``clock`` gives the current instant."""

    def __init__(self, clock: Callable[[], datetime] = utc_now, *, max_events: int = MAX_EVENTS) -> None:
        self._clock = clock
        self.sessions: dict[SessionKey, SessionView] = {}
        self.gateways: dict[str, GatewayView] = {}
        self.daemon: DaemonView | None = None
        self.events: deque[EventView] = deque(maxlen=max_events)
        self.jobs: dict[tuple[str, str | None], JobView] = {}
        self.receipts: dict[str, Receipt] = {}
        self.connected = False
        self.lost_reason: str | None = None
        self.lost_at: datetime | None = None
        self.other_version = False
        """Whether a daemon answers, but speaks another version of the API."""
        self._traffic = HeldTraffic()
        self._changed: set[SessionKey] = set()
        self._counter = FleetCounter()
        self._names = NameLengths()
        self._unjudged: set[SessionKey] = set()
        self._judged_at: datetime | None = None
        self._basis: tuple[bool, float] | None = None
        self._judge_now: Judge | None = None
        """As long as neither time nor what gateways show goes on."""
        self._agenda = Agenda()
        self._rankings = Rankings(self._rank, self._admits)

    def copy(self) -> FleetState:
        """Return one of its own that knows the same; the views themselves are shared, since they never change."""
        other = FleetState(self._clock)
        other.sessions, other.gateways = dict(self.sessions), dict(self.gateways)
        other.daemon, other.events = self.daemon, self.events.copy()
        other.jobs, other.receipts = dict(self.jobs), dict(self.receipts)
        other.connected, other.lost_reason, other.lost_at = self.connected, self.lost_reason, self.lost_at
        other.other_version = self.other_version
        other._traffic = self._traffic.copy()
        other._unjudged = set(self.sessions)
        return other

    @property
    def now(self) -> datetime:
        """The minute that has begun: all ages and proofs on screen are counted to it, so that they move together."""
        return minute(self._clock())

    @property
    def proof_window_s(self) -> float:
        """How long a proof counts, in seconds."""
        return self.daemon.proof_window_s if self.daemon else _PROOF_WINDOW_S

    def proof(self, session: SessionView) -> Proven | None:
        """Return the strongest proof of a session that counts, to the minute that has begun; ``None``: none does."""
        if not self.connected:
            return None
        return strongest_proof(session, self.gateways.get(session.gateway), self.now, self.proof_window_s)

    def apply(self, message: LiveMessage) -> None:
        """Take in a snapshot or a delta; either means that the daemon is there."""
        if not self.connected:
            self._changed |= self.sessions.keys()
        self.connected, self.lost_reason, self.lost_at = True, None, None
        if isinstance(message, Snapshot):
            self._replace(message)
        else:
            self._merge(message)

    def lose(self, reason: str, *, other_version: bool = False) -> None:
        """Note that the daemon is gone, and why: what is known stays, but nothing counts as proven."""
        if self.connected or self.lost_at is None:
            # The first loss counts: what is amiss (no daemon, another version, a wrong key) may change while it lasts.
            self.lost_at = self._clock()
        self.connected, self.lost_reason, self.other_version = False, reason, other_version
        self._changed |= self.sessions.keys()

    def drain(self) -> set[SessionKey]:
        """Return the keys of the sessions that changed or went since the last call."""
        self._show_traffic(self.now)
        changed, self._changed = self._changed, set()
        return changed

    def label(self, key: SessionKey) -> str:
        """Return what a person calls a session: its id, where it is not there any more."""
        session = self.sessions.get(key)
        return session.label if session is not None else key[1]

    @property
    def kind_cells(self) -> int:
        """The cells of the longest kind of gateway where there are two, else 0."""
        kinds = kinds_of(self.gateways.values())
        return max(map(len, kinds)) if len(kinds) > 1 else 0

    @property
    def longest_name(self) -> int:
        """The cells of the longest name of a session."""
        self._judge(self.now)
        return self._names.longest

    def condition(self, key: SessionKey, now: datetime) -> Condition:
        """Return the word for a session's state; nothing is proven while the daemon is gone. Raises KeyError."""
        self._judge(now)
        return self._counter.assessments[key].condition

    def assessment(self, key: SessionKey, now: datetime) -> Assessment | None:
        """Return how a session stands, ``None`` for one that is not there."""
        self._judge(now)
        return self._counter.assessments.get(key)

    def counts(self, now: datetime) -> Counts:
        """Return the fleet in numbers."""
        self._judge(now)
        return self._counter.counts(len(needy(self.gateways.values(), now)), len(daemon_needs(self.daemon)))

    def causes(self, now: datetime, gateway: str | None = None) -> CauseCounts:
        """Return what holds sessions in trouble, of one gateway or of all."""
        self._judge(now)
        held = self._counter.held()
        if gateway is not None:
            held = {one: number for one, number in held.items() if one.gateway == gateway}
        return summary(held, self.gateways, now)

    @property
    def troubled(self) -> Set[SessionKey]:
        """The sessions in trouble when they were last counted or put in order."""
        return self._counter.troubled

    def rows(self, chosen: Filter, order: Order, now: datetime) -> list[SessionKey]:
        """Return the keys that a filter admits, in an order; the same list while nothing moved.

        What it costs is what changed: each session is filtered and put in its place once a change.
        """
        self._judge(now)
        return self._rankings.keys(chosen, order, self.sessions)

    def _rank(self, key: SessionKey, chosen: Filter, order: Order) -> SortKey | None:
        session = self.sessions.get(key)
        if session is None or not self._admits(key, chosen):
            return None
        assert self._judged_at is not None
        assessed = self._counter.assessments[key]
        return sort_key(session, assessed.condition, assessed.priority, order, self._judged_at)

    def _admits(self, key: SessionKey, chosen: Filter) -> bool:
        if not chosen:
            return True
        assert self._judged_at is not None
        assessed = self._counter.assessments[key]
        gateway = self.gateways.get(key[0])
        kind = gateway.kind if gateway is not None else None
        session = self.sessions[key]
        proof = grade_of(session, self.proof(session)) if chosen.wants_proof else None
        return chosen.admits(session, assessed.condition, assessed.cause, self._judged_at, kind, proof)

    def _judge(self, now: datetime) -> None:
        """Assess anew the sessions that changed, and those that time changes; all of them where anything else did."""
        self._show_traffic(now)
        basis = (self.connected, self.proof_window_s)
        if not self._unjudged and self._judged_at == now and self._basis == basis:
            return
        before, self._judged_at = self._judged_at, now
        moved, self._unjudged = self._unjudged, set()
        judged: Set[SessionKey] = moved
        if before is None or self._basis != basis or now < before:
            judged = self.sessions.keys() | moved
        elif now > before:
            self._touch_woken(before, now)
            # Each session knows from when on time alone may change how it stands: to assess all of 100,000 whenever a
            # minute began took 0.65 s of CPU, during which keys waited.
            judged = moved.union(self._unjudged, self._agenda.due(now.timestamp()))
            self._unjudged.clear()
        # One judge for all that come in until then: sessions that stand alike are assessed once.
        if self._judge_now is None or before != now or self._basis != basis:
            self._judge_now = Judge(self.gateways, now, self.proof_window_s, connected=self.connected)
        self._basis = basis
        moved.update([key for key in judged if self._assess(key, self._judge_now)])
        self._rankings.touch(moved, self.sessions.keys() if before != now else ())

    def _touch_woken(self, before: datetime, now: datetime) -> None:
        """Have the sessions assessed anew whose gateway's snooze ended meanwhile: it covers them no more."""
        woken = {
            name
            for name, one in self.gateways.items()
            if is_snoozed(one, before) and not is_snoozed(one, now)
        }
        if woken:
            self._unjudged.update([key for key in self.sessions if key[0] in woken])

    def _assess(self, key: SessionKey, judge: Judge) -> bool:
        """Assess one session anew; return whether the assessment changed."""
        session = self.sessions.get(key)
        if session is None:
            self._counter.drop(key)
            self._names.drop(key)
            self._agenda.put(key, None)
            return True
        self._names.put(key, session.label)
        self._agenda.put(key, judge.holds_until(session))
        return self._counter.put(key, judge.assess(session))

    def _replace(self, snapshot: Snapshot) -> None:
        sessions = {(session.gateway, session.session_id): session for session in snapshot.sessions}
        self._judge_now = None
        self._touch(self.sessions.keys() | sessions.keys())
        self._traffic.forget(self.sessions)
        self.sessions = sessions
        self.gateways = {gateway.name: gateway for gateway in snapshot.gateways}
        self.daemon = snapshot.daemon
        self.events.clear()
        self.events.extend(snapshot.events)
        self.jobs = {(job.name, job.gateway): job for job in snapshot.jobs}
        self.receipts = {receipt.id: receipt for receipt in snapshot.receipts}

    def _merge(self, delta: Delta) -> None:
        for session in delta.sessions:
            self.sessions[session.key] = session
        for key in delta.removed:
            self.sessions.pop(key, None)
        self._touch([session.key for session in delta.sessions])
        self._touch(delta.removed)
        self._traffic.forget([*(session.key for session in delta.sessions), *delta.removed])
        self._traffic.hold(delta.traffic, self.now)
        self._take_gateways(delta.gateways)
        if delta.daemon is not None:
            self.daemon = delta.daemon
        self.events.extend(delta.events)
        self.jobs.update({(job.name, job.gateway): job for job in delta.jobs})
        self._keep(delta.receipts)

    def _show_traffic(self, now: datetime) -> None:
        """Take in what came in an earlier minute.

        No session stands otherwise by its counts: it is not assessed anew, and what is sorted by them ages anyway.
        """
        for key, traffic in self._traffic.due(now).items():
            session = self.sessions.get(key)
            if session is not None and session.traffic != traffic:
                self.sessions[key] = replace(session, traffic=traffic)
                self._changed.add(key)

    def _take_gateways(self, gateways: Iterable[GatewayView]) -> None:
        """Touch gateways' sessions only where what they show of them changed: every health check sends one anew."""
        others = set[str]()
        for gateway in gateways:
            old, self.gateways[gateway.name] = self.gateways.get(gateway.name), gateway
            if old is None or _shown(old) != _shown(gateway):
                others.add(gateway.name)
        if others:
            self._judge_now = None
            self._touch([key for key in self.sessions if key[0] in others])

    def _keep(self, receipts: Iterable[Receipt]) -> None:
        for receipt in receipts:
            self.receipts.pop(receipt.id, None)
            self.receipts[receipt.id] = receipt
            if receipt.gateway is not None and receipt.session_id is not None:
                self._touch([(receipt.gateway, receipt.session_id)])
        while len(self.receipts) > _MAX_RECEIPTS:
            # The one that was heard of longest ago: each is put at the end whenever it has news.
            del self.receipts[next(iter(self.receipts))]

    def _touch(self, keys: Iterable[SessionKey]) -> None:
        touched = set(keys)
        self._changed |= touched
        self._unjudged |= touched


def _shown(gateway: GatewayView) -> tuple[object, ...]:
    heals = gateway.healing is None or gateway.healing.enabled
    known = (gateway.state, gateway.returned_at, gateway.gaps, heals, gateway.is_healing_paused)
    proofs = (gateway.status_interval_s, gateway.kind, gateway.proof, gateway.proxy_refuses)
    return (*known, *proofs, gateway.snoozed_until, gateway.acknowledged)
