"""Opens the form that an action needs, and has what was typed there done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.app import App

from wa_tui.tui.action_dispatch import ActionDispatch
from wa_tui.tui.intents import Ask, Edit, Handlers, Pair, RenewCode, SendFrom, Snooze, StartSession
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.pairing import wants_code
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.requests import OnUpdate
from wa_tui.tui.session_actions import PRIMARY, Aim, Targets, rename, snooze
from wa_tui.tui.views import Place
from wa_tui.wire import ActionRequest, SessionKey, is_snoozed
from wa_tui.wire.risk import Risk

if TYPE_CHECKING:
    # The forms are imported when they are opened: the first frame does without them.
    from wa_tui.tui.screens.forms import Edited


class FormDispatch:
    """Asks a person for what an action lacks: a name, a duration, a text; ``actions`` does it then."""

    def __init__(
        self,
        app: App[Any],
        monitor: Monitor,
        *,
        actions: ActionDispatch,
        say: OnUpdate,
        go: Callable[[Place], None],
    ) -> None:
        self._app = app
        self._monitor = monitor
        self._actions = actions
        self._say = say
        self._go = go

    @property
    def handlers(self) -> Handlers:
        """The intents that it serves, and by what."""
        return {
            Snooze: self.snooze,
            Edit: self.edit,
            SendFrom: self.send_from,
            StartSession: self.start_session,
            RenewCode: self.renew_code,
            Pair: self.pair,
        }

    def snooze(self, intent: Snooze) -> None:
        """Quiet them for so long; without a duration ask for it, or end it where each is quiet already."""
        aim = intent.aim
        if intent.minutes is None:
            self._ask_how_long(aim)
        elif aim.gateway is not None:
            self._actions.act_on_gateway(snooze(intent.minutes), aim.gateway, aim.doubt)
        else:
            self._actions.act(snooze(intent.minutes), aim.targets)

    def _ask_how_long(self, aim: Aim) -> None:
        if aim.gateway is not None:
            self._ask_how_long_gateway(aim.gateway, aim.doubt)
            return
        targets = aim.targets
        session = self._actions.to_act_on("snooze", next(iter(targets.keys), None), Risk.OURS)
        if session is None:
            return
        now = self._monitor.state.now
        if all(is_snoozed(session, now) for session in self._actions.sessions(targets)):
            self._actions.act(snooze(0), targets)
            return
        from wa_tui.tui.screens.forms import SnoozeScreen

        if targets.keys == (aim.key,):
            targets = Targets(targets.keys)  # the question how long names it

        def decided(minutes: int | None) -> None:
            if minutes is not None:
                self._actions.act(snooze(minutes), targets)

        number = len(targets.keys)
        whom = self._monitor.call(session.key) if number == 1 else f"{number} sessions"
        self._app.push_screen(SnoozeScreen(self._monitor, whom), decided)

    def _ask_how_long_gateway(self, name: str, doubt: str) -> None:
        known = self._monitor.state.gateways.get(name)
        if self._actions.refuses(f"snooze gateway {name}", name, Risk.OURS):
            return
        if known is not None and is_snoozed(known, self._monitor.state.now):
            self._actions.act_on_gateway(snooze(0), name, doubt)
            return
        from wa_tui.tui.screens.forms import GatewaySnoozeScreen

        def decided(minutes: int | None) -> None:
            if minutes is not None:
                self._actions.act_on_gateway(snooze(minutes), name, "")

        self._app.push_screen(GatewaySnoozeScreen(self._monitor, f"gateway {name}"), decided)

    def edit(self, intent: Edit) -> None:
        """Open the form for a session's name and its primary, and ask for what was changed there."""
        session = self._actions.to_act_on("edit", intent.key, Risk.OURS)
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
                self._actions.act(PRIMARY, Targets((key,)))
            return

        def on_update(notice: Notice) -> None:
            self._say(notice)
            if notice.final and notice.level != "bad" and edited.primary:
                self._actions.act(PRIMARY, Targets((key,)))

        subject = self._monitor.call(key)
        request = rename(edited.name).request(key)
        self._actions.ask(Ask(request, f"{subject} to {edited.name}", f"rename {subject}", on_update))

    def send_from(self, intent: SendFrom) -> None:
        """Open the form for a test message."""
        session = self._actions.to_act_on("test message from", intent.key)
        if session is not None:
            from wa_tui.tui.screens.send_message import SendScreen

            self._app.push_screen(SendScreen(self._monitor, session.key))

    def start_session(self, intent: StartSession) -> None:
        """Open the form for a new session; its QR code follows by itself."""
        if self._actions.refuses("new session"):
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
        self._actions.ask(Ask(request, f"of {subject}", f"refresh QR of {subject}"))

    def pair(self, intent: Pair) -> None:
        """Show a session's QR code, and ask for a pairing code as soon as it can have one."""
        key = intent.key
        if self._actions.refuses(f"pairing code for {self._monitor.call(key)}", key[0]):
            return
        from wa_tui.tui.screens.qr import QrScreen

        self._go(Place("qr", key))
        self.renew_code(RenewCode(key, if_none=True))
        if isinstance(self._app.screen, QrScreen):
            self._app.screen.pair_soon()
