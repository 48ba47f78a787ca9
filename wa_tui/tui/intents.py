"""The messages that screens and commands post to the app. Each carries the sessions as they were at the keypress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from textual.message import Message

from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.session_actions import Aim, SessionAction, Targets
from wa_tui.tui.views import NamedView, Place
from wa_tui.wire import ActionRequest, SessionKey


class Intent(Message):
    """One thing that the app is to do. All go to one handler: the parts of the app say which of them they do."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.handler_name = "on_intent"


Handlers = Mapping[type[Intent], Callable[[Any], object]]
"""The function that does each kind of intent; the app awaits one that is a coroutine."""


@dataclass
class Notify(Intent):
    """Say something on every open screen; ``None`` says nothing any more."""

    notice: Notice | None


@dataclass
class Go(Intent):
    """Open a place on top of what is open, or ``anew`` on top of the sessions alone."""

    place: Place
    anew: bool = False


@dataclass
class ShowSessions(Intent):
    """Show the sessions that a filter admits; all without one."""

    filter: str


@dataclass
class ShowView(Intent):
    """Show the sessions as a named view has them."""

    view: NamedView


@dataclass
class Act(Intent):
    """Do it to these sessions."""

    action: SessionAction
    targets: Targets


@dataclass
class Acknowledge(Intent):
    """Note that a person takes care of these sessions, or of the gateway; again takes that back."""

    aim: Aim


@dataclass
class Snooze(Intent):
    """Quiet these sessions, or the gateway, for so long; without ``minutes`` that is asked for, or ended."""

    aim: Aim
    minutes: int | None = None


@dataclass
class Edit(Intent):
    """Open the form for a session's name and its primary."""

    key: SessionKey | None


@dataclass
class SendFrom(Intent):
    """Open the form for a message from a session."""

    key: SessionKey | None


@dataclass
class StartSession(Intent):
    """Open the form for a new session, with a gateway to begin with."""

    gateway: str | None


@dataclass
class RenewCode(Intent):
    """Ask for a new QR code of a session; ``if_none`` only where it was logged out, has none, and may have one."""

    key: SessionKey
    if_none: bool = False


@dataclass
class Pair(Intent):
    """Show a session's QR code, and ask for a pairing code as soon as it can have one."""

    key: SessionKey


@dataclass
class Ask(Intent):
    """Ask the daemon for an action on ``subject``; ``what`` names it where it is refused.

    ``answered`` is called with what becomes of it, until its end; without it that is said. With a ``doubt`` that it
    was meant it is confirmed first, by its ``verb``.
    """

    request: ActionRequest
    subject: str
    what: str
    answered: Callable[[Notice], None] | None = None
    doubt: str = ""
    verb: str = ""


@dataclass
class Copy(Intent):
    """Put a text on the clipboard of the terminal, and say so; ``what`` names it."""

    text: str
    what: str


@dataclass
class ChooseTheme(Intent):
    """Show another theme, by its name."""

    name: str


@dataclass
class TypeCommand(Intent):
    """Open the command line, with a text to go on from."""

    text: str


@dataclass
class RunCommand(Intent):
    """Do a command; one that was ``typed`` can be had back with the arrows."""

    text: str
    typed: bool = False


class Connect(Intent):
    """Find the daemon again, or start one."""
