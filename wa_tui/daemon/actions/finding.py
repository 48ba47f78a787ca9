"""Which session or gateway a request means; refuses with what there is instead."""

from __future__ import annotations

from wa_tui.model.facts import UserId
from wa_tui.model.registers import SECOND, SessionKey, Status
from wa_tui.model.session import Session
from wa_tui.wire import ActionRequest

from .context import ActionContext
from .plan import Refusal


def find(
    context: ActionContext, request: ActionRequest, *, orphans: bool = False, configured: bool = True
) -> Session:
    """Return the session a request names. Raises `Refusal` (404, or 409 when two gateways have it).

    ``orphans``: a deleted one will do whose client still runs. ``configured``: its gateway must be.
    """
    session_id = request.session_id
    if not session_id:
        raise Refusal(400, "missing_session", f"{request.action} needs a session id")
    names = context.fleet.owners(session_id) if request.gateway is None else [request.gateway]
    known = [session for name in names if (session := context.fleet.session(SessionKey(name, session_id)))]
    found = [
        session
        for session in known
        if (session.deleted_at is None or (orphans and session.orphan))
        and (session.gateway in context.clients or not configured)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        places = " or ".join(str(session.key) for session in found)
        raise Refusal(409, "ambiguous", f"{session_id} is on {len(found)} gateways: say {places}")
    if request.gateway is not None and request.gateway not in context.clients:
        raise no_gateway(context, request.gateway)
    for session in known:
        if session.orphan:
            text = f"{session.key} was deleted and its client still runs: adopt or disconnect it"
            raise Refusal(404, "deleted", text)
    where = f" on {request.gateway}" if request.gateway else ""
    raise Refusal(404, "unknown_session", f"no session {session_id}{where}: `wa-tui sessions` lists them")


def no_gateway(context: ActionContext, gateway: str) -> Refusal:
    """Return the refusal of a gateway that is not configured."""
    return Refusal(404, "unknown_gateway", f"no gateway is called {gateway!r}: {', '.join(context.clients)}")


def user_of(request: ActionRequest, session: Session) -> UserId:
    """Return the user of a session, or the one that a request gives it. Raises `Refusal`."""
    user_id = request.user_id if request.user_id is not None else session.user_id
    if user_id is None:
        raise Refusal(
            400, "missing_user", f"{session.key} has no user id: give it with the action (--user ID)"
        )
    return user_id


def starting_user(context: ActionContext, request: ActionRequest, session: Session) -> UserId | None:
    """Return whom a session is started for; raises `Refusal` where its gateway must know and nobody does."""
    if context.clients[session.gateway].needs_user:
        return user_of(request, session)
    return request.user_id if request.user_id is not None else session.user_id


def is_proven(context: ActionContext, session: Session) -> bool:
    """Whether its proof counts: younger than the gateway's return and than the gateway's window (rule 6)."""
    return proven_within(context, session, SECOND * context.proof_window(session.gateway))


def works(context: ActionContext, session: Session) -> bool:
    """Whether it is proven, or claimed where nothing can be proven: interrupting it asks first."""
    if is_proven(context, session):
        return True
    claims = not context.clients[session.gateway].proof.proves
    doubtful = session.unanswered is not None or session.ghost is not None
    return claims and session.status is Status.CONNECTED and not doubtful


def proven_within(context: ActionContext, session: Session, age: float) -> bool:
    """Whether a check showed it connected within so many milliseconds, and its gateway answers since."""
    gateway = context.fleet.gateway(session.gateway)
    if session.status is not Status.CONNECTED or session.proven_at is None or not gateway.answering:
        return False
    # One dated in the future is none.
    return session.proven_at >= gateway.returned_at and 0 <= context.clock.now() - session.proven_at <= age
