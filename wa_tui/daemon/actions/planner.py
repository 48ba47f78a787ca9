"""Turns a request into a plan, or refuses it: what, which session, what to do next."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable

from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SECOND, Desired, SessionKey, Status
from wa_tui.model.session import Session
from wa_tui.wire import ActionRequest

from ..core import Core
from .lifecycle import Lifecycle
from .plan import Ended, Plan, Refusal
from .sending import Sending

_SESSION_ID = re.compile(r"[-_A-Za-z0-9]{1,255}")
_RECIPIENT = re.compile(r"\+?[0-9][0-9 ()-]{4,24}|[0-9-]{5,40}@(c|g)\.us")
LONGEST_MESSAGE = 65_536
LONGEST_NAME = 100

SyncNow = Callable[[str | None], Awaitable[Ended]]


class Planner:
    """Plans actions; ``sync`` is what *sync now* does."""

    def __init__(self, sync: SyncNow) -> None:
        self._sync = sync

    def __call__(self, core: Core, request: ActionRequest, who: str) -> Plan:
        """Return the plan for a request. Raises `Refusal`."""
        match request.action:
            case "sync":
                return self._plan_sync(core, request, who)
            case "new":
                return _plan_new(core, request, who)
        session = find(core.fleet, core, request)
        match request.action:
            case "reconnect":
                return _plan_reconnect(core, request, session, who)
            case "disconnect":
                work = Lifecycle(core, session.key).disconnect
                return _lifecycle(request, session, f"disconnect asked by {who}", work, Desired.OFFLINE)
            case "refresh_qr":
                work = Lifecycle(core, session.key, _user(request, session), to_scan=True).refresh_qr
                return _lifecycle(request, session, f"new QR code asked by {who}", work, Desired.ONLINE)
            case "send":
                return _plan_send(core, request, session, who)
        raise Refusal(400, "unknown_action", f"no action is called {request.action!r}")

    def _plan_sync(self, core: Core, request: ActionRequest, who: str) -> Plan:
        gateway = request.gateway
        if gateway is not None and gateway not in core.clients:
            raise _no_gateway(core, gateway)

        async def work() -> Ended:
            return await self._sync(gateway)

        return Plan(f"sync asked by {who}", work, gateway=gateway, changes=False)


def find(fleet: Fleet, core: Core, request: ActionRequest) -> Session:
    """Return the session a request names. Raises `Refusal` (404, or 409 when two gateways have it)."""
    session_id = request.session_id
    if not session_id:
        raise Refusal(400, "missing_session", f"{request.action} needs a session id")
    gateway = request.gateway
    if gateway is None:
        owners = [name for name in fleet.owners(session_id) if name in core.clients]
        if len(owners) > 1:
            names = " or ".join(f"{name}/{session_id}" for name in owners)
            raise Refusal(409, "ambiguous", f"{session_id} is on {len(owners)} gateways: say {names}")
        gateway = owners[0] if owners else ""
    elif gateway not in core.clients:
        raise _no_gateway(core, gateway)
    session = fleet.session(SessionKey(gateway, session_id))
    if session is None or session.deleted_at is not None:
        where = f" on {gateway}" if gateway else ""
        raise Refusal(404, "unknown_session", f"no session {session_id}{where}: `wa-tui sessions` lists them")
    return session


def plan_restore(core: Core, key: SessionKey) -> Plan:
    """Return the plan that starts what a restarted gateway left down; it yields to any other action."""
    return Plan(
        "restore: the gateway did not restore it itself",
        Lifecycle(core, key).start,
        gateway=key.gateway,
        session_id=key.session_id,
        exclusive=True,
        yields=True,
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
        desired=desired,
        user_id=request.user_id,
        exclusive=True,
    )


def _user(request: ActionRequest, session: Session) -> int | str:
    user_id = request.user_id if request.user_id is not None else session.user_id
    if user_id is None:
        raise Refusal(
            400,
            "missing_user",
            f"{session.key} has no user id, and the gateway needs one: give it (--user ID)",
        )
    return user_id


def _plan_reconnect(core: Core, request: ActionRequest, session: Session, who: str) -> Plan:
    if _is_proven(core, session) and not request.force:
        raise Refusal(
            409,
            "proven",
            f"{session.key} is connected and proven: reconnecting would interrupt it (--yes does it)",
        )
    work = Lifecycle(core, session.key, _user(request, session)).reconnect
    return _lifecycle(request, session, f"reconnect asked by {who}", work, Desired.ONLINE)


def _is_proven(core: Core, session: Session) -> bool:
    """Whether its proof counts: younger than the gateway's return and than twice the status interval (rule 6)."""
    gateway = core.fleet.gateway(session.gateway)
    if session.status is not Status.CONNECTED or session.proven_at is None or not gateway.answering:
        return False
    age = core.clock.now() - session.proven_at
    return session.proven_at >= gateway.returned_at and age <= 2 * SECOND * core.config.intervals.status_sync


def _plan_send(core: Core, request: ActionRequest, session: Session, who: str) -> Plan:
    recipient, message = (request.recipient or "").strip(), request.message or ""
    if not _RECIPIENT.fullmatch(recipient):
        raise Refusal(400, "bad_recipient", f"{recipient!r} is no phone number (digits with country code)")
    if not message.strip() or len(message) > LONGEST_MESSAGE:
        raise Refusal(400, "bad_message", f"a message has 1 to {LONGEST_MESSAGE} characters")
    if "@" not in recipient:
        recipient = re.sub(r"\D", "", recipient)
    return Plan(
        f"send to {recipient} asked by {who}",
        Sending(core, session.key, recipient, message).send,
        gateway=session.gateway,
        session_id=session.session_id,
    )


def _plan_new(core: Core, request: ActionRequest, who: str) -> Plan:
    gateway = request.gateway or (next(iter(core.clients)) if len(core.clients) == 1 else "")
    if not gateway:
        raise Refusal(400, "missing_gateway", f"on which gateway? One of {', '.join(core.clients)}")
    if gateway not in core.clients:
        raise _no_gateway(core, gateway)
    name = (request.instance_name or "").strip() or None
    if name is not None and len(name) > LONGEST_NAME:
        raise Refusal(400, "bad_name", f"an instance name has at most {LONGEST_NAME} characters")
    if request.user_id is None or str(request.user_id).strip() == "":
        raise Refusal(400, "missing_user", "a new session needs the id of its user")
    session_id = request.session_id or f"user_{request.user_id}_instance_{secrets.token_hex(4)}"
    if not _SESSION_ID.fullmatch(session_id):
        raise Refusal(400, "bad_session", f"{session_id!r}: letters, digits, - and _ only")
    key = SessionKey(gateway, session_id)
    known = core.fleet.session(key)
    if known is not None and known.deleted_at is None:
        raise Refusal(409, "exists", f"{key} exists already: reconnect it instead")
    return Plan(
        f"new session{f' {name}' if name else ''} asked by {who}",
        Lifecycle(core, key, request.user_id, to_scan=True).begin,
        gateway=gateway,
        session_id=session_id,
        desired=Desired.ONLINE,
        user_id=request.user_id,
        instance_name=name,
        exclusive=True,
    )


def _no_gateway(core: Core, gateway: str) -> Refusal:
    return Refusal(404, "unknown_gateway", f"no gateway is called {gateway!r}: {', '.join(core.clients)}")
