"""How work of the daemon ends: an action in a word and a sentence, a job that could not do its work."""

from __future__ import annotations

from dataclasses import dataclass

from wa_tui.model.facts import StartFailure
from wa_tui.model.registers import SessionKey
from wa_tui.wire import Outcome


@dataclass(frozen=True, slots=True)
class Ended:
    """How an action ended, in a word and in a sentence.

    ``key`` is the session it used, where it could choose; ``delete`` leaves a tombstone of its session.
    """

    outcome: Outcome
    text: str
    message_id: str | None = None
    key: SessionKey | None = None
    pairing_code: str | None = None
    delete: bool = False
    failure: StartFailure | None = None
    """Why the gateway could not start the client, where it said so."""
    unlinked: bool = False
    """Its account needs a scan now: the gateway was told to unlink it, and did."""
    cause: str = ""
    """Why it ended so, without where and what to do: for a caller that says those itself."""


class JobFailed(Exception):
    """A run that could not do its work; the text says why. ``known``: its gateway's state says so already."""

    def __init__(self, detail: str, *, known: bool = False) -> None:
        super().__init__(detail)
        self.known = known
