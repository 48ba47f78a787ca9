"""A daemon at one gateway that is of another kind than the contract, as far as the daemon can tell."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

from wa_tui.config import GatewayConfig
from wa_tui.gateways import Capability, GatewayClient, Step
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.registers import Proof, Reason, Status

from .inside import QUIET, Inside, ShiftedClock, inside
from .stateful.gateway import ModelGateway

NAME = "g"

Recipe = Callable[[Status, Reason | None, bool], tuple[Step, ...]]


def anew(status: Status, reason: Reason | None, gone: bool) -> tuple[Step, ...]:
    """Restart what is there, start what is not."""
    return (Step.START,) if gone else (Step.RESTART,)


EVOLUTION: dict[str, Any] = {
    "kind": GatewayKind.EVOLUTION,
    "needs_user": False,
    "proof": Proof.CLAIMED,
    "capabilities": frozenset(
        {
            Capability.LIST_STATUS,
            Capability.RESTART,
            Capability.LOGOUT,
            Capability.DELETE,
            Capability.SELF_RESTORE,
        }
    ),
    "steps": anew,
}
"""It cannot stop a session, its list and its checks are claims."""

WWEBJS: dict[str, Any] = {
    "kind": GatewayKind.WWEBJS_API,
    "needs_user": False,
    "answers_at_once": True,
    "capabilities": frozenset(
        {
            Capability.LIST_PRESENCE,
            Capability.STOP,
            Capability.RESTART,
            Capability.LOGOUT,
            Capability.DELETE,
            Capability.SELF_RESTORE,
        }
    ),
    "steps": anew,
}
"""Its list names who is up, its check proves."""

WAHA: dict[str, Any] = {
    "kind": GatewayKind.WAHA,
    "needs_user": False,
    "capabilities": frozenset(
        {Capability.LIST_STATUS, Capability.STOP, Capability.RESTART, Capability.LOGOUT, Capability.UPTIME}
    ),
    "steps": lambda status, reason, gone: (
        (Step.LOGOUT, Step.START) if status is Status.AUTH_FAILED else (Step.STOP, Step.START)
    ),
}
"""It does not restore its sessions by itself; one that was logged out on the phone must be logged out here too."""

WPPCONNECT: dict[str, Any] = {
    "kind": GatewayKind.WPPCONNECT,
    "needs_user": False,
    "capabilities": frozenset(
        {Capability.STOP, Capability.LOGOUT, Capability.UPTIME, Capability.SELF_RESTORE}
    ),
}
"""Its list has every name that there ever was."""


@contextlib.asynccontextmanager
async def at(
    given: dict[str, Any], *session_ids: str, **options: Any
) -> AsyncIterator[tuple[ModelGateway, Inside]]:
    """Run a daemon at a gateway that is ``given`` so, with these sessions connected; `options` are `inside`'s."""
    gateway = ModelGateway(NAME, ShiftedClock(), lambda posted: None, **given)
    gateway.start_takes, gateway.looks_every = 0.05, 0.02
    for session_id in session_ids:
        gateway.connect(session_id)
    client = cast(GatewayClient, gateway)
    options["intervals"] = {"list_sync": QUIET} | options.get("intervals", {})
    config = GatewayConfig(NAME, gateway.url, "key")
    async with inside(config, clients={NAME: client}, **options) as daemon:
        for session_id in session_ids:
            await daemon.session_until(session_id, lambda s: s.proof is not None)
        await daemon.quiet()
        gateway.changes.clear()
        yield gateway, daemon
