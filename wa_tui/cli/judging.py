"""Sessions with what holds each in its state, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from wa_tui.filters.sessions import Filter
from wa_tui.wire import (
    Cause,
    Condition,
    GatewayView,
    Proven,
    SessionView,
    StatusView,
    cause_of,
    condition,
    grade_of,
    is_covered,
    priority,
    priority_key,
    strongest_proof,
)

from .printing import condition_ink
from .reasons import why


class Judged(NamedTuple):
    """A session with its condition and what holds it there, in one word and in many."""

    condition: Condition
    session: SessionView
    cause: Cause | None
    why: str
    covered: bool = False
    """Its gateway is quieted, and that is what is the matter with it."""
    kind: str | None = None
    """What its gateway is."""
    proof: Proven | None = None
    """The strongest that counts."""

    @property
    def grade(self) -> str | None:
        """How strong it is proven that it is connected."""
        return grade_of(self.session, self.proof)


def judge(found: Sequence[SessionView], view: StatusView, now: datetime) -> list[Judged]:
    """Return each session with its condition, those that need a person first, then other trouble."""
    gateways = {gateway.name: gateway for gateway in view.gateways}
    judged = []
    for session in found:
        gateway = gateways.get(session.gateway)
        state = condition(session, gateway, now, view.daemon.proof_window_s)
        covered = is_covered(session, gateway, now)
        said = why(state, session, gateway, now)
        kind = gateway.kind if gateway is not None else None
        proof = strongest_proof(session, gateway, now, view.daemon.proof_window_s)
        judged.append(Judged(state, session, cause_of(session, state, gateway), said, covered, kind, proof))
    return sorted(judged, key=lambda each: _rank(each, gateways.get(each.session.gateway), now))


def admitted(found: Sequence[SessionView], view: StatusView, now: datetime, chosen: Filter) -> list[Judged]:
    """Return those that a filter is about, in the same order."""
    return [
        each
        for each in judge(found, view, now)
        if chosen.admits(each.session, each.condition, each.cause, now, each.kind, each.grade)
    ]


def inks(judged: Sequence[Judged]) -> list[str]:
    """Return the colour of each."""
    return [condition_ink(each.condition) for each in judged]


def _rank(each: Judged, gateway: GatewayView | None, now: datetime) -> tuple[object, ...]:
    return priority_key(each.session, each.condition, priority(each.session, each.condition, gateway, now))
