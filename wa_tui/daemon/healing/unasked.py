"""Stops again what a gateway brought back at its own restart though a person had disconnected it: once a restart.

The contract's services ask what to restore; others start whatever they have credentials of. What is started once that
is over is somebody's doing, and shown as a contradiction (design §3, rule 4).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from wa_tui.gateways import Capability, GatewayClient
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.fleet import Fleet
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import SECOND, SessionKey
from wa_tui.model.session import Session

from ..clock import Clock, dated
from ..eligibility import UNSEEN
from ..results import Ended

log = logging.getLogger("wa_tui.heal")

LISTED = 30 * SECOND
"""How long after its own restoring what a gateway started may come to be seen, in milliseconds: two lists."""

Stop = Callable[[SessionKey], Awaitable[Ended | None]]
"""Stops a session for healing; ``None`` when another action was under way."""


class Unasked:
    """Watches one gateway's sessions that are online against a person's will."""

    def __init__(self, client: GatewayClient, fleet: Fleet, clock: Clock, stop: Stop) -> None:
        self._client = client
        self._fleet = fleet
        self._clock = clock
        self._stop = stop
        self._stopped: dict[SessionKey, int] = {}
        """Sessions that were stopped again, with the restart of the gateway that this was for."""
        self._restoring = False
        self._over: int | None = None
        """When its own restoring was over, by the monotonic clock; ``None``: none was seen since the daemon runs."""
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self) -> None:
        """Notice whether the gateway restores its sessions by itself, and when that is over."""
        before, self._restoring = self._restoring, self._fleet.gateway(self._client.name).restoring
        if before and not self._restoring:
            self._over = self._clock.monotonic()

    def look(self, session: Session) -> None:
        """Stop a session that contradicts its wish, where its gateway's own restoring has brought it back."""
        gateway = self._fleet.gateway(session.gateway)
        wished = session.desired_at < min(gateway.came_up, session.status_since)
        if not wished or not self._restores_at(gateway, session.status_since):
            return
        if not self._brings_back or self._stopped.get(session.key) == gateway.came_up:
            return
        self._stopped[session.key] = gateway.came_up
        task = asyncio.create_task(self._again(session.key), name=f"stop {session.key}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def leave(self) -> None:
        """Give up every stop under way."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _restores_at(self, gateway: Gateway, at: int) -> bool:
        """Tell whether what came up at an instant was the gateway's own doing: nobody else's is undone."""
        if at < gateway.came_up - (UNSEEN if gateway.started_at is None else 0):
            return False
        over = gateway.came_up if self._over is None else dated(self._clock, self._over)
        return gateway.restoring or at <= max(over, gateway.came_up) + LISTED

    @property
    def _brings_back(self) -> bool:
        """Whether it may start what nobody asked it for, and can be told to stop that.

        Even one that does not restore by itself, as far as is known, may bring some of its sessions back.
        """
        return Capability.STOP in self._client.capabilities and self._client.kind is not GatewayKind.CONTRACT

    async def _again(self, key: SessionKey) -> None:
        log.info("Session %s was brought back by its gateway, and is to be offline: stopping it", key)
        await self._stop(key)
