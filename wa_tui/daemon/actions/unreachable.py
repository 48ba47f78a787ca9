"""What is said where a gateway cannot be asked: what was wanted of its session is kept all the same."""

from __future__ import annotations

from typing import NamedTuple

from wa_tui.gateways import GatewayError, Unreachable
from wa_tui.model.registers import DOWN, Desired, GatewayState, SessionKey

from ..attention.gateways import advice_of, cause_of
from ..eligibility import curable
from .context import ActionContext


class UnreachableGateway(NamedTuple):
    """Why nothing can be asked of a gateway, and what somebody has to do there."""

    detail: str
    where: str
    advice: str
    request: str

    def explain(self, then: str = "") -> str:
        """Return the cause, which gateway, ``then`` what becomes of what was asked for, what to do, and its address."""
        parts = "; ".join(filter(None, (self.where, then, self.advice)))
        return f"{self.detail}: {parts} ({self.request})"


async def still_down(context: ActionContext, gateway: str) -> UnreachableGateway | None:
    """Ask a gateway that is known to be down for its health; returns what is wrong, ``None`` where it may answer.

    An action at one that hangs would cost one deadline after the other; this one is short.
    """
    if context.fleet.gateway(gateway).state is not GatewayState.DOWN:
        return None
    await context.look(gateway)
    found = context.fleet.gateway(gateway)
    if found.state is not GatewayState.DOWN:
        return None
    url = context.clients[gateway].url
    return UnreachableGateway(cause_of(found), f"gateway {gateway} is down", advice_of(found, url), url)


def absence_of(error: GatewayError) -> UnreachableGateway:
    """Return what is wrong with a gateway of which nothing else can be asked."""
    if isinstance(error, Unreachable):
        return UnreachableGateway(error.detail, f"gateway {error.gateway} is down", error.advice, error.url)
    return UnreachableGateway(error.detail, error.call.where, error.advice, str(error.call))


def kept(context: ActionContext, key: SessionKey) -> str:
    """Return what becomes of a wish that was committed before its gateway was asked."""
    session = context.fleet.session(key)
    if session is None or session.deleted_at is not None:
        return ""
    name = session.label
    if session.desired is Desired.OFFLINE:
        if session.status in DOWN:
            return f"noted, {name} stays off"
        return (
            f"noted, {name} stays off, and should its client run on, that is shown once the gateway answers"
        )
    if context.heals and curable(session):
        return f"noted, {name} comes back when the gateway answers"
    return f"noted, {name} is to be online: ask again once the gateway answers"
