"""The form for a new session."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, Static

from wa_tui.tui.fleet.standing import Key
from wa_tui.tui.keys import Context, bindings
from wa_tui.tui.requests import Notice
from wa_tui.tui.screens.base import Dialog
from wa_tui.tui.widgets.choice import Choice
from wa_tui.tui.widgets.notice import ink_of
from wa_tui.tui.words.text import clean
from wa_tui.wire import ActionRequest, UserId

_LONGEST_NAME = 100


class NewSessionScreen(Dialog[Key]):
    """Asks for gateway, instance name and user; closes with the new session's key once it is accepted."""

    BINDINGS = bindings(Context.DIALOG)

    def __init__(self, gateways: list[str], chosen: str | None) -> None:
        super().__init__()
        self._gateways = gateways
        self._chosen = chosen
        self._asked = False

    def compose(self) -> ComposeResult:
        """Three fields, an answer line and two buttons."""
        with Vertical():
            yield Static("New session", classes="title")
            with Horizontal(classes="field"):
                yield Label("Gateway")
                yield Choice(self._gateways, self._chosen)
            with Horizontal(classes="field"):
                yield Label("Instance name")
                yield Input(id="name", compact=True, placeholder="sales-eu", max_length=_LONGEST_NAME)
            with Horizontal(classes="field"):
                yield Label("User id")
                yield Input(id="user", compact=True, placeholder="a number, or a name")
            yield Static("Its QR code opens as soon as the gateway has it.", classes="quiet")
            yield Static("", classes="answer", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button("Start", id="go", compact=True)

    def on_mount(self) -> None:
        """Begin at the first field that is empty."""
        for field in self.query(Input):
            field.cursor_blink = False
        self.query_one("#name", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on to the next field; in the last it starts the session."""
        if event.input.id == "name" and not self.query_one("#user", Input).value.strip():
            self.query_one("#user", Input).focus()
        else:
            self._submit()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Start, or close."""
        if event.button.id == "go":
            self._submit()
        else:
            self.dismiss(None)

    def _submit(self) -> None:
        name = self.query_one("#name", Input).value.strip()
        user = self.query_one("#user", Input).value.strip()
        gateway = self.query_one(Choice).value
        if gateway is None:
            self._answer("no gateway is known; configure one and start again")
        elif not name:
            self._complain("name", "the instance name is missing")
        elif self._taken(user_id(user), name):
            self._complain("name", f"user {user} already has an instance {name}; choose another name")
        elif not user:
            self._complain("user", "the user id is missing")
        elif not self._asked and not self.monitor.refuses(f"new {name}"):
            self._asked = True
            self._answer(f"asking {gateway} …", bad=False)
            request = ActionRequest(action="new", gateway=gateway, instance_name=name, user_id=user_id(user))
            self.monitor.ask(request, f"{name} on {gateway}", self._told)
        elif self.monitor.notice is not None and not self._asked:
            self._answer(self.monitor.notice.text)

    def _taken(self, user: UserId, name: str) -> bool:
        sessions = self.monitor.state.sessions.values()
        return any(
            str(session.user_id) == str(user) and session.instance_name == name and not session.orphan
            for session in sessions
        )

    def _told(self, notice: Notice) -> None:
        receipt = notice.receipt
        if not self.is_current or receipt is None or receipt.outcome == "failed":
            self._asked = False
            self.monitor.say(notice)
            if self.is_mounted:
                self._answer(notice.text)
            return
        self.monitor.say(notice)
        if receipt.gateway is not None and receipt.session_id is not None:
            self.dismiss((receipt.gateway, receipt.session_id))
        else:
            self.dismiss(None)

    def _complain(self, field: str, text: str) -> None:
        self._answer(text)
        self.query_one(f"#{field}", Input).focus()

    def _answer(self, text: str, *, bad: bool = True) -> None:
        line = self.query_one(".answer", Static)
        line.styles.color = self.app.theme_variables[ink_of("bad" if bad else "quiet")]
        line.update(f"{'✖' if bad else '…'} {clean(text)}")


def user_id(text: str) -> UserId:
    """A user id as the API wants it: a number where it is one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text
