"""What can be done to one session, from the fleet and from its details."""

from __future__ import annotations

from collections.abc import Callable

from wa_tui.tui.fleet.standing import Key
from wa_tui.tui.requests import Notice
from wa_tui.tui.screens.base import FleetScreen
from wa_tui.tui.widgets.log import EventLog
from wa_tui.tui.widgets.title import TitleLine
from wa_tui.wire import ActionName, ActionRequest, Condition, SessionView


class ActingScreen(FleetScreen[None]):
    """A screen with a session under the cursor; an action binds to it at the keypress."""

    def chosen(self) -> Key | None:
        """The session that a key pressed now is about."""
        raise NotImplementedError

    def title_log(self, name: str, whose: str) -> None:
        """Say whose log this is, and whether it follows."""
        log = self.query_one(EventLog)
        how = "following" if log.following else "reading back, end follows"
        self.query_one("#log-title", TitleLine).show(name, f"· {whose} · {how}", lit=log.has_focus)

    def action_reconnect(self) -> None:
        """Reconnect; a session that works is only torn down when the person says so."""
        session = self._to_act_on("reconnect")
        if session is None:
            return
        key, subject = session.key, self.monitor.call(session.key)
        if self.monitor.state.condition(key, self.monitor.state.now) is not Condition.CONNECTED:
            self._ask("reconnect", key, subject)
            return
        self._confirm(
            f"Reconnect {subject}?",
            "It is connected and proven. Reconnecting stops it for some seconds, and it may ask for a QR scan.",
            "Reconnect",
            lambda: self._ask("reconnect", key, subject, force=True),
        )

    def action_disconnect(self) -> None:
        """Disconnect, once confirmed."""
        session = self._to_act_on("disconnect")
        if session is None:
            return
        key, subject = session.key, self.monitor.call(session.key)
        self._confirm(
            f"Disconnect {subject}?",
            "It stays off until somebody reconnects it. Its credentials stay on the gateway.",
            "Disconnect",
            lambda: self._ask("disconnect", key, subject),
        )

    def action_send(self) -> None:
        """Open the test message's form."""
        session = self._to_act_on("send")
        if session is not None:
            from wa_tui.tui.screens.send_message import SendScreen

            self.app.push_screen(SendScreen(session.key))

    def action_qr(self) -> None:
        """Show the QR code; looking changes nothing, so a read-only monitor may."""
        key = self.chosen()
        if key is None:
            self.monitor.say(Notice("no session is under the cursor", "warn"))
            return
        from wa_tui.tui.screens.qr import QrScreen

        self.app.push_screen(QrScreen(key))

    def _to_act_on(self, what: str) -> SessionView | None:
        key = self.chosen()
        session = self.monitor.state.sessions.get(key) if key is not None else None
        if session is None:
            self.monitor.say(Notice(f"{what}: no session is under the cursor", "warn"))
            return None
        refused = self.monitor.refuses(f"{what} {self.monitor.call(session.key)}")
        return None if refused else session

    def _ask(self, action: ActionName, key: Key, subject: str, *, force: bool = False) -> None:
        # The connection may have gone while the dialog was open.
        if not self.monitor.refuses(f"{action} {subject}"):
            request = ActionRequest(action=action, gateway=key[0], session_id=key[1], force=force)
            self.monitor.ask(request, subject)

    def _confirm(self, question: str, consequence: str, verb: str, act: Callable[[], None]) -> None:
        from wa_tui.tui.screens.confirm import ConfirmScreen

        def decided(yes: bool | None) -> None:
            if yes:
                act()

        self.app.push_screen(ConfirmScreen(question, consequence, verb), decided)
