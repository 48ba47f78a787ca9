"""What an action would do: decided before anything is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from wa_tui.model.facts import UserId
from wa_tui.model.registers import Desired, SessionKey
from wa_tui.wire import Outcome


class Refusal(Exception):
    """An action that is not done, with its HTTP status, a code, and what to do next."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Ended:
    """How an action ended, in a word and in a sentence."""

    outcome: Outcome
    text: str
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """An action about to run: what it wants, and the work that does it.

    ``changes``: not allowed in read-only mode. ``exclusive``: one at a time per session, newer supersedes older,
    unless it ``yields``.
    """

    text: str
    work: Callable[[], Awaitable[Ended]]
    gateway: str | None = None
    session_id: str | None = None
    desired: Desired | None = None
    user_id: UserId | None = None
    instance_name: str | None = None
    changes: bool = True
    exclusive: bool = False
    yields: bool = False

    @property
    def key(self) -> SessionKey:
        """The session it is about."""
        return SessionKey(self.gateway or "", self.session_id or "")
