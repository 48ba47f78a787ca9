"""The form for a pairing code: whose phone is to be linked."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from wa_tui.identity.recipients import NotARecipient, account_number, parse_phone
from wa_tui.text.phone import phone
from wa_tui.tui.intents import Ask
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.screens.form import Form, entry, field
from wa_tui.wire import ActionRequest, SessionKey


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
