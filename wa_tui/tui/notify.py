"""Calling a person: when a session or a gateway begins to need one, once, and not while it was told to wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from msgspec import Struct

from wa_tui.tui.fleet.assessment import Assessment
from wa_tui.tui.fleet.state import FleetState
from wa_tui.wire import Attention, AttentionCode, SessionKey, SessionView, daemon_needs, gateway_calls

BURST = timedelta(seconds=15)
"""What begins within this of a ring belongs to it: one bell a burst."""

_WORDS = {AttentionCode.GATEWAY_DOWN: "not answering", AttentionCode.KEY_REFUSED: "refuses our key"}
_DAEMON = ""
"""The daemon's place among the gateways' names."""


class Call(Struct, frozen=True):
    """Something that began to need a person, and what for."""

    who: str
    what: str
    subject: SessionKey | str
    """A session, or a gateway's name; that of the daemon is empty."""


class Burst(Struct, frozen=True):
    """Calls of one moment, and whether they ring."""

    calls: tuple[Call, ...]
    rings: bool

    @property
    def text(self) -> str:
        """The first of them, and how many more."""
        first, more = self.calls[0], len(self.calls) - 1
        return f"{first.who}: {first.what}" + (f" · {more} more" if more else "")


class Caller:
    """Sees who begins to need a person; what is found at first calls nobody, for it is on the screen.

    A session calls again for a new need, and when its snooze, or its gateway's, has run out; one that somebody takes
    care of (acknowledged) only for a new need.
    """

    def __init__(self, *, bell: bool = True, quiet_hours: tuple[time, time] | None = None) -> None:
        self._bell = bell
        self._quiet_hours = quiet_hours
        self._called: dict[SessionKey, AttentionCode] = {}
        self._asleep: set[SessionKey] = set()
        self._needs: dict[str, frozenset[AttentionCode]] = {}
        self._begun = False
        self._rang_at: datetime | None = None

    def look(
        self,
        state: FleetState,
        changed: Iterable[SessionKey],
        now: datetime,
        *,
        shown: SessionKey | None = None,
    ) -> Burst | None:
        """Return the calls since the last look; ``shown`` is a session that somebody looks at already."""
        if not state.connected:
            return None
        asleep = set(self._asleep)
        calls = [call for key in asleep.union(changed) if (call := self._session(state, key, key in asleep))]
        for gateway in state.gateways.values():
            calls += self._of(gateway.name, f"gateway {gateway.name}", gateway_calls(gateway, state.now))
        calls += self._of(_DAEMON, "this daemon", daemon_needs(state.daemon))
        if not self._begun:
            self._begun = True
            return None
        if shown is not None and (session := state.sessions.get(shown)) is not None:
            calls = [call for call in calls if call.who != _name(session)]
        return Burst(tuple(sorted(calls, key=lambda call: call.who)), self._rings(now)) if calls else None

    def stands(self, call: Call) -> bool:
        """Tell whether what was called for is still needed, as of the last look."""
        if isinstance(call.subject, str):
            return bool(self._needs.get(call.subject))
        return call.subject in self._called

    def _session(self, state: FleetState, key: SessionKey, slept: bool) -> Call | None:
        standing = state.assessment(key, state.now)
        session = state.sessions.get(key)
        self._asleep.discard(key)
        if session is None or standing is None or standing.need is None:
            self._called.pop(key, None)
            return None
        if standing.snoozed or (standing.covered and not standing.acknowledged):
            self._asleep.add(key)
            return None
        woken = slept and any(
            view is not None and view.snoozed_until is not None
            for view in (session, state.gateways.get(session.gateway))
        )
        told, self._called[key] = self._called.get(key), standing.need
        if told == standing.need and not (woken and not standing.acknowledged):
            return None
        if told is None and standing.acknowledged:
            return None
        return Call(_name(session), _what(session, standing), key)

    def _of(self, name: str, who: str, needs: Sequence[Attention]) -> list[Call]:
        """Return what a gateway, or the daemon, began to need; a number that goes up is nothing new."""
        told = self._needs.get(name, frozenset())
        self._needs[name] = frozenset(each.code for each in needs)
        return [Call(who, _WORDS.get(each.code, each.text), name) for each in needs if each.code not in told]

    def _rings(self, now: datetime) -> bool:
        if not self._bell or is_quiet(now.astimezone().time(), self._quiet_hours):
            return False
        if self._rang_at is not None and now - self._rang_at < BURST:
            return False
        self._rang_at = now
        return True


def is_quiet(at: time, hours: tuple[time, time] | None) -> bool:
    """Tell whether a local time is within quiet hours, which may pass midnight."""
    if hours is None:
        return False
    begin, end = hours
    return begin <= at < end if begin < end else at >= begin or at < end


def _name(session: SessionView) -> str:
    return f"{session.label} on {session.gateway}"


def _what(session: SessionView, assessment: Assessment) -> str:
    return session.attention.text if session.attention is not None else ""
