"""How sessions stand at an instant, and when time alone may change that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from wa_tui.tui.fleet.assessment import Assessment
from wa_tui.wire import (
    SKEW,
    Condition,
    GatewayView,
    Priority,
    SessionKey,
    SessionView,
    cause_of,
    is_covered,
    is_snoozed,
    priority,
    proof_span,
    proof_window,
    settled,
)

_Span = tuple[datetime, datetime, float] | None
"""The first and the last instant of a proof that counts, and for how many seconds it does."""


class Judge:
    """Assesses sessions as of ``now``, for as long as what their gateways show stays the same.

    Of a large fleet most sessions stand alike: each kind is assessed once. Nothing is proven unless ``connected``.
    """

    def __init__(
        self, gateways: Mapping[str, GatewayView], now: datetime, window_s: float, *, connected: bool
    ) -> None:
        self._gateways = gateways
        self._now = now
        self._window_s = window_s
        self._connected = connected
        self._spans: dict[str, _Span] = {}
        self._known: dict[tuple[object, ...], Assessment] = {}

    def assess(self, session: SessionView) -> Assessment:
        """Return how a session stands."""
        # All that the answer depends on. What else it comes to depend on belongs here, else two kinds become one.
        kind = (
            session.gateway,
            session.status,
            session.credentials,
            session.desired,
            session.reason,
            session.attention.code if session.attention is not None else None,
            session.contradiction is None,
            session.unanswered is None,
            session.ghost is None,
            session.orphan,
            session.action is None,
            session.healing.state if session.healing is not None else None,
            session.acknowledged is None,
            session.snoozed_until is not None and session.snoozed_until > self._now,
            session.status == "connected" and self._is_proven(session),
        )
        if (known := self._known.get(kind)) is None:
            known = self._known[kind] = self._assess(session)
        return known

    def holds_until(self, session: SessionView) -> float | None:
        """Return the epoch second from which time may change how a session stands; ``None``: it changes nothing.

        What ends by its gateway is not among it.
        """
        ends = None
        if session.status == "connected" and (proven := session.proven_at) is not None:
            span = self._span(session.gateway)
            if span is not None and span[0] <= proven:
                counts_for = span[2] if proven <= span[1] else -SKEW.total_seconds()
                ends = proven.timestamp() + counts_for
        if session.snoozed_until is not None and session.snoozed_until > self._now:
            wakes = session.snoozed_until.timestamp()
            ends = wakes if ends is None else min(ends, wakes)
        return ends

    def _is_proven(self, session: SessionView) -> bool:
        if session.proven_at is None or not self._connected:
            return False
        span = self._span(session.gateway)
        return span is not None and span[0] <= session.proven_at <= span[1]

    def _span(self, name: str) -> _Span:
        if name not in self._spans:
            gateway = self._gateways.get(name)
            span = proof_span(gateway, self._now, self._window_s)
            window = proof_window(gateway, self._window_s).total_seconds()
            self._spans[name] = (*span, window) if span is not None else None
        return self._spans[name]

    def _assess(self, session: SessionView) -> Assessment:
        now, gateway = self._now, self._gateways.get(session.gateway)
        found = settled(session)
        if found is Condition.CONNECTED and not self._is_proven(session):
            found = Condition.CLAIMED
        rank = priority(session, found, gateway, now)
        if found is Condition.CLAIMED and rank is Priority.REST and not self._connected:
            # Nobody knows what is claimed now.
            rank = Priority.UNPROVEN
        return Assessment(
            found,
            need=session.attention.code if session.attention is not None else None,
            snoozed=is_snoozed(session, now),
            acknowledged=session.acknowledged is not None,
            covered=is_covered(session, gateway, now),
            cause=cause_of(session, found, gateway),
            priority=rank,
        )


class Agenda:
    """Sessions by the minute in which time alone may change how they stand."""

    def __init__(self) -> None:
        self._at: dict[SessionKey, float] = {}
        self._minutes: dict[int, set[SessionKey]] = {}

    def put(self, key: SessionKey, at: float | None) -> None:
        """Note the epoch second at which a session is to be looked at; ``None``: never."""
        if at is None:
            self._at.pop(key, None)
        elif self._at.get(key) != at:
            self._at[key] = at
            self._minutes.setdefault(int(at // 60), set()).add(key)

    def due(self, now: float) -> list[SessionKey]:
        """Return the sessions whose instant has come, and forget them; their next one may be the same."""
        this_minute = int(now // 60)
        found = []
        for minute in [minute for minute in self._minutes if minute <= this_minute]:
            # A session whose instant was put off since stands in another minute too.
            for key in self._minutes.pop(minute):
                at = self._at.get(key)
                if at is None or at // 60 != minute:
                    continue
                if at <= now:
                    del self._at[key]
                    found.append(key)
                else:
                    self._minutes.setdefault(minute, set()).add(key)
        return found
