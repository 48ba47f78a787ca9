"""Since when dates can be trusted enough to delete by them: a clock set wrong by years must not cost the history."""

from __future__ import annotations

from wa_tui.model.events import Kind
from wa_tui.model.facts import ClockStepped, DaemonStarted
from wa_tui.model.registers import DAY
from wa_tui.store import Store

from ..clock import Clock

LEAP = 7 * DAY
"""By how much the calendar must have leapt at once to be in doubt: a step, or nobody there for so long."""

_STARTS = 1_000
"""Starts and steps that are looked through."""


async def trusted_since(store: Store, clock: Clock) -> int:
    """Return when the calendar leapt last; 0 where it is not known to have.

    What lies before that is taken to be as old as that: it is kept for a whole retention from then, by which time
    somebody has set the clock right, or it was right.
    """
    events = await store.events(kinds=[Kind.DAEMON], limit=_STARTS)
    moved, now = 0, clock.now()
    for event in reversed(events):
        fact, leap = event.fact, 0
        if isinstance(fact, ClockStepped):
            leap = abs(fact.by)
        elif isinstance(fact, DaemonStarted) and fact.alive is not None:
            leap = fact.at - fact.alive
        if leap > LEAP:
            # Dated by the clock as it was then; all steps since moved it along.
            return min(event.recorded + moved, now)
        if isinstance(fact, ClockStepped):
            moved += fact.by
    return 0
