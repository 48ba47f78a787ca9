"""What a session's gateway can do: what it cannot is refused with the reason, before anything is asked of it."""

from __future__ import annotations

from wa_tui.gateways import DOES, Capability
from wa_tui.identity.kinds import TITLES
from wa_tui.model.session import Session

from .context import ActionContext
from .plan import Refusal


def can(context: ActionContext, session: Session, capability: Capability) -> bool:
    """Tell whether the session's gateway, which is configured, has a capability."""
    return capability in context.clients[session.gateway].capabilities


def require(context: ActionContext, session: Session, capability: Capability, instead: str = "") -> None:
    """Refuse what the session's gateway cannot do; ``instead`` is what to do where it can do that.

    Raises `Refusal` (409, ``unsupported``).
    """
    if can(context, session, capability):
        return
    client = context.clients[session.gateway]
    if client.kind is None:
        text = f"gateway {client.name} has not said yet what it is: try again once it answers"
        raise Refusal(409, "unsupported", text)
    cannot = f"{TITLES[client.kind]} cannot {DOES[capability]}"
    raise Refusal(409, "unsupported", f"{cannot}: {instead}" if instead else f"{cannot} ({session.key})")
