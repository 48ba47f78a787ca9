"""Shows outcomes above the key bar of every open screen, and calls a person, once for each need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from msgspec import Struct
from textual.timer import Timer

from wa_tui.tui.fleet.assessment import Assessment
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.output.app import FrugalApp
from wa_tui.tui.output.window import desktop_notice
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.widgets.footer import NoticeLine
from wa_tui.wire import Attention, AttentionCode, SessionKey, SessionView, daemon_needs, gateway_calls

BURST = timedelta(seconds=15)
"""Needs that begin within this time of a ring belong to it: one bell a burst."""

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
    """Sees who begins to need a person; the first look calls nobody, since all of that is on the screen.

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
        """Return the calls since the last look; ``shown`` is a session that is on the screen already."""
        if not state.connected:
            return None
        asleep = set(self._asleep)
        minute = state.now
        calls = [
            call
            for key in asleep.union(changed)
            if (call := self._session(state, key, minute, key in asleep))
        ]
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

    def _session(self, state: FleetState, key: SessionKey, minute: datetime, slept: bool) -> Call | None:
        standing = state.assessment(key, minute)
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
        before, self._called[key] = self._called.get(key), standing.need
        if before == standing.need and not (woken and not standing.acknowledged):
            return None
        if before is None and standing.acknowledged:
            return None
        return Call(_name(session), _what(session, standing), key)

    def _of(self, name: str, who: str, needs: Sequence[Attention]) -> list[Call]:
        """Return what a gateway, or the daemon, began to need; a number that goes up is nothing new."""
        before = self._needs.get(name, frozenset())
        self._needs[name] = frozenset(each.code for each in needs)
        return [
            Call(who, _WORDS.get(each.code, each.text), name) for each in needs if each.code not in before
        ]

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


NOTICE_SECONDS = 20.0
CALL_SECONDS = 60.0


class Notices:
    """Says, rings, and takes back what is over; ``spelled`` writes a text as the terminal can show it."""

    def __init__(self, app: FrugalApp[Any], monitor: Monitor, spelled: Callable[[str], str]) -> None:
        self.notice: Notice | None = None
        ui = monitor.ui
        self.caller = Caller(bell=ui.bell or ui.notify != "off", quiet_hours=ui.quiet_hours)
        self._app = app
        self._monitor = monitor
        self._spelled = spelled
        self._fading: Timer | None = None
        self._burst: Burst | None = None
        self._calling: Timer | None = None

    def say(self, notice: Notice | None) -> None:
        """Show a notice on every open screen; it fades by itself unless it is bad news."""
        self.notice = notice
        if self._fading is not None:
            self._fading.stop()
            self._fading = None
        if notice is not None and notice.level != "bad" and notice.final:
            self._fading = self._app.set_timer(NOTICE_SECONDS, lambda: self.say(None))
        for line in self._lines():
            line.show(notice)

    def hint(self, text: str) -> None:
        """Say something that is no news of the fleet."""
        self.say(Notice(text, "quiet"))

    def call(self, burst: Burst | None, whose: str) -> None:
        """Say who began to need a person, and ring, as ``whose`` monitor; what is over is not said any longer."""
        if burst is None:
            self._reconsider()
            return
        if burst.rings:
            self._ring(whose, burst.text)
        self._burst = burst
        self._show_call(burst.text)
        if self._calling is not None:
            self._calling.stop()
        self._calling = self._app.set_timer(CALL_SECONDS, lambda: self._show_call(""))

    def _ring(self, whose: str, text: str) -> None:
        ui = self._monitor.ui
        if ui.bell:
            self._app.bell()
        notice = desktop_notice(ui.notify, whose, self._spelled(text))
        if notice:
            self._app.write(notice)

    def _reconsider(self) -> None:
        if not self._monitor.called or self._burst is None:
            return
        standing = tuple(call for call in self._burst.calls if self.caller.stands(call))
        if standing != self._burst.calls:
            self._burst = Burst(standing, rings=False)
            self._show_call(self._burst.text if standing else "")

    def _show_call(self, text: str) -> None:
        self._monitor.called = text
        for line in self._lines():
            line.call(text)

    def _lines(self) -> list[NoticeLine]:
        return [line for screen in self._app.screen_stack for line in screen.query(NoticeLine)]
