"""What is said where a gateway cannot be asked: what was wanted of its session is kept all the same."""

from __future__ import annotations

from wa_tui.gateways import GatewayError, Unreachable
from wa_tui.model.registers import DOWN, Desired, GatewayState, SessionKey

from ..core import Core
from ..healing.need import curable
from ..jobs.health import look

ADVICE = "see that the service runs there and that the gateway's url is right"


async def still_down(core: Core, gateway: str) -> str | None:
    """Ask a gateway that is known to be down for its health; returns what is wrong, ``None`` where it may answer.

    An action at one that hangs would cost one deadline after the other; this one is short.
    """
    if core.fleet.gateway(gateway).state is not GatewayState.DOWN:
        return None
    await look(core, gateway)
    found = core.fleet.gateway(gateway)
    if found.state is not GatewayState.DOWN:
        return None
    return _down(gateway, core.clients[gateway].url, found.words or "it does not answer")


def told(error: GatewayError) -> str:
    """Return what is wrong with a gateway of which nothing else can be asked."""
    if isinstance(error, Unreachable):
        return _down(error.gateway, error.url, error.words)
    return str(error)


def noted(core: Core, key: SessionKey, why: str) -> str:
    """Return what is wrong, and what becomes of the wish, which was committed before the gateway was asked."""
    session = core.fleet.session(key)
    if session is None or session.deleted_at is not None:
        return f"{why}; {ADVICE}"
    name = session.session_id
    if session.desired is Desired.OFFLINE:
        then = f"{name} stays off"
        if session.status not in DOWN:
            then += "; should its client run on, that is shown once the gateway answers"
    elif core.config.healing.enabled and curable(session):
        then = f"{name} comes back when the gateway answers"
    else:
        then = f"{name} is to be online: ask again once the gateway answers"
    return f"{why}: noted, {then}; {ADVICE}"


def _down(gateway: str, url: str, words: str) -> str:
    return f"gateway {gateway} ({url}) is down ({words})"
