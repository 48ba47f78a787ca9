"""The form for a new session."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from wa_tui.tui.intents import Ask, Notify
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.screens.form import Form, entry, field
from wa_tui.tui.widgets.fields import Choice
from wa_tui.wire import ActionRequest, SessionKey

_LONGEST_NAME = 100


class NewSessionScreen(Form[SessionKey]):
    """Asks for gateway, instance name and user; closes with the new session's key once it is accepted."""

    GO = "Start"
    NOTE = "Its QR code opens as soon as the gateway has it."

    def __init__(self, monitor: Monitor, gateways: list[str], chosen: str | None) -> None:
        super().__init__(monitor)
        self._gateways = gateways
        self._chosen = chosen

    def heading(self) -> str:
        """Return what the form is for."""
        return "New session"

    def fields(self) -> Iterable[Widget]:
        """Return where, what and whose."""
        yield field("Gateway", Choice(self._gateways, self._chosen))
        yield field("Instance name", entry("name", hint="sales-eu", longest=_LONGEST_NAME))
        yield field("User id", entry("user", hint="a number, or a name"))

    def submit(self) -> None:
        """Ask for the session, once."""
        name, user = self.typed("name"), self.typed("user")
        gateway = self.query_one(Choice).value
        if gateway is None:
            self.answer(Notice("no gateway is known; configure one and start again", "bad"))
        elif not name:
            self.complain("name", "the instance name is missing")
        elif self._exists(user, name):
            self.complain("name", f"user {user} already has an instance {name}; choose another name")
        elif not user:
            self.complain("user", "the user id is missing")
        elif not self.submitted:
            self._ask(gateway, name, user)

    def _ask(self, gateway: str, name: str, user: str) -> None:
        what = f"new {name}"
        if self.is_refused(what, gateway):
            return
        self.await_answer(f"asking {gateway} …")
        request = ActionRequest(action="new", gateway=gateway, instance_name=name, user_id=user)
        self.post(Ask(request, f"{name} on {gateway}", what, self._on_progress))

    def _exists(self, user: str, name: str) -> bool:
        sessions = self.monitor.state.sessions.values()
        return any(
            session.user_id == user and session.instance_name == name and not session.orphan
            for session in sessions
        )

    def _on_progress(self, notice: Notice) -> None:
        receipt = notice.receipt
        self.post(Notify(notice))
        if not self.is_current or receipt is None or receipt.outcome == "failed":
            self.submitted = False
            self.answer(notice)
        elif receipt.gateway is not None and receipt.session_id is not None:
            self.dismiss((receipt.gateway, receipt.session_id))
        else:
            self.dismiss(None)
