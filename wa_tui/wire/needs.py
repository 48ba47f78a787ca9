"""What a program is given that is to call a person: what began to need one, and what does no more."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from .attention import AttentionCode
from .sessions import UserId

VERSION = 1
"""Of `NeedsReport`: goes up when a field changes its meaning or goes; new fields may come at any time."""


class Ended(StrEnum):
    """Why a need calls nobody any more."""

    OVER = "over"
    """It is well again, or gone."""
    CHANGED = "changed"
    """It needs a person for something else now."""
    SNOOZED = "snoozed"
    ACKNOWLEDGED = "acknowledged"
    """Somebody takes care of it."""
    COVERED = "covered"
    """It is the trouble of its gateway, which was quieted."""


class NeedView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that calls a person. ``name text action`` may hold foreign text.

    ``key`` is the same for as long as it lasts, and the same when it comes again: subject and code.
    """

    key: str
    code: AttentionCode
    urgency: int
    """Its code's place, the most urgent as 0."""
    about: Literal["session", "gateway", "daemon"]
    gateway: str | None = None
    session_id: str | None = None
    user_id: UserId | None = None
    phone_number: str | None = None
    name: str
    """What a person calls it: a session's instance name, a gateway's name."""
    text: str
    action: str = ""
    since: datetime

    @property
    def rank(self) -> tuple[object, ...]:
        """Its place among others, the most urgent first."""
        return (self.urgency, self.since, self.key)


class NeedChange(msgspec.Struct, frozen=True, kw_only=True):
    """A need that began to call a person, or that ``ended`` to, and why."""

    event: Literal["begins", "ends"]
    need: NeedView
    ended: Ended | None = None


class NeedsReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the program of ``[hooks] needs`` reads from its standard input, one JSON object.

    ``changes`` are since the last report that it took: begins first, the most urgent of them first, then ends. There
    are none where all that it failed to take is over: then it is asked whether it works again.
    ``more``: how many are left for the next report. ``standing``: how many things call a person now.
    """

    version: int = VERSION
    title: str
    at: datetime
    calling: int
    more: int = 0
    changes: list[NeedChange]
