"""What an action would do: decided before anything is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from wa_tui.model.facts import Fact, UserId
from wa_tui.model.registers import Desired, SessionKey
from wa_tui.wire.risk import Risk

from ..results import Ended
from .ledger import Ledger


class Refusal(Exception):
    """An action that is not done, with its HTTP status, a code, and what to do next."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Wish:
    """What an action wants of its session from the moment it is accepted; ``None`` leaves it as it is."""

    desired: Desired | None = None
    user_id: UserId | None = None
    instance_name: str | None = None
    is_primary: bool | None = None
    snoozed_until: int | None = None
    acknowledged: bool | None = None
    until_calm: bool = False
    revive: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """An action about to run: what it wants, and the work that does it.

    ``exclusive``: one at a time per session, newer supersedes older, unless it ``yields``. ``prepare`` is called
    right before what is wanted is committed, one plan's at a time: it may raise `Refusal`, and returns what is
    committed together with it.
    """

    text: str
    work: Callable[[], Awaitable[Ended]]
    gateway: str | None = None
    session_id: str | None = None
    wish: Wish = Wish()
    risk: Risk = Risk.GATEWAY
    exclusive: bool = False
    yields: bool = False
    prepare: Callable[[], Sequence[Fact]] | None = None
    ledger: Ledger | None = None
    """Of a message: where its attempts are kept."""

    @property
    def key(self) -> SessionKey:
        """The session it is about."""
        return SessionKey(self.gateway or "", self.session_id or "")
