"""The demo: the state in which it begins, and what goes wrong and right while somebody looks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

from wa_tui.simulator.client import Client
from wa_tui.simulator.fleet import Member
from wa_tui.simulator.service import Service
from wa_tui.simulator.settings import Timing

DEMO_TIMING = Timing(start=2.4, qr=45.0)
DEMO_UPTIMES = {"eu-1": 6.2 * 86400, "eu-2": 2.1 * 86400, "us-1": 11.7 * 86400}
DROPPED_REASON = "CONFLICT"
"""Opened elsewhere: healing leaves it to a person."""
PASSING_REASONS = ("NAVIGATION", "TIMEOUT", "Page crashed!")

_AT_MOST_DOWN = 3
_AWAY = "us-1"


def place_members(services: dict[str, Service], members: list[Member]) -> None:
    """Put every member into the state in which the demo begins, without posting anything."""
    for member in members:
        gateway = services[member.gateway].gateway
        if member.kind == "waiting":
            client = gateway.add(member.account, "initializing")
            client.rotate_code(member.first_code, silent=True)
        elif member.kind in ("dropped", "logged_out"):
            gateway.add(member.account, "disconnected").phone = member.account.phone
        else:
            gateway.add(member.account, "connected")


class Demo:
    """The small things that happen while somebody looks: every 15 to 40 s one, never so many that it is chaos."""

    def __init__(
        self, services: dict[str, Service], members: list[Member], seed: int, pace: float = 1.0
    ) -> None:
        self._services = services
        self._members = members
        self._rng = random.Random(f"{seed}/demo")
        self._pace = pace

    async def run(self) -> None:
        """Let things happen until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._small_things())
            group.create_task(self._outages())

    async def _small_things(self) -> None:
        happenings = (self._blip, self._flap, self._rotate, self._stay_down)
        while True:
            await self._sleep(15, 40)
            self._rng.choices(happenings, weights=(45, 30, 15, 10))[0]()

    async def _outages(self) -> None:
        await self._sleep(150, 260)
        while True:
            await self._services[_AWAY].cut_off()
            await self._sleep(55, 65)
            await self._services[_AWAY].come_back()
            await self._sleep(300, 480)

    async def _sleep(self, least: float, most: float) -> None:
        await asyncio.sleep(self._rng.uniform(least, most) / self._pace)

    def _blip(self) -> None:
        self._drop("steady", back=(8, 45))

    def _flap(self) -> None:
        self._drop("flapping", back=(4, 12))

    def _stay_down(self) -> None:
        self._drop("steady", back=None)

    def _rotate(self) -> None:
        for client in self._clients("waiting"):
            if client.truth == "qr_pending":
                client.rotate_code()

    def _drop(self, kind: str, back: tuple[float, float] | None) -> None:
        up = [client for client in self._clients(kind) if client.truth == "connected"]
        down = sum(client.truth != "connected" for client in self._clients("steady"))
        if not up or down >= _AT_MOST_DOWN:
            return
        client = self._rng.choice(up)
        client.drop(self._rng.choice(PASSING_REASONS))
        if back is not None:
            client.recover_after(self._rng.uniform(*back) / self._pace)

    def _clients(self, kind: str) -> Iterator[Client]:
        for member in self._members:
            service = self._services[member.gateway]
            client = service.gateway.clients.get(member.account.session_id)
            if member.kind == kind and client is not None and not service.gateway.webhooks.cut_off:
                yield client
