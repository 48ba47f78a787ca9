"""The form for a message, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from textual.widget import Widget
from textual.widgets import Input

from wa_tui.identity.recipients import NotARecipient, account_number, parse_recipient
from wa_tui.text.phone import phone
from wa_tui.tui.intents import Ask, Notify
from wa_tui.tui.monitor import Monitor
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.screens.dialog import Form, entry, field
from wa_tui.tui.widgets.fields import Choice
from wa_tui.wire import ActionRequest, SessionKey, SessionView

_TEXT = "Test message from wa-tui"
_MEDIA = {
    "image": ("jpg", "jpeg", "png", "gif", "webp"),
    "video": ("mp4", "3gp", "mov", "webm"),
    "audio": ("mp3", "ogg", "opus", "m4a", "wav"),
    "document": (),
}
_ALONE = "this session alone"


class SendScreen(Form[None]):
    """Sends from one session, or on through its user's others; stays open until what became of it was seen."""

    GO = "Send"
    LEAVE = "Close"
    NOTE = "A real message: the recipient will see it."

    def __init__(self, monitor: Monitor, key: SessionKey) -> None:
        super().__init__(monitor)
        self._key = key
        self._sent: ActionRequest | None = None

    def heading(self) -> str:
        """Return which session sends."""
        return f"Test message from {self.monitor.call(self._key)}"

    def fields(self) -> Iterable[Widget]:
        """Return to whom, what, and through which sessions."""
        own = self._own_number()
        yield field("To", entry("recipient", own, suggested=True, hint="digits with country code, or …@g.us"))
        yield field("Text", entry("text", _TEXT, optional=True, suggested=True))
        yield field(
            "Media", entry("media", hint="https://… : a file, the text is its caption", optional=True)
        )
        yield field("Sent as", Choice(list(_MEDIA), id="kind"))
        yield field("Through", Choice(self._routes(), id="route"))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Guess what a file is from its name."""
        if event.input.id == "media":
            self.query_one("#kind", Choice).choose(kind_of(event.value))

    def following(self, field: Input) -> Input | None:
        """Return the text after the recipient: nothing is sent that was not seen."""
        return self.query_one("#text", Input) if field.id == "recipient" else None

    def submit(self) -> None:
        """Send it, once: the same again only from a form opened anew."""
        media = self.typed("media")
        text = self.query_one("#text", Input).value
        if self.submitted:
            return
        try:
            recipient = str(parse_recipient(self.typed("recipient")))
        except NotARecipient as error:
            self.complain("recipient", str(error))
            return
        if media and urlsplit(media).scheme not in ("http", "https"):
            self.complain("media", "the media must be a URL that begins with http:// or https://")
        elif not text.strip() and not media:
            self.complain("text", "the text is missing")
        elif not self.is_refused(f"send {self._subject}", self._key[0]):
            self._send(self._request(recipient, text, media))

    def _send(self, request: ActionRequest) -> None:
        if request == self._sent:
            self.answer(Notice("not sent a second time; change something, or close this", "warn"))
            return
        self._sent = request
        self.await_answer("asking …")
        self.post(Ask(request, self._subject, f"send {self._subject}", self._on_progress))

    def _own_number(self) -> str:
        """Return the session's own number: a test message to it bothers no one."""
        session = self._session
        known = account_number(session.phone_number) if session is not None else None
        return phone(known, 24) if known else ""

    @property
    def _session(self) -> SessionView | None:
        return self.monitor.state.sessions.get(self._key)

    @property
    def _subject(self) -> str:
        return f"from {self.monitor.call(self._key)}"

    def _routes(self) -> list[str]:
        session = self._session
        if session is None or session.user_id is None:
            return [_ALONE]
        user = session.user_id
        return [_ALONE, f"this one, then user {user}'s others", f"user {user}'s, the primary first"]

    def _request(self, recipient: str, text: str, media: str) -> ActionRequest:
        route = self.query_one("#route", Choice).index
        content: dict[str, Any] = {"action": "send", "message": text}
        if media:
            kind = self.query_one("#kind", Choice).value
            content = {"action": "send_media", "media_url": media, "media_type": kind}
            content |= {"caption": text} if text.strip() else {}
        session = self._session
        if route == 2 and session is not None:
            return ActionRequest(recipient=recipient, user_id=session.user_id, **content)
        gateway, session_id = self._key
        return ActionRequest(
            gateway=gateway, session_id=session_id, recipient=recipient, fallback=route == 1, **content
        )

    def _on_progress(self, notice: Notice) -> None:
        # Nothing is sent twice by a second enter while the first one's outcome is open.
        self.submitted = not notice.final
        self.post(Notify(notice))
        self.answer(notice)


def kind_of(url: str) -> str:
    """Return the type under which WhatsApp shows a file, by the ending of its name; else ``document``."""
    ending = url.partition("?")[0].rpartition(".")[2].lower()
    return next((kind for kind, endings in _MEDIA.items() if ending in endings), "document")
