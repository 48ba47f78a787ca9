"""Why no session is there to be shown: a gateway in trouble, a list that nobody has read yet, or none at all."""

from __future__ import annotations

from wa_tui.tui.fleet.state import FleetState
from wa_tui.wire import GatewayView, gateway_needs

LIST = "list-sync"
"""The job that reads a gateway's list."""


def emptiness(state: FleetState) -> str | None:
    """Return why there is none: the cause, whose, and what to do; ``None`` where the lists were read and are empty."""
    gateways = list(state.gateways.values())
    if not gateways or state.daemon is None:
        return None
    if all(gateway_needs(gateway) for gateway in gateways) and not state.daemon.runs_node:
        return _in_trouble(gateways[0])
    for gateway in gateways:
        job = state.jobs.get((LIST, gateway.name))
        if job is None or job.outcome == "ok":
            continue
        if needs := gateway_needs(gateway):
            # Its own cause, not that its list is left out meanwhile.
            return f"{needs[0].text}: the list of {gateway.name} was not read yet"
        if job.outcome is None:
            return f"the list of {gateway.name} was not read yet"
        return f"{job.detail}: the list of {gateway.name} could not be read"
    return None


def _in_trouble(gateway: GatewayView) -> str:
    need = gateway_needs(gateway)[0]
    todo = f"{need.action}, or wa-tui up" if gateway.state == "down" else need.action
    return f"{need.text}: {gateway.name} · {todo} ({gateway.url})"
