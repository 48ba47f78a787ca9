"""Turns a request into a plan, or refuses it: what, which session, what to do next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from wa_tui.identity.sessions import new_session_id, refusal_of_new
from wa_tui.model.facts import UserId
from wa_tui.model.registers import Desired, SessionKey
from wa_tui.model.session import Session
from wa_tui.wire import ActionRequest
from wa_tui.wire.risk import risk_of

from ..results import Ended
from .context import ActionContext
from .deleting import plan_adopt, plan_delete, plan_disconnect_orphan
from .finding import find, is_proven, no_gateway, user_of
from .jobs import Jobs, plan_job
from .lifecycle import Lifecycle
from .messages import plan_send
from .naming import name_of, plan_primary, plan_rename, unique_name
from .pairing import plan_pairing_code
from .plan import Plan, Refusal, Wish
from .snoozing import Flaps, plan_acknowledge, plan_snooze

LONGEST_USER = 100
"""Characters of the id of a user that a session is given to."""

SyncNow = Callable[[str | None], Awaitable[Ended]]

_BY_NAME: dict[str, Callable[[ActionContext, ActionRequest, str], Plan]] = {
    "send": plan_send,
    "send_media": plan_send,
    "delete": plan_delete,
    "adopt": plan_adopt,
    "rename": plan_rename,
    "set_primary": plan_primary,
    "pairing_code": plan_pairing_code,
    "snooze": plan_snooze,
}


class Planner:
    """Plans actions; ``sync`` is what *sync now* does, ``jobs`` what can be run now, ``flaps`` as healing sees it."""

    def __init__(self, context: ActionContext, sync: SyncNow, jobs: Jobs, flaps: Flaps) -> None:
        self._context = context
        self._sync = sync
        self._jobs = jobs
        self._flaps = flaps

    def __call__(self, request: ActionRequest, who: str) -> Plan:
        """Return the plan for a request. Raises `Refusal`."""
        context = self._context
        if request.user_id is not None and request.action not in ("send", "send_media"):
            _check_user(request.user_id)
        match request.action:
            case "sync":
                return self._plan_sync(request, who)
            case "run_job":
                return plan_job(context, request, who, self._jobs)
            case "acknowledge":
                return plan_acknowledge(context, request, who, self._flaps)
            case "new":
                return _plan_new(context, request, who)
            case "reconnect":
                return _plan_reconnect(context, request, who)
            case "disconnect":
                return _plan_disconnect(context, request, who)
            case "refresh_qr":
                return _plan_refresh(context, request, who)
        return _BY_NAME[request.action](context, request, who)

    def _plan_sync(self, request: ActionRequest, who: str) -> Plan:
        gateway = request.gateway
        if gateway is not None and gateway not in self._context.clients:
            raise no_gateway(self._context, gateway)
        work = partial(self._sync, gateway)
        return Plan(f"sync asked by {who}", work, gateway=gateway, risk=risk_of(request.action))


def _check_user(user_id: UserId) -> None:
    """Refuse what nobody means as the id of a user that a session is given to."""
    if not 0 < len(user_id) <= LONGEST_USER or user_id != user_id.strip() or not user_id.isprintable():
        raise Refusal(
            400,
            "bad_user",
            f"{user_id[:80]!r} is no user id: 1 to {LONGEST_USER} characters that can be shown, no spaces around them",
        )


def _lifecycle(
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


def _plan_reconnect(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    session = find(context, request)
    if is_proven(context, session) and not request.force:
        raise Refusal(
            409,
            "proven",
            f"{session.key} is connected and proven: reconnecting would interrupt it (--yes does it)",
        )
    work = Lifecycle(context, session.key, user_of(request, session)).reconnect
    asked = f"reconnect asked by {who}{_behind(context, session.gateway)}"
    return _lifecycle(request, session, asked, work, Desired.ONLINE)


def _behind(context: ActionContext, gateway: str) -> str:
    """Say that a start waits for others, where it does."""
    if not context.starts.full(gateway):
        return ""
    many = context.starts.running(gateway)
    return f"; waits for its turn, {many} {'client starts' if many == 1 else 'clients start'} on {gateway}"


def _plan_disconnect(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    session = find(context, request, orphans=True)
    if session.orphan:
        return plan_disconnect_orphan(context, session, who)
    work = Lifecycle(context, session.key).disconnect
    return _lifecycle(request, session, f"disconnect asked by {who}", work, Desired.OFFLINE)


def _plan_refresh(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    session = find(context, request)
    work = Lifecycle(context, session.key, user_of(request, session), to_scan=True).refresh_qr
    return _lifecycle(request, session, f"new QR code asked by {who}", work, Desired.ONLINE)


def _plan_new(context: ActionContext, request: ActionRequest, who: str) -> Plan:
    gateway = request.gateway or (next(iter(context.clients)) if len(context.clients) == 1 else "")
    if not gateway:
        raise Refusal(400, "missing_gateway", f"on which gateway? One of {', '.join(context.clients)}")
    if gateway not in context.clients:
        raise no_gateway(context, gateway)
    name = name_of(request) if (request.instance_name or "").strip() else None
    user_id = request.user_id
    if user_id is None:
        raise Refusal(400, "missing_user", "a new session needs the id of its user")
    session_id = request.session_id or new_session_id(user_id)
    refusal = refusal_of_new(session_id)
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
