"""What was tried with a session, by people and by healing: each action with its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from wa_tui.wire import EventView

_OUTCOMES = (
    "verified",
    "no_effect",
    "no effect",
    "unknown",
    "superseded",
    "failed",
    "not_sent",
    "not sent",
    "sent",
)


@dataclass(frozen=True)
class Attempt:
    """One action: ``outcome`` is ``None`` while it has no end; ``ended_at`` where its beginning is known too."""

    id: int
    at: datetime
    source: str
    text: str
    outcome: str | None = None
    told: str = ""
    ended_at: datetime | None = None


def attempts(events: Iterable[EventView]) -> list[Attempt]:
    """Return what was tried, newest first; an end belongs to the newest open action of its kind and source."""
    found: list[Attempt] = []
    for event in events:
        if event.kind == "action":
            found.append(Attempt(event.id, event.at, event.source, event.text or "action"))
        elif event.kind in ("outcome", "attempt"):
            _end(found, event)
    return found[::-1]


def _end(found: list[Attempt], event: EventView) -> None:
    head, _, told = event.text.partition(": ")
    outcome = next((word for word in _OUTCOMES if head.endswith(word)), None)
    name = head.removesuffix(outcome or "").strip()
    outcome = outcome and outcome.replace(" ", "_")
    for index in range(len(found) - 1, -1, -1):
        one = found[index]
        same = one.source == event.source and (not name or one.text.startswith(name.split(" ")[0]))
        if event.kind == "outcome" and one.outcome is None and same:
            found[index] = replace(
                one, outcome=outcome or "ended", told=told or event.text, ended_at=event.at
            )
            return
    found.append(Attempt(event.id, event.at, event.source, name or event.text, outcome or "ended", told))


def outcome_word(outcome: str | None) -> str:
    """Return an outcome as a person says it."""
    return "under way" if outcome is None else outcome.replace("_", " ")
