"""An event in words, without colours: what is searched, saved and printed."""

from __future__ import annotations

from wa_tui.wire import EventView
from wa_tui.wire.reasons import with_words

from .cleaning import clean

STATUS_WORDS: dict[str, str] = {
    "qr_pending": "scan QR",
    "auth_failed": "auth failed",
    "initializing": "starting",
    "unauthorised": "not let in",
    "returned": "back",
}
"""What a session's status or a gateway's state is called, where that differs."""

_SOURCE_WIDTH = 7


def status_word(status: str) -> str:
    """Return what a session's status, or a gateway's state, is called."""
    return clean(STATUS_WORDS.get(status, status))


def subject(event: EventView) -> str:
    """Return whose event it is: the session's name, else the gateway's."""
    return event.instance_name or event.session_id or event.gateway or ""


def changes_state(event: EventView) -> bool:
    """Tell whether a session or a gateway is in another state since an event."""
    return event.after is not None and event.before != event.after


def detail(event: EventView) -> str:
    """Return the reason with the gateway's words in brackets, and the text unless it says the same."""
    reason = with_words(event.reason, clean(event.detail or ""))
    text = clean(event.text)
    if not reason or reason == text:
        return text or reason
    return f"{reason} · {text}" if text and text not in reason else reason


def plain(event: EventView) -> str:
    """Return the whole of an event but its time."""
    place = "/".join(part for part in (event.gateway, event.instance_name or event.session_id) if part)
    return f"{clean(event.source):<{_SOURCE_WIDTH}}  {clean(place)}  {_story(event)}"


def _story(event: EventView) -> str:
    """Return what happened: a transition and its reason, or the event's own text."""
    change = ""
    if event.before and event.after and event.before != event.after:
        change = f"{status_word(event.before)} → {status_word(event.after)}"
    story = "   ".join(part for part in (change, detail(event)) if part)
    return story or (status_word(event.after) if event.after else clean(event.kind))
