"""Snoozing and acknowledging: they quiet the calling for a person, never the healing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from wa_tui.model.registers import MINUTE, SECOND, SessionKey, Status
from wa_tui.model.session import Session
from wa_tui.wire import ActionRequest
from wa_tui.wire.risk import risk_of

from ..core import Core
from .finding import find
from .plan import Ended, Plan, Refusal, Wish

Flaps = Callable[[SessionKey], bool]
"""Tells whether a session drops too often to be called well while it is connected."""

LONGEST_SNOOZE = 7 * 24 * 60
"""Minutes: what calls nobody for longer is forgotten."""


def plan_snooze(core: Core, request: ActionRequest, who: str) -> Plan:
    """Return the plan that lets a session call nobody for a while; 0 minutes end that. Raises `Refusal`."""
    session = find(core, request, orphans=True, configured=False)
    minutes = request.minutes
    if minutes is None or not 0 <= minutes <= LONGEST_SNOOZE:
        raise Refusal(400, "bad_minutes", f"snooze for how many minutes? 1 to {LONGEST_SNOOZE}, 0 ends it")
    until = core.clock.now() + minutes * MINUTE if minutes else 0
    if until:
        text = f"calls nobody until {datetime.fromtimestamp(until / SECOND, UTC):%Y-%m-%d %H:%M} UTC"
    else:
        text = "calls again"
    asked = f"snooze for {minutes} min asked by {who}" if minutes else f"end of snooze asked by {who}"
    return _plan(request, session, asked, text, Wish(snoozed_until=until))


def plan_acknowledge(core: Core, request: ActionRequest, who: str, flaps: Flaps) -> Plan:
    """Return the plan by which somebody takes care of a session; ``force`` takes that back. Raises `Refusal`.

    One that flaps comes back again and again: it is taken care of until it is calm.
    """
    session = find(core, request, orphans=True, configured=False)
    if request.force:
        text = "calls again" if session.acknowledged is not None else "nobody had acknowledged it"
        return _plan(request, session, f"acknowledgement taken back by {who}", text, Wish(acknowledged=False))
    until_calm = flaps(session.key)
    if (
        session.status is Status.CONNECTED
        and not until_calm
        and not session.contradicts
        and not session.orphan
    ):
        raise Refusal(409, "not_needed", f"{session.key} is connected: there is nothing to acknowledge")
    return _plan(
        request,
        session,
        f"acknowledged by {who}",
        f"{who} takes care of it: it calls nobody until it {'is calm' if until_calm else 'is connected'} again",
        Wish(acknowledged=True, until_calm=until_calm),
    )


def _plan(request: ActionRequest, session: Session, asked: str, done: str, wish: Wish) -> Plan:
    async def work() -> Ended:
        return Ended("verified", done)

    return Plan(
        asked,
        work,
        gateway=session.gateway,
        session_id=session.session_id,
        wish=wish,
        risk=risk_of(request.action),
    )
