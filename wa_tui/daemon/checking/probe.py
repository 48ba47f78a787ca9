"""Asks a gateway for its health: there, restarted, or another clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Mapping

from wa_tui.gateways import Capability, GatewayClient, GatewayError
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.facts import GatewayCalmed, Healthy, Unhealthy
from wa_tui.model.fleet import Fleet

from ..clock import Clock, dated
from ..recording.recorder import Recorder
from ..results import JobFailed
from .absence import absence
from .other_kinds import OtherKinds


class HealthProbe:
    """Asks gateways for their health and records what comes of it.

    ``calm`` tells which of them need nobody, ``others`` which are of another kind than they are said to be.
    """

    def __init__(
        self,
        clients: Mapping[str, GatewayClient],
        fleet: Fleet,
        recorder: Recorder,
        clock: Clock,
        calm: Callable[[str], bool],
        others: OtherKinds,
    ) -> None:
        self._clients = clients
        self._fleet = fleet
        self._recorder = recorder
        self._clock = clock
        self._calm = calm
        self._others = others
        self._seen: set[str] = set()
        """The gateways that answered in this daemon's life."""
        self._tried: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        """Set for those that were asked in it, whatever came of that."""

    async def check(self, gateway: str) -> str:
        """Ask once and record the answer, or that there was none. Raises `JobFailed` then."""
        since, client = self._clock.monotonic(), self._clients.get(gateway)
        if client is None:
            raise JobFailed(f"nobody works at {gateway} any more", known=True)
        try:
            health = await client.health()
        except GatewayError as error:
            other = await self._others.explanation(gateway, client.kind, error)
            at = self._clock.now()
            fact = (
                (other and Unhealthy(gateway, at, other.detail, advice=other.advice))
                # The contract asks for no key here, a proxy before the service may: it is there all the same.
                or absence(gateway, at, error)
                or Unhealthy(gateway, at, error.detail, advice=error.advice)
            )
            self._tried[gateway].set()
            await self._recorder.record(fact)
            raise JobFailed(fact.detail or error.detail, known=True) from error
        began, now = dated(self._clock, since), self._clock.now()
        self._others.understood(gateway)
        told = f"answered in {now - began} ms"
        restores = Capability.SELF_RESTORE in client.capabilities
        first = gateway not in self._seen
        self._seen.add(gateway)
        self._tried[gateway].set()
        await self._recorder.record(
            Healthy(gateway, began, now, health.uptime_ms, health.timestamp_ms, restores, first)
        )
        if self._fleet.gateway(gateway).acknowledged is not None and self._calm(gateway):
            await self._recorder.record(GatewayCalmed(gateway, self._clock.now()))
        return told

    async def look(self, gateway: str) -> None:
        """Ask once and record what comes of it: the fleet has it then, answer or none."""
        with contextlib.suppress(JobFailed):
            await self.check(gateway)

    async def recognises(self, gateway: str) -> bool:
        """Tell whether nothing speaks against the kind that a gateway is said to be; asks it where nobody did yet."""
        client = self._clients.get(gateway)
        # Its list is like none of the others'.
        keeps_contract = client is None or client.kind is GatewayKind.CONTRACT
        if not keeps_contract and not self._tried[gateway].is_set():
            await self.look(gateway)
        return not self._others.is_other(gateway)

    def doubts(self, gateway: str) -> bool:
        """Tell whether a gateway may be of another kind than it is said to be: it is, or was never asked."""
        known = self._tried[gateway].is_set() or self._fleet.gateway(gateway).seen_at is not None
        return not known or self._others.is_other(gateway)

    async def tried(self, gateway: str) -> None:
        """Wait until a gateway was asked once in this daemon's life, whatever came of that."""
        await self._tried[gateway].wait()

    def forget(self, gateway: str) -> None:
        """Know nothing of a gateway: nobody works at it any more."""
        self._tried[gateway].set()
        del self._tried[gateway]
        self._others.understood(gateway)
