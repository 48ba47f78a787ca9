"""The form for a test message, and what became of it."""

from __future__ import annotations

import re

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, Static

from wa_tui.tui.fleet.standing import Key
from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.requests import Notice
from wa_tui.tui.screens.base import Dialog
from wa_tui.tui.widgets.notice import ink_of
from wa_tui.tui.words.text import clean
from wa_tui.wire import ActionRequest

_TEXT = "Test message from wa-tui"
_WHATSAPP_ID = re.compile(r"[\w.-]+@(c\.us|g\.us|s\.whatsapp\.net|lid)", re.ASCII)
_SEPARATORS = re.compile(r"[\s().-]")


class SendScreen(Dialog[None]):
    """Sends from one session and stays open until the person has seen what became of it."""

    BINDINGS = bindings(Context.DIALOG)

    def __init__(self, key: Key) -> None:
        super().__init__()
        self._key = key
        self._sending = False

    def compose(self) -> ComposeResult:
        """Recipient, text, an answer and two buttons."""
        with Vertical():
            yield Static(
                clean(f"Test message from {self.monitor.call(self._key)}"), classes="title", markup=False
            )
            with Horizontal(classes="field"):
                yield Label("To")
                yield Input(id="recipient", compact=True, placeholder="digits with country code, or …@g.us")
            with Horizontal(classes="field"):
                yield Label("Text")
                yield Input(_TEXT, id="text", compact=True, select_on_focus=False)
            yield Static("A real message: the recipient will see it.", classes="quiet")
            yield Static("", classes="answer", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Close", id="cancel", compact=True)
                yield Button("Send", id="go", compact=True)

    def on_mount(self) -> None:
        """Begin with the recipient."""
        for field in self.query(Input):
            field.cursor_blink = False
        self.query_one("#recipient", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the text, and from there sends."""
        if event.input.id == "recipient":
            self.query_one("#text", Input).focus()
        else:
            self._submit()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Send, or close."""
        if event.button.id == "go":
            self._submit()
        else:
            self.dismiss(None)

    def _submit(self) -> None:
        recipient = recipient_of(self.query_one("#recipient", Input).value)
        text = self.query_one("#text", Input).value
        subject = self.monitor.call(self._key)
        if self._sending:
            return
        if recipient is None:
            self._answer(
                Notice("the recipient must be 6 to 15 digits with the country code, or a WhatsApp id", "bad")
            )
            self.query_one("#recipient", Input).focus()
        elif not text.strip():
            self._answer(Notice("the text is missing", "bad"))
            self.query_one("#text", Input).focus()
        elif self.monitor.refuses(f"send from {subject}"):
            self._answer(self.monitor.notice)
        else:
            self._sending = True
            self._answer(Notice("asking …", "quiet"))
            gateway, session_id = self._key
            request = ActionRequest(
                action="send", gateway=gateway, session_id=session_id, recipient=recipient, message=text
            )
            self.monitor.ask(request, f"from {subject}", self._told)

    def _told(self, notice: Notice) -> None:
        # Nothing is sent twice by a second enter while the first one's outcome is open.
        self._sending = not notice.final
        self.monitor.say(notice)
        if self.is_mounted:
            self._answer(notice)

    def _answer(self, notice: Notice | None) -> None:
        if notice is not None:
            line = self.query_one(".answer", Static)
            line.styles.color = self.app.theme_variables[ink_of(notice.level)]
            line.update(f"{notice.glyph} {clean(notice.text)}")


def recipient_of(text: str) -> str | None:
    """The recipient as the gateway wants it: digits, or a WhatsApp id; ``None`` when it is neither."""
    text = text.strip()
    if _WHATSAPP_ID.fullmatch(text):
        return text
    digits = _SEPARATORS.sub("", text).removeprefix("+").removeprefix("00")
    return digits if digits.isascii() and digits.isdigit() and 6 <= len(digits) <= 15 else None
