"""The one table of keys: Textual's bindings, the key bar and the help screen are all made from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.binding import BindingType


class Context(StrEnum):
    """Where a key works; the value is the help screen's heading."""

    EVERYWHERE = "Everywhere"
    SESSIONS = "Sessions"
    GRID = "Moving in the sessions"
    LOG = "Reading the log"
    DETAILS = "Details of a session"
    QR = "QR code"
    DIALOG = "Dialogs"
    STOPPED = "No daemon"


@dataclass(frozen=True)
class Key:
    """One binding: ``id`` is what a keymap names, ``keys`` Textual's names, separated by commas.

    ``rank`` is its place in the key bar (lowest first; the bar sheds from the right), ``None`` keeps it out.
    ``asks`` marks what is confirmed first.
    """

    id: str
    keys: str
    action: str
    label: str
    help: str
    context: Context
    rank: int | None = None
    asks: bool = False

    @property
    def shown(self) -> str:
        """The keys as a person reads them: ``/`` and not ``slash``."""
        return " ".join(_SHOWN.get(name, name) for name in self.keys.split(","))


_SHOWN = {
    "slash": "/",
    "question_mark": "?",
    "escape": "esc",
    "up": "↑",
    "down": "↓",
    "pageup": "pgup",
    "pagedown": "pgdn",
}

_E, _S, _G, _L = Context.EVERYWHERE, Context.SESSIONS, Context.GRID, Context.LOG
_D, _Q, _A, _N = Context.DETAILS, Context.QR, Context.DIALOG, Context.STOPPED

KEYS: tuple[Key, ...] = (
    Key("help", "question_mark", "app.help", "Help", "This page", _E, 90),
    Key(
        "quit",
        "q,ctrl+c",
        "app.quit",
        "Quit",
        "Leave; a daemon started for this monitor ends with it",
        _E,
        48,
    ),
    Key("sessions.reconnect", "r", "reconnect", "Reconnect", "Reconnect; asks first when it works", _S, 10),
    Key("sessions.qr", "o", "qr", "QR", "Show the QR code to scan", _S, 20),
    Key("sessions.details", "enter", "details", "Details", "Facts and timeline of the session", _S, 30),
    Key("sessions.log", "l", "toggle_log", "Log", "Log of this session, or of the fleet", _S, 40),
    Key("sessions.send", "t", "send", "Test message", "Send a test message", _S, 50),
    Key("sessions.sync", "s", "sync", "Sync now", "Check every session now", _S, 60),
    Key(
        "sessions.filter",
        "slash",
        "filter",
        "Filter",
        "Filter: words, !word, status:qr, gateway:eu-1",
        _S,
        45,
    ),
    Key("sessions.new", "n", "new", "New", "Start a new session and show its QR code", _S, 80),
    Key(
        "sessions.disconnect", "x", "disconnect", "Disconnect", "Disconnect: it stays off", _S, 85, asks=True
    ),
    Key("sessions.clear", "escape", "clear", "Clear", "Clear the filter, or the last notice", _S),
    Key("sessions.sort", "S", "sort", "Sort", "Order: trouble first, instance, gateway, newest change", _S),
    Key("grid.up", "up,k", "cursor_up", "Up", "Session above", _G),
    Key("grid.down", "down,j", "cursor_down", "Down", "Session below", _G),
    Key("grid.page_up", "pageup", "page_up", "Page up", "A page up", _G),
    Key("grid.page_down", "pagedown", "page_down", "Page down", "A page down", _G),
    Key("grid.home", "home,g", "cursor_home", "First", "First session", _G),
    Key("grid.end", "end,G", "cursor_end", "Last", "Last session", _G),
    Key("sessions.to_log", "tab", "app.focus_next", "Log", "Between the sessions and the log", _S),
    Key("log.up", "up,k", "scroll_up", "Up", "Older", _L),
    Key("log.down", "down,j", "scroll_down", "Down", "Newer", _L),
    Key("log.page_up", "pageup", "page_up", "Page up", "A page back; new events do not move the page", _L),
    Key("log.page_down", "pagedown", "page_down", "Page down", "A page on", _L),
    Key("log.home", "home,g", "scroll_home", "Oldest", "The oldest that is kept", _L),
    Key("log.end", "end,G", "scroll_end", "Follow", "The newest, and follow", _L),
    Key("details.back", "escape", "app.close_screen", "Back", "Back to the sessions", _D, 10),
    Key("details.reconnect", "r", "reconnect", "Reconnect", "Reconnect; asks first when it works", _D, 20),
    Key("details.qr", "o", "qr", "QR", "Show the QR code to scan", _D, 30),
    Key("details.send", "t", "send", "Test message", "Send a test message", _D, 40),
    Key("details.disconnect", "x", "disconnect", "Disconnect", "Disconnect: it stays off", _D, 50, asks=True),
    Key("qr.back", "escape", "app.close_screen", "Back", "Back", _Q, 10),
    Key("qr.renew", "r", "renew", "Renew", "Ask for a new code, once the shown one has expired", _Q, 20),
    Key("qr.save", "w", "save", "Save as PNG", "Save the picture as a PNG file", _Q, 30),
    Key("dialog.cancel", "escape", "cancel", "Cancel", "Close without doing anything", _A, 10),
    Key("dialog.next", "tab,down", "app.focus_next", "Next", "Next field", _A, 20),
    Key("dialog.previous", "shift+tab,up", "app.focus_previous", "Previous", "Previous field", _A),
    Key("stopped.retry", "r", "retry", "Try again", "Try again", _N, 10),
)


def keys_of(context: Context) -> list[Key]:
    """The table's keys of one context, in its order."""
    return [key for key in KEYS if key.context is context]


def bindings(*contexts: Context) -> list[BindingType]:
    """Textual bindings of these contexts; each carries its id, for a keymap."""
    from textual.binding import Binding

    # The key to leave with works in a form as well, where the other one is a letter.
    return [
        Binding(name, key.action, key.label, id=key.id, show=False, priority=name == "ctrl+c")
        for context in contexts
        for key in keys_of(context)
        for name in key.keys.split(",")
    ]


def bar(*contexts: Context) -> list[tuple[str, str]]:
    """Keys and labels for the key bar, first things first."""
    ranked = [key for context in contexts for key in keys_of(context) if key.rank is not None]
    ranked.sort(key=lambda key: key.rank or 0)
    return [(_first(key), key.label) for key in ranked]


def _first(key: Key) -> str:
    return key.shown.split(" ")[0]
