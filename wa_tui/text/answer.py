"""What WHY answers: a reason, how loudly it is said, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from .advice import Step
from .cleaning import clean


class Tone(Enum):
    """How loudly a text is said."""

    PLAIN = "plain"
    QUIET = "quiet"
    WARN = "warn"
    BAD = "bad"


class Said(Enum):
    """The part of a session that its WHY tells: the details, which show all parts, leave that one out."""

    REASON = "reason"
    NEED = "need"
    CONTRADICTION = "contradiction"
    UNANSWERED = "unanswered"
    SILENT = "silent"
    GHOST = "ghost"
    OTHER = "other"


class Why(NamedTuple):
    """The reason and what to do: ``steps`` from long to short, ``brief`` the reason in a word or two.

    ``care`` stands where the next step would.
    """

    text: str
    tone: Tone = Tone.PLAIN
    steps: Sequence[Step] = ()
    care: Step | None = None
    brief: str = ""
    said: Said = Said.OTHER

    def hints(self, names: Mapping[str, str]) -> list[str]:
        """Return what to do, from long to short."""
        steps = (self.care,) if self.care is not None else self.steps
        return [clean(hint) for step in steps for hint in step.hints(names)]
