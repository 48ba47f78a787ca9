"""Doing what keys and commands ask for: refuses, opens a form, asks first, and passes it on to the daemon."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.app import App

from wa_tui.tui.intents import (
    Acknowledge,
    Act,
    Ask,
    Edit,
    Handlers,
    Pair,
    RenewCode,
    SendFrom,
    Snooze,
    StartSession,
)
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.pairing import wants_code
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.requests import Bulk, OnUpdate, Requests
from wa_tui.tui.session_actions import (
    ACKNOWLEDGE,
    PRIMARY,
    RECONNECT,
    TAKE_BACK,
    Aim,
    SessionAction,
    Targets,
    rename,
    snooze,
)
from wa_tui.tui.views import RESULTS, Place
from wa_tui.wire import ActionRequest, Condition, SessionKey, SessionView, is_snoozed
from wa_tui.wire.risk import Risk, risk_of

if TYPE_CHECKING:
    from wa_tui.tui.screens.forms import Edited

_MANY = 5
"""From so many sessions on their number is typed, whatever is done to them."""


class ActionDispatch:
    """Sessions are bound in what it is given, at the keypress; refusals and ends go to ``say``."""

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
        """What it does of what is posted."""
        return {
            Act: self.act,
            Acknowledge: self.acknowledge,
            Snooze: self.snooze,
            Edit: self.edit,
            SendFrom: self.send_from,
            StartSession: self.start_session,
            RenewCode: self.renew_code,
            Pair: self.pair,
            Ask: self.ask,
        }

    def act(self, intent: Act) -> None:
        """Do it to these sessions, once confirmed where it asks; what becomes of it is said."""
        self._act(intent.action, intent.targets)

    def _act(self, action: SessionAction, targets: Targets) -> None:
        known = [session.key for session in self._sessions(targets)]
        if not known:
            self._say(Notice(f"{_called(action)}: no session is under the cursor", "warn"))
        elif len(known) == 1:
            self._act_on_one(action, known[0], targets.doubt)
        else:
            self._act_on_many(action, known, targets.doubt)

    def acknowledge(self, intent: Acknowledge) -> None:
        """Take care of them; where somebody does of each already, take that back."""
        aim = intent.aim
        if aim.gateway is not None:
            known = self._monitor.state.gateways.get(aim.gateway)
            taken = known is not None and known.acknowledged is not None
            self._act_on_gateway(TAKE_BACK if taken else ACKNOWLEDGE, aim.gateway, aim.doubt)
            return
        sessions = self._sessions(aim.targets)
        taken = bool(sessions) and all(session.acknowledged is not None for session in sessions)
        self._act(TAKE_BACK if taken else ACKNOWLEDGE, aim.targets)

    def snooze(self, intent: Snooze) -> None:
        """Quiet them for so long; without a duration ask for it, or end it where each is quiet already."""
        aim = intent.aim
        if intent.minutes is None:
            self._ask_how_long(aim)
        elif aim.gateway is not None:
            self._act_on_gateway(snooze(intent.minutes), aim.gateway, aim.doubt)
        else:
            self._act(snooze(intent.minutes), aim.targets)

    def _ask_how_long(self, aim: Aim) -> None:
        if aim.gateway is not None:
            self._ask_how_long_gateway(aim.gateway, aim.doubt)
            return
        targets = aim.targets
        session = self._to_act_on("snooze", next(iter(targets.keys), None), Risk.OURS)
        if session is None:
            return
        now = self._monitor.state.now
        if all(is_snoozed(session, now) for session in self._sessions(targets)):
            self._act(snooze(0), targets)
            return
        from wa_tui.tui.screens.forms import SnoozeScreen

        if targets.keys == (aim.key,):
            targets = Targets(targets.keys)  # the question how long names it

        def decided(minutes: int | None) -> None:
            if minutes is not None:
                self._act(snooze(minutes), targets)

        number = len(targets.keys)
        whom = self._monitor.call(session.key) if number == 1 else f"{number} sessions"
        self._app.push_screen(SnoozeScreen(self._monitor, whom), decided)

    def _ask_how_long_gateway(self, name: str, doubt: str) -> None:
        known = self._monitor.state.gateways.get(name)
        if self._refuses(f"snooze gateway {name}", name, Risk.OURS):
            return
        if known is not None and is_snoozed(known, self._monitor.state.now):
            self._act_on_gateway(snooze(0), name, doubt)
            return
        from wa_tui.tui.screens.forms import GatewaySnoozeScreen

        def decided(minutes: int | None) -> None:
            if minutes is not None:
                self._act_on_gateway(snooze(minutes), name, "")

        self._app.push_screen(GatewaySnoozeScreen(self._monitor, f"gateway {name}"), decided)

    def edit(self, intent: Edit) -> None:
        """Open the form for a session's name and its primary, and ask for what was changed there."""
        session = self._to_act_on("edit", intent.key, Risk.OURS)
        if session is None:
            return
        from wa_tui.tui.screens.forms import EditScreen

        key = session.key

        def decided(edited: Edited | None) -> None:
            if edited is not None:
                self._save(key, edited)

        self._app.push_screen(EditScreen(self._monitor, session), decided)

    def _save(self, key: SessionKey, edited: Edited) -> None:
        """One action at a time: the primary is asked for once the name has its end."""
        if edited.name is None:
            if edited.primary:
                self._act(PRIMARY, Targets((key,)))
            return

        def on_update(notice: Notice) -> None:
            self._say(notice)
            if notice.final and notice.level != "bad" and edited.primary:
                self._act(PRIMARY, Targets((key,)))

        subject = self._monitor.call(key)
        request = rename(edited.name).request(key)
        self.ask(Ask(request, f"{subject} to {edited.name}", f"rename {subject}", on_update))

    def send_from(self, intent: SendFrom) -> None:
        """Open the form for a intent."""
        session = self._to_act_on("test message from", intent.key)
        if session is not None:
            from wa_tui.tui.screens.send_message import SendScreen

            self._app.push_screen(SendScreen(self._monitor, session.key))

    def start_session(self, intent: StartSession) -> None:
        """Open the form for a new session; its QR code follows by itself."""
        if self._refuses("new session"):
            return
        from wa_tui.tui.screens.forms import NewSessionScreen

        def started(key: SessionKey | None) -> None:
            if key is not None:
                self._go(Place("qr", key))

        known = self._monitor.state.gateways.values()
        gateways = [one.name for one in known if not one.read_only] or [one.name for one in known]
        self._app.push_screen(NewSessionScreen(self._monitor, gateways, intent.gateway), started)

    def renew_code(self, intent: RenewCode) -> None:
        """Ask for a new QR code of a session."""
        key = intent.key
        if intent.if_none:
            session = self._monitor.state.sessions.get(key)
            refused = "qr.renew" not in self._monitor.key_names(key[0])
            if session is None or refused or not wants_code(session):
                return
        subject = self._monitor.call(key)
        request = ActionRequest(action="refresh_qr", gateway=key[0], session_id=key[1])
        self.ask(Ask(request, f"of {subject}", f"refresh QR of {subject}"))

    def pair(self, intent: Pair) -> None:
        """Show a session's QR code, and ask for a pairing code as soon as it can have one."""
        key = intent.key
        if self._refuses(f"pairing code for {self._monitor.call(key)}", key[0]):
            return
        from wa_tui.tui.screens.qr import QrScreen

        self._go(Place("qr", key))
        self.renew_code(RenewCode(key, if_none=True))
        if isinstance(self._app.screen, QrScreen):
            self._app.screen.pair_soon()

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

    def _refuses(self, what: str, gateway: str | None = None, risk: Risk = Risk.GATEWAY) -> bool:
        """Say why an action cannot be asked for now; tell whether that is so."""
        refused = self._monitor.refusal(what, gateway, risk)
        if refused is not None:
            self._say(refused)
        return refused is not None

    def _sessions(self, targets: Targets) -> list[SessionView]:
        known = self._monitor.state.sessions
        return [known[key] for key in targets.keys if key in known]

    def _to_act_on(self, what: str, key: SessionKey | None, risk: Risk = Risk.GATEWAY) -> SessionView | None:
        session = self._monitor.state.sessions.get(key) if key is not None else None
        if session is None:
            self._say(Notice(f"{what.removesuffix(' from')}: no session is under the cursor", "warn"))
            return None
        refused = self._refuses(f"{what} {self._monitor.call(session.key)}", session.gateway, risk)
        return None if refused else session

    def _act_on_gateway(self, action: SessionAction, name: str, doubt: str) -> None:
        subject = f"gateway {name}"
        what = f"{_called(action)} {subject}"
        self.ask(Ask(action.at_gateway(name), subject, what, doubt=doubt, verb=action.verb))

    def _act_on_one(self, action: SessionAction, key: SessionKey, doubt: str) -> None:
        subject = self._monitor.call(key)
        if self._refuses(f"{_called(action)} {subject}", key[0], risk_of(action.action)):
            return
        works = action is RECONNECT and self._works(key)
        if not action.asks and not works and not doubt:
            self._ask_for_one(action, key)
            return
        text = "\n".join(filter(None, (doubt, action.one if action.asks or works else "")))
        question = f"{action.verb} {subject}?"
        self._confirm(question, text, action.verb, lambda: self._ask_for_one(action, key, force=works))

    def _act_on_many(self, action: SessionAction, keys: list[SessionKey], doubt: str) -> None:
        number = len(keys)
        if self._refuses(f"{_called(action)} {number} sessions", risk=risk_of(action.action)):
            return
        working = [key for key in keys if self._works(key)] if action is RECONNECT else []
        be = "is" if len(working) == 1 else "are"
        proven = f"{len(working)} of them {be} connected and proven." if working else ""
        self._confirm(
            f"{action.verb} {number} sessions?",
            "\n".join(filter(None, (doubt, action.many, proven, self._listed(keys)))),
            f"{action.verb} {number}",
            lambda: self._ask_for_all(action, keys, set(working)),
            number if number >= _MANY else None,
        )

    def _works(self, key: SessionKey) -> bool:
        state = self._monitor.state
        return key in state.sessions and state.condition(key, state.now) is Condition.CONNECTED

    def _listed(self, keys: list[SessionKey]) -> str:
        """Who they are: the first few by name, and where the rest is."""
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
        if self._refuses(what, risk=risk_of(action.action)) or monitor.daemon is None:
            return
        requests = {key: action.request(key, force=key in forced) for key in keys}
        subjects = {key: monitor.call(key) for key in keys}
        monitor.bulk = bulk = Bulk(action.verb, subjects, requests, self._changed)
        self._app.run_worker(bulk.run(monitor.daemon, self._requests, self._say), group="requests")
        self._go(Place(RESULTS))

    def _confirm(
        self, question: str, consequence: str, verb: str, act: Callable[[], None], number: int | None = None
    ) -> None:
        from wa_tui.tui.screens.questions import ConfirmScreen

        def decided(yes: bool | None) -> None:
            if yes:
                act()

        asks = ConfirmScreen(self._monitor, question, consequence, verb, number)
        self._app.push_screen(asks, decided)


def _called(action: SessionAction) -> str:
    return action.verb.lower()
