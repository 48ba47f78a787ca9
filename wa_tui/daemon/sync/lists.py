"""Fetches a gateway's list and compares it with the fleet; what differs is recorded, and checked at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice

from wa_tui.gateways import GatewayClient, GatewayError, Listed, scope_of
from wa_tui.model.facts import Authorised
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import GatewayState, SessionKey

from ..checking.absence import absence
from ..checking.checker import Checker
from ..clock import Clock
from ..recording.recorder import Recorder
from ..results import JobFailed
from ..traffic import Traffic
from .comparison import Comparison

STRETCH = 1_000
"""Rows and sessions compared at a stretch, in half a millisecond: webhooks go between two of them."""

COUNTED = 100
"""Sessions whose messages are counted at a stretch, in three milliseconds where all of them are busy."""


class GatewayAsleep(JobFailed):
    """The gateway does not answer: its list says nothing."""


class ListSync:
    """Fetches gateways' lists and records every difference.

    ``recognises`` tells whether a gateway is what it is said to be: the rows of another kind name no sessions of it.
    """

    def __init__(
        self,
        clients: Mapping[str, GatewayClient],
        fleet: Fleet,
        recorder: Recorder,
        clock: Clock,
        checker: Checker,
        recognises: Callable[[str], Awaitable[bool]],
        traffic: Traffic,
    ) -> None:
        self._clients = clients
        self._fleet = fleet
        self._recorder = recorder
        self._clock = clock
        self._checker = checker
        self._recognises = recognises
        self._traffic = traffic

    async def sync(self, gateway: str) -> str:
        """Fetch a list once, for the job; returns what was found, in a few words.

        Raises `GatewayAsleep` when there was no list.
        """
        if self._fleet.gateway(gateway).state is GatewayState.DOWN:
            raise GatewayAsleep("skipped: the gateway is down", known=True)
        listed, found = await self.fetch(gateway)
        return f"{listed} listed, {found} differ"

    async def fetch(self, gateway: str) -> tuple[int, int]:
        """Fetch a gateway's list and record differences; returns how many it listed and how many differ.

        Raises `GatewayAsleep` when there was no list.
        """
        client = self._clients.get(gateway)
        if client is None:
            raise GatewayAsleep(f"nobody works at {gateway} any more", known=True)
        if not await self._recognises(gateway):
            raise GatewayAsleep("skipped: the gateway is of another kind than it is said to be", known=True)
        since = self._clock.monotonic()
        try:
            rows = await client.list()
        except GatewayError as error:
            raise GatewayAsleep(str(error), known=await self._failed(gateway, error)) from error
        tells = scope_of(client.capabilities)
        comparison = Comparison(self._fleet, gateway, self._clock, since, self._clock.monotonic(), tells)
        if self._fleet.gateway(gateway).refuses_key:
            await self._recorder.record(Authorised(gateway, comparison.now, accepted=True))
        news, number = comparison.changes(rows), 0
        while stretch := [*islice(news, STRETCH)]:
            told = [each for each in stretch if each is not None]
            found = [each for each in told if not isinstance(each, SessionKey)]
            number += len(told) - len(found)
            self._check([each for each in told if isinstance(each, SessionKey)])
            if (lost := comparison.lost(found)) is not None:
                await self._checker.look_after_loss(lost, comparison.began)
                if self._fleet.gateway(gateway).state is GatewayState.DOWN:
                    raise GatewayAsleep("it went down while its list was compared", known=True)
                found = comparison.without_what_comes(found)
            number += len(found)
            if found:
                await self._recorder.record(*found)
            elif len(stretch) == STRETCH:
                await self._recorder.give_way()
        await self._count(gateway, rows)
        return len(rows), number

    async def _count(self, gateway: str, rows: Sequence[Listed]) -> None:
        """Count what the rows tell of messages of sessions that there are."""
        counters = (
            row.traffic
            for row in rows
            if row.traffic is not None
            and self._fleet.session(SessionKey(gateway, row.session_id)) is not None
        )
        while some := [*islice(counters, COUNTED)]:
            self._traffic.compare(gateway, some)
            await asyncio.sleep(0)

    def _check(self, keys: Sequence[SessionKey]) -> None:
        """Check what a list only hints at; each time after a longer wait."""
        for key in keys:
            self._checker.check_again(key)

    async def _failed(self, gateway: str, error: GatewayError) -> bool:
        """Record what that says of the gateway itself; tells whether it says anything."""
        fact = absence(gateway, self._clock.now(), error)
        if fact is not None:
            await self._recorder.record(fact)
        return fact is not None
