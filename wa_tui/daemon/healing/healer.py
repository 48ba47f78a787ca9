"""Healing on every gateway: sends what happens to the gateway it happens on, and remembers over a restart."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial

from wa_tui.config import Healing
from wa_tui.gateways import GatewayClient
from wa_tui.model.events import Kind
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import DOWN, SessionKey, Source, Status
from wa_tui.wire import Attention, GatewayHealingView, HealingView

from ..checking.checker import Checker
from ..clock import Clock
from ..recording.bus import Bus
from ..recording.change import Change
from ..recording.recorder import Recorder
from ..starts import Starts
from .gateway_recovery import GatewayRecovery
from .history import STARTS, Recall
from .worker import Starter


class Healer:
    """The healing of every gateway; ``starter`` starts sessions, ``look`` asks a gateway for its health."""

    def __init__(
        self,
        policy: Healing,
        fleet: Fleet,
        clock: Clock,
        recorder: Recorder,
        bus: Bus,
        checker: Checker,
        starts: Starts,
        recall: Recall,
        look: Callable[[str], Awaitable[None]],
        starter: Starter,
    ) -> None:
        self._recall = recall
        self._gateways: dict[str, GatewayRecovery] = {}
        self._hushed = False
        self._recovery = partial(
            GatewayRecovery,
            policy=policy,
            dice=random.Random(),
            fleet=fleet,
            clock=clock,
            recorder=recorder,
            bus=bus,
            is_hushed=lambda: self._hushed,
            checker=checker,
            starts=starts,
            look=look,
            starter=starter,
        )

    def add(self, client: GatewayClient, *, enabled: bool) -> None:
        """Watch a gateway; nothing is started there before `begin`, and nothing at all unless ``enabled``."""
        self._gateways[client.name] = self._recovery(client, enabled=enabled)

    async def begin(self, *names: str) -> None:
        """Take up what is down on these gateways, remembering the drops, attempts and pauses of the past hour."""
        gateways = {name: self._gateways[name] for name in names}
        await self._recall.replay(
            {name: gateway.recovery for name, gateway in gateways.items()},
            {name: gateway.breaker for name, gateway in gateways.items()},
        )
        for gateway in gateways.values():
            gateway.begin()

    async def remove(self, gateway: str) -> None:
        """Give up everybody on a gateway, and watch it no more."""
        await self._gateways[gateway].stop()
        del self._gateways[gateway]

    def listen(self, change: Change) -> None:
        """Notice drops, recoveries, what people start, and gateways that come and go."""
        self._note(change)
        with self._hush():
            for key, session in change.sessions.items():
                if (gateway := self._gateways.get(key.gateway)) is not None:
                    gateway.look(key, session)
        for key in change.removed:
            if (gateway := self._gateways.get(key.gateway)) is not None:
                gateway.forget(key)
        for name in {event.gateway for event in change.events if event.kind is Kind.GATEWAY}:
            if (gateway := self._gateways.get(name or "")) is not None:
                gateway.visit()

    def _note(self, change: Change) -> None:
        """Take in what dropped, and what people started."""
        for event in change.events:
            if event.before != Status.CONNECTED or event.after not in DOWN:
                continue
            gateway = self._gateways.get(event.gateway or "")
            if gateway is not None and event.session_id is not None:
                gateway.note_drop(SessionKey(event.gateway or "", event.session_id))
        for row in change.actions:
            gateway = self._gateways.get(row.gateway or "")
            started = row.action in STARTS and row.outcome == "verified" and row.who != Source.HEAL
            if started and gateway is not None:
                gateway.note_start()

    def view(self, key: SessionKey) -> HealingView | None:
        """Return what healing does for a session; ``None`` for nothing."""
        gateway = self._gateways.get(key.gateway)
        return gateway.view(key) if gateway is not None else None

    def gateway_view(self, name: str) -> GatewayHealingView | None:
        """Return what healing does on a gateway; ``None`` for one that nobody works at."""
        gateway = self._gateways.get(name)
        return gateway.gateway_view() if gateway is not None else None

    def attention(self, name: str) -> list[Attention]:
        """Return whether a gateway needs a person since healing stays paused there."""
        gateway = self._gateways.get(name)
        return gateway.attention() if gateway is not None else []

    def flaps(self, key: SessionKey) -> bool:
        """Tell whether a session dropped too often lately, and calls a person for that even while it is connected."""
        gateway = self._gateways.get(key.gateway)
        return gateway is not None and gateway.flaps(key)

    @contextmanager
    def _hush(self) -> Iterator[None]:
        """Show nothing to the watchers for a while: they are told of the same sessions next."""
        self._hushed = True
        try:
            yield
        finally:
            self._hushed = False
