"""Plans of what starts and stops clients: what is refused, what asks first, and what each wants of its session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from wa_tui.gateways import Capability
from wa_tui.identity.sessions import new_session_id, refusal_of_new
from wa_tui.model.registers import Desired, SessionKey
from wa_tui.model.session import Session
from wa_tui.wire import ActionRequest

from ..results import Ended
from .capable import can, require
from .context import ActionContext
from .deleting import plan_disconnect_orphan
from .finding import find, no_gateway, starting_user, works
from .following import Following
from .lifecycle import Lifecycle
from .naming import name_of, unique_name
from .plan import Plan, Refusal, Wish
from .stopping import Stop


def plan_reconnect(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    """Return the plan that brings a session back by its gateway's recipe. Raises `Refusal`."""
    session = find(context, request)
    _ask_first(context, request, session, "reconnecting")
    work = Lifecycle(context, session.key, starting_user(context, request, session)).reconnect
    asked = f"reconnect asked by {who}{_behind(context, session.gateway)}"
    return _plan(request, session, asked, work, Desired.ONLINE)


def plan_restart(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    """Return the plan that has a gateway restart a session by itself. Raises `Refusal`."""
    session = find(context, request)
    require(context, session, Capability.RESTART, "reconnect it instead")
    _ask_first(context, request, session, "restarting")
    work = Lifecycle(context, session.key, starting_user(context, request, session)).restart
    asked = f"restart asked by {who}{_behind(context, session.gateway)}"
    return _plan(request, session, asked, work, Desired.ONLINE)


def plan_disconnect(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    """Return the plan that stops a session and keeps it linked. Raises `Refusal`."""
    session = find(context, request, orphans=True)
    if session.orphan:
        return plan_disconnect_orphan(context, session, who)
    require(context, session, Capability.STOP, _instead_of_stop(context, session))
    work = Stop(Following(context, session.key)).disconnect
    return _plan(request, session, f"disconnect asked by {who}", work, Desired.OFFLINE)


def plan_logout(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    """Return the plan that unlinks a session's account. Raises `Refusal`, unless forced."""
    session = find(context, request)
    instead = "have its owner unlink it on the phone, under Linked devices"
    if session.is_unlinked:
        instead = "no phone is linked to it, disconnect it instead"
    require(context, session, Capability.LOGOUT, instead)
    if not request.force:
        text = f"logging {session.key} out unlinks the phone, and only a new scan brings it back"
        raise Refusal(409, "confirm", f"{text}: say that it is meant (--yes)")
    work = Stop(Following(context, session.key)).logout
    return _plan(request, session, f"logout asked by {who}", work, Desired.OFFLINE)


def plan_refresh_qr(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    """Return the plan that has a session show a QR code to scan. Raises `Refusal`."""
    session = find(context, request)
    work = Lifecycle(context, session.key, starting_user(context, request, session), to_scan=True).refresh_qr
    return _plan(request, session, f"new QR code asked by {who}", work, Desired.ONLINE)


def plan_new(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    """Return the plan that makes a session and starts it. Raises `Refusal`."""
    gateway = request.gateway or (next(iter(context.clients)) if len(context.clients) == 1 else "")
    if not gateway:
        raise Refusal(400, "missing_gateway", f"on which gateway? One of {', '.join(context.clients)}")
    if gateway not in context.clients:
        raise no_gateway(context, gateway)
    name = name_of(request) if (request.instance_name or "").strip() else None
    user_id = request.user_id
    client = context.clients[gateway]
    if user_id is None and client.needs_user:
        raise Refusal(400, "missing_user", f"a new session on {gateway} needs the id of its user (--user ID)")
    session_id = request.session_id or (
        new_session_id(user_id, client.refusal_of) if user_id is not None else ""
    )
    if not session_id:
        raise Refusal(400, "missing_session", "a new session needs an id, or that of its user")
    refusal = refusal_of_new(session_id) or client.refusal_of(session_id)
    if refusal is not None:
        raise Refusal(400, "bad_session", refusal)
    key = SessionKey(gateway, session_id)
    known = context.fleet.session(key)
    if known is not None and known.deleted_at is None:
        raise Refusal(409, "exists", f"{key} exists already: reconnect it instead")
    return Plan(
        f"new session{f' {name}' if name else ''} asked by {who}{_behind(context, gateway)}",
        Lifecycle(context, key, user_id, to_scan=True).begin,
        gateway=gateway,
        session_id=session_id,
        wish=Wish(desired=Desired.ONLINE, user_id=user_id, instance_name=name),
        exclusive=True,
        prepare=partial(unique_name, context, key, user_id, name),
    )


def _plan(
    request: ActionRequest,
    session: Session,
    text: str,
    work: Callable[[], Awaitable[Ended]],
    desired: Desired,
) -> Plan:
    return Plan(
        text,
        work,
        gateway=session.gateway,
        session_id=session.session_id,
        wish=Wish(desired=desired, user_id=request.user_id),
        exclusive=True,
    )


def _ask_first(context: ActionContext, request: ActionRequest, session: Session, doing: str) -> None:
    """Refuse what interrupts a session that works, unless it is meant."""
    if request.force or not works(context, session):
        return
    proven = "and proven" if context.clients[session.gateway].proof.proves else "as its gateway says"
    raise Refusal(
        409,
        "proven",
        f"{session.key} is connected {proven}: {doing} would interrupt it (--yes does it)",
    )


def _instead_of_stop(context: ActionContext, session: Session) -> str:
    """Return what to do where a gateway stops no session; what is not linked cannot be logged out either."""
    if session.is_unlinked:
        return (
            "no phone is linked to it, delete it instead" if can(context, session, Capability.DELETE) else ""
        )
    return "log it out instead, which unlinks the phone" if can(context, session, Capability.LOGOUT) else ""


def _behind(context: ActionContext, gateway: str) -> str:
    """Say that a start waits for others, where it does."""
    if not context.starts.full(gateway):
        return ""
    many = context.starts.running(gateway)
    return f"; waits for its turn, {many} {'client starts' if many == 1 else 'clients start'} on {gateway}"
