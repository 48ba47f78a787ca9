"""Does what keys and commands ask for: refuses it, asks first, and passes it on to the daemon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App

from wa_tui.tui.intents import Acknowledge, Act, Ask, Handlers
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.requests import Bulk, OnUpdate, Requests
from wa_tui.tui.session_actions import (
    ACKNOWLEDGE,
    TAKE_BACK,
    SessionAction,
    Targets,
    cannot,
    follows_for_many,
    follows_for_one,
)
from wa_tui.tui.views import RESULTS, Place
from wa_tui.wire import SessionKey, SessionView
from wa_tui.wire.risk import Risk, risk_of

_MANY = 5
"""From so many sessions on their number is typed, whatever is done to them."""


class ActionDispatch:
    """Acts on the sessions that an intent was bound to at the keypress; refusals and ends go to ``say``."""

    def __init__(
        self,
        app: App[Any],
        monitor: Monitor,
        *,
        requests: Requests,
        say: OnUpdate,
        go: Callable[[Place], None],
        changed: Callable[[], None],
    ) -> None:
        self._app = app
        self._monitor = monitor
        self._requests = requests
        self._say = say
        self._go = go
        self._changed = changed

    @property
    def handlers(self) -> Handlers:
        """The intents that it serves, and by what."""
        return {
            Act: lambda intent: self.act(intent.action, intent.targets),
            Acknowledge: self.acknowledge,
            Ask: self.ask,
        }

    def act(self, action: SessionAction, targets: Targets) -> None:
        """Act on these sessions, once confirmed where it asks; what becomes of it is said."""
        known = [session.key for session in self.sessions(targets)]
        if not known:
            self._say(Notice(f"{_called(action)}: no session is under the cursor", "warn"))
        elif len(known) == 1:
            self._act_on_one(action, known[0], targets.doubt)
        else:
            self._act_on_many(action, known, targets.doubt)

    def acknowledge(self, intent: Acknowledge) -> None:
        """Note that a person takes care of them; where that is so of each already, take it back."""
        aim = intent.aim
        if aim.gateway is not None:
            known = self._monitor.state.gateways.get(aim.gateway)
            taken = known is not None and known.acknowledged is not None
            self.act_on_gateway(TAKE_BACK if taken else ACKNOWLEDGE, aim.gateway, aim.doubt)
            return
        sessions = self.sessions(aim.targets)
        taken = bool(sessions) and all(session.acknowledged is not None for session in sessions)
        self.act(TAKE_BACK if taken else ACKNOWLEDGE, aim.targets)

    def ask(self, intent: Ask) -> None:
        """Ask the daemon for an action, once confirmed where there is a doubt that it was meant."""
        request, answered = intent.request, intent.answered or self._say
        refused = self._monitor.refusal(
            intent.what, request.gateway, risk_of(request.action, request.job or "")
        )
        if refused is not None:
            answered(refused)
        elif intent.doubt:
            question = f"{intent.verb} {intent.subject}?"
            self._confirm(question, intent.doubt, intent.verb, lambda: self._request(intent))
        else:
            self._request(intent)

    def _request(self, intent: Ask) -> None:
        daemon = self._monitor.daemon
        if daemon is not None:
            asking = self._requests.ask(daemon, intent.request, intent.subject, intent.answered or self._say)
            self._app.run_worker(asking, group="requests")

    def refuses(self, what: str, gateway: str | None = None, risk: Risk = Risk.GATEWAY) -> bool:
        """Say why an action cannot be asked for now; tell whether that is so."""
        refused = self._monitor.refusal(what, gateway, risk)
        if refused is not None:
            self._say(refused)
        return refused is not None

    def sessions(self, targets: Targets) -> list[SessionView]:
        """Return those of the sessions that there still are."""
        known = self._monitor.state.sessions
        return [known[key] for key in targets.keys if key in known]

    def to_act_on(self, what: str, key: SessionKey | None, risk: Risk = Risk.GATEWAY) -> SessionView | None:
        """Return the session, unless there is none or the action is refused; which of the two is said."""
        session = self._monitor.state.sessions.get(key) if key is not None else None
        if session is None:
            self._say(Notice(f"{what.removesuffix(' from')}: no session is under the cursor", "warn"))
            return None
        refused = self.refuses(f"{what} {self._monitor.call(session.key)}", session.gateway, risk)
        return None if refused else session

    def act_on_gateway(self, action: SessionAction, name: str, doubt: str) -> None:
        """Act on a gateway itself."""
        subject = f"gateway {name}"
        what = f"{_called(action)} {subject}"
        self.ask(Ask(action.at_gateway(name), subject, what, doubt=doubt, verb=action.verb))

    def _act_on_one(self, action: SessionAction, key: SessionKey, doubt: str) -> None:
        subject = self._monitor.call(key)
        if self.refuses(f"{_called(action)} {subject}", key[0], risk_of(action.action)):
            return
        # The daemon tears a proven session down only where a person insists: they are asked here, and it is told so.
        state, gateway = self._monitor.state, self._monitor.state.gateways.get(key[0])
        session = state.sessions.get(key)
        if gateway is not None and not action.can_be_done(session, gateway):
            why = cannot(action, session, gateway, self._monitor.key_names(key[0]))
            self._say(Notice(f"{subject}: {why}", "warn"))
            return
        works = action.interrupts and self._works(key)
        if not action.asks and not works and not doubt:
            self._ask_for_one(action, key)
            return
        follows = follows_for_one(action, session, state.condition(key, state.now), gateway, works=works)
        text = "\n".join(filter(None, (doubt, follows)))
        question = f"{action.verb} {subject}?"
        self._confirm(question, text, action.verb, lambda: self._ask_for_one(action, key, force=works))

    def _act_on_many(self, action: SessionAction, keys: list[SessionKey], doubt: str) -> None:
        state = self._monitor.state
        able = [
            key for key in keys if action.can_be_done(state.sessions.get(key), state.gateways.get(key[0]))
        ]
        if len(able) < 2:
            # One of which it is said why, or the only one that is left.
            self._act_on_one(action, able[0] if able else keys[0], doubt)
            return
        number, left, keys = len(able), len(keys) - len(able), able
        if self.refuses(f"{_called(action)} {number} sessions", risk=risk_of(action.action)):
            return
        working = [key for key in keys if self._works(key)] if action.interrupts else []
        conditions = [state.condition(key, state.now) for key in working]
        gateways = [there for key in keys if (there := state.gateways.get(key[0])) is not None]
        follows = follows_for_many(action, conditions, gateways, left)
        self._confirm(
            f"{action.verb} {number} sessions?",
            "\n".join(filter(None, (doubt, follows, self._listed(keys)))),
            f"{action.verb} {number}",
            lambda: self._ask_for_all(action, keys, set(working)),
            number if number >= _MANY else None,
        )

    def _works(self, key: SessionKey) -> bool:
        state = self._monitor.state
        assessed = state.assessment(key, state.now)
        return assessed is not None and assessed.works

    def _listed(self, keys: list[SessionKey]) -> str:
        """Return the first few sessions by name, and the number of the others."""
        names = [self._monitor.call(key) for key in keys[:5]]
        rest = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
        return f"{', '.join(names)}{rest}"

    def _ask_for_one(self, action: SessionAction, key: SessionKey, *, force: bool = False) -> None:
        # The connection may have gone while the dialog was open: it is looked at again.
        subject = self._monitor.call(key)
        self.ask(Ask(action.request(key, force=force), subject, f"{_called(action)} {subject}"))

    def _ask_for_all(self, action: SessionAction, keys: list[SessionKey], forced: set[SessionKey]) -> None:
        monitor = self._monitor
        what = f"{_called(action)} {len(keys)} sessions"
        if self.refuses(what, risk=risk_of(action.action)) or monitor.daemon is None:
            return
        requests = {key: action.request(key, force=key in forced) for key in keys}
        subjects = {key: monitor.call(key) for key in keys}
        monitor.bulk = bulk = Bulk(action.verb, subjects, requests, self._changed)
        self._app.run_worker(bulk.run(monitor.daemon, self._requests, self._say), group="requests")
        # A line above the key bar holds one outcome, not one for each of the sessions.
        self._go(Place(RESULTS))

    def _confirm(
        self, question: str, consequence: str, verb: str, act: Callable[[], None], number: int | None = None
    ) -> None:
        # A dialog is imported when it is opened: the first frame does without it.
        from wa_tui.tui.screens.questions import ConfirmScreen

        def decided(yes: bool | None) -> None:
            if yes:
                act()

        asks = ConfirmScreen(self._monitor, question, consequence, verb, number)
        self._app.push_screen(asks, decided)


def _called(action: SessionAction) -> str:
    return action.verb.lower()
