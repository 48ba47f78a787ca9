"""The forms for a session: its name and primary, for how long it calls nobody, a new one, a pairing code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.widget import Widget
from textual.widgets import Static

from wa_tui.identity.recipients import NotARecipient, account_number, parse_phone
from wa_tui.text.cleaning import clean
from wa_tui.text.durations import duration_of, minutes_of
from wa_tui.text.phone import phone
from wa_tui.tui.intents import Ask, Notify
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.screens.dialog import Form, entry, field
from wa_tui.tui.widgets.fields import Choice
from wa_tui.wire import USUAL_SNOOZE, ActionRequest, SessionKey, SessionView

_LONGEST_NAME = 100


@dataclass(frozen=True)
class Edited:
    """What is to change: another name, or ``None``; whether it is to become the primary."""

    name: str | None
    primary: bool


class EditScreen(Form[Edited]):
    """Asks for the instance name and the primary; the user is shown, and no action changes it."""

    GO = "Save"
    NOTE = "Messages of a user go through the primary first."

    def __init__(self, monitor: Monitor, session: SessionView) -> None:
        super().__init__(monitor)
        self._session = session
        self._known = clean(session.instance_name or "")

    def heading(self) -> str:
        """Return which session it is."""
        return f"Edit {self.monitor.call(self._session.key)}"

    def fields(self) -> Iterable[Widget]:
        """Return the name to change, the user, and the primary to choose."""
        user = "none" if self._session.user_id is None else clean(self._session.user_id)
        yield field("Instance name", entry("name", self._known, longest=_LONGEST_NAME))
        yield field("User", Static(user, markup=False))
        yield field("Primary", Choice(["yes"] if self._session.is_primary else ["no", "yes"]))

    def submit(self) -> None:
        """Close with what is to change."""
        name = self.typed("name")
        if not name:
            self.complain("name", "the instance name is missing")
            return
        primary = self.query_one(Choice).value == "yes" and not self._session.is_primary
        self.dismiss(Edited(None if name == self._known else name, primary))


class SnoozeScreen(Form[int]):
    """Asks for a duration; closes with it in minutes, 0 to end a snooze that some of many have."""

    GO = "Snooze"
    NOTE = "Watched and healed all the same; nobody is called. 0 ends it."

    def __init__(self, monitor: Monitor, whom: str) -> None:
        super().__init__(monitor)
        self._whom = whom

    def heading(self) -> str:
        """Return who is snoozed."""
        return f"Snooze {self._whom}"

    def fields(self) -> Iterable[Widget]:
        """Return the usual duration to change."""
        yield field(
            "For",
            entry("for", duration_of(USUAL_SNOOZE), suggested=True, hint="30m 2h 1d, 0 ends it", longest=12),
        )

    def submit(self) -> None:
        """Close with the minutes, or say how a duration is written."""
        try:
            minutes = minutes_of(self.typed("for"))
        except ValueError as error:
            self.complain("for", str(error))
        else:
            self.dismiss(minutes)


class GatewaySnoozeScreen(SnoozeScreen):
    """The same for a gateway: it says what of its sessions that covers."""

    NOTE = "Its sessions are covered for what is its trouble; what breaks for another reason still calls. 0 ends it."


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


class PairScreen(Form[str]):
    """Asks for a phone number, then its gateway for a code; closes with the code."""

    GO = "Ask for a code"
    NOTE = "The phone may show a notification: it is not needed, the code is enough."

    def __init__(self, monitor: Monitor, key: SessionKey) -> None:
        super().__init__(monitor)
        self._key = key

    def heading(self) -> str:
        """Return what the code is for."""
        return f"Pairing code for {self.monitor.call(self._key)}"

    def fields(self) -> Iterable[Widget]:
        """Return the number, as it is known."""
        session = self.monitor.state.sessions.get(self._key)
        known = account_number(session.phone_number) if session is not None else None
        number = phone(known, 24) if known else ""
        yield field("Phone number", entry("phone", number, hint="digits with country code", longest=30))

    def submit(self) -> None:
        """Ask for the code, once."""
        subject = self.monitor.call(self._key)
        if self.submitted:
            return
        try:
            number = parse_phone(self.typed("phone"))
        except NotARecipient as error:
            self.complain("phone", str(error))
            return
        what = f"pairing code for {subject}"
        if not self.is_refused(what, self._key[0]):
            self.await_answer(f"asking {self._key[0]} …")
            gateway, session_id = self._key
            request = ActionRequest(
                action="pairing_code", gateway=gateway, session_id=session_id, phone_number=number
            )
            self.post(Ask(request, f"for {subject}", what, self._on_progress))

    def _on_progress(self, notice: Notice) -> None:
        receipt = notice.receipt
        if receipt is not None and receipt.pairing_code and self.is_current:
            self.dismiss(receipt.pairing_code)
            return
        self.submitted = not notice.final
        self.answer(notice)
