"""Snoozing and acknowledging, of sessions and of gateways: they quiet the calling for a person, never the healing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from wa_tui.model.acknowledgement import Acknowledged
from wa_tui.model.registers import MINUTE, SECOND, SessionKey, Status
from wa_tui.wire import LONGEST_SNOOZE, USUAL_SNOOZE, ActionRequest
from wa_tui.wire.risk import risk_of

from ..checking.calm import CALM
from ..results import Ended
from .context import ActionContext
from .finding import find, no_gateway
from .plan import Plan, Refusal, Wish

Flaps = Callable[[SessionKey], bool]
"""Tells whether a session drops too often to be called well while it is connected."""

Place = tuple[str, str | None]
"""A session, or a gateway alone."""


def plan_snooze(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    """Return the plan that lets a session or a gateway call nobody; 0 minutes end that. Raises `Refusal`."""
    if request.session_id is None and request.gateway is not None:
        _gateway(context, request.gateway)
        place: Place = (request.gateway, None)
    else:
        place = find(context, request, orphans=True, configured=False).key
    minutes = USUAL_SNOOZE if request.minutes is None else request.minutes
    if not 0 <= minutes <= LONGEST_SNOOZE:
        raise Refusal(400, "bad_minutes", f"snooze for how many minutes? 1 to {LONGEST_SNOOZE}, 0 ends it")
    until = context.clock.now() + minutes * MINUTE if minutes else 0
    if until:
        text = f"calls nobody until {datetime.fromtimestamp(until / SECOND, UTC):%Y-%m-%d %H:%M} UTC"
    else:
        text = "calls again"
    asked = f"snooze for {minutes} min asked by {who}" if minutes else f"end of snooze asked by {who}"
    return _plan(request, place, asked, text, Wish(snoozed_until=until))


def plan_acknowledge(context: ActionContext, request: ActionRequest, who: str, flaps: Flaps) -> Plan:
    """Return the plan by which somebody takes care of a session or a gateway; ``force`` takes that back.

    One that flaps comes back again and again: it is taken care of until it is calm. Raises `Refusal`.
    """
    if request.session_id is None and request.gateway is not None:
        return _acknowledge_gateway(context, request, request.gateway, who)
    session = find(context, request, orphans=True, configured=False)
    if request.force:
        return _take_back(request, session.key, session.acknowledged, who)
    until_calm = flaps(session.key)
    if (
        session.status is Status.CONNECTED
        and not until_calm
        and not session.contradicts
        and not session.orphan
    ):
        raise Refusal(409, "not_needed", f"{session.key} is connected: there is nothing to acknowledge")
    until = "is calm" if until_calm else "is connected"
    return _take_on(request, session.key, who, f"{until} again", until_calm=until_calm)


def _acknowledge_gateway(context: ActionContext, request: ActionRequest, name: str, who: str) -> Plan:
    _gateway(context, name)
    if request.force:
        return _take_back(request, (name, None), context.fleet.gateway(name).acknowledged, who)
    if context.is_calm(name):
        why = f"gateway {name} needs nobody now: there is nothing to acknowledge; before a maintenance, snooze it"
        raise Refusal(409, "not_needed", why)
    return _take_on(request, (name, None), who, f"has been well for {CALM // MINUTE} min")


def _gateway(context: ActionContext, name: str) -> None:
    """Refuse a gateway that there is not."""
    if name not in context.clients:
        raise no_gateway(context, name)


def _take_on(request: ActionRequest, place: Place, who: str, until: str, *, until_calm: bool = False) -> Plan:
    text = f"{who} takes care of it: it calls nobody until it {until}"
    return _plan(
        request, place, f"acknowledged by {who}", text, Wish(acknowledged=True, until_calm=until_calm)
    )


def _take_back(request: ActionRequest, place: Place, acknowledged: Acknowledged | None, who: str) -> Plan:
    text = "calls again" if acknowledged is not None else "nobody had acknowledged it"
    return _plan(request, place, f"acknowledgement taken back by {who}", text, Wish(acknowledged=False))


def _plan(request: ActionRequest, place: Place, text_accepted: str, done: str, wish: Wish) -> Plan:
    async def work() -> Ended:
        return Ended("verified", done)

    gateway, session_id = place
    return Plan(
        text_accepted,
        work,
        gateway=gateway,
        session_id=session_id,
        wish=wish,
        risk=risk_of(request.action),
    )
