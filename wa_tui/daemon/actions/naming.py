"""Renaming, and the one primary session of each user: what changes no gateway."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from wa_tui.identity.names import is_shown
from wa_tui.model.facts import Described, Fact, UserId
from wa_tui.model.registers import SessionKey
from wa_tui.wire import ActionRequest
from wa_tui.wire.risk import risk_of

from ..results import Ended
from .context import ActionContext
from .finding import find, user_of
from .plan import Plan, Refusal, Wish

LONGEST_NAME = 100
"""Characters of an instance name (contract §4)."""


def plan_rename(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    """Return the plan that gives a session another instance name. Raises `Refusal`."""
    session = find(context, request, configured=False)
    name = name_of(request)
    return Plan(
        f"rename to {name} asked by {who}",
        partial(_done, f"renamed from {session.label} to {name}"),
        gateway=session.gateway,
        session_id=session.session_id,
        wish=Wish(instance_name=name),
        risk=risk_of(request.action),
        prepare=partial(unique_name, context, session.key, session.user_id, name),
    )


def plan_primary(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    """Return the plan that makes a session its user's only primary, over all gateways. Raises `Refusal`."""
    session = find(context, request, configured=False)
    user_id = user_of(request, session)
    return Plan(
        f"primary asked by {who}",
        partial(_done, f"primary session of user {user_id}"),
        gateway=session.gateway,
        session_id=session.session_id,
        wish=Wish(user_id=request.user_id, is_primary=True),
        risk=risk_of(request.action),
        prepare=partial(_former_primaries, context, session.key, user_id),
    )


def name_of(request: ActionRequest) -> str:
    """Return the instance name of a request, trimmed. Raises `Refusal`."""
    name = (request.instance_name or "").strip()
    if not name or len(name) > LONGEST_NAME:
        raise Refusal(400, "bad_name", f"an instance name has 1 to {LONGEST_NAME} characters")
    if not is_shown(name):
        raise Refusal(400, "bad_name", f"{name!r} has characters that cannot be shown")
    return name


def unique_name(
    context: ActionContext, key: SessionKey, user_id: UserId | None, name: str | None
) -> Sequence[Fact]:
    """Refuse a name that another session of the user has."""
    for session in context.fleet.sessions_of(user_id) if user_id is not None and name is not None else ():
        if session.instance_name == name and session.key != key:
            raise Refusal(
                409, "name_taken", f"user {user_id} has a {name} already, {session.key}: choose another name"
            )
    return ()


def _former_primaries(context: ActionContext, key: SessionKey, user_id: UserId) -> Sequence[Fact]:
    """Take the mark from every other session of the user."""
    now = context.clock.now()
    return [
        Described(session.gateway, session.session_id, now, is_primary=False)
        for session in context.fleet.sessions_of(user_id)
        if session.is_primary and session.key != key
    ]


async def _done(text: str) -> Ended:
    """What was wanted was committed with the action."""
    return Ended("verified", text)
