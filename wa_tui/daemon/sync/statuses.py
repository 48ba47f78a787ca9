"""The status sync: tells of each gateway's rounds of checks; lists and checks all at once where there is reason to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import GatewayState

from ..checking.probe import HealthProbe
from .lists import GatewayAsleep, ListSync
from .rounds import Counts, StatusRounds

log = logging.getLogger("wa_tui.sync")

PATIENCE = 0.95
"""The share of the interval after which the first line does not wait for slow gateways any more."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did: sessions checked and updated, and why each gateway that gave no list did not."""

    checked: int
    updated: int
    asleep: dict[str, str]


class StatusSync:
    """The job ``sync-session-status``, which comes round each ``interval``, over the ``rounds`` of all gateways."""

    def __init__(
        self,
        rounds: Mapping[str, StatusRounds],
        fleet: Fleet,
        lists: ListSync,
        probe: HealthProbe,
        interval: float,
    ) -> None:
        self._rounds = rounds
        self._fleet = fleet
        self._lists = lists
        self._probe = probe
        self._interval = interval

    async def run(self) -> str:
        """Tell what was checked since the last time; the first time, once each gateway's first round is over.

        A gateway whose checks take longer than their interval is named: the others' go on.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._interval * PATIENCE):
                for rounds in [*self._rounds.values()]:
                    await rounds.first.wait()
        told = [rounds.summary() for rounds in self._rounds.values()]
        synced = _counted(sum(checked for checked, _ in told), sum(updated for _, updated in told), {})
        behind = ", ".join(name for name, rounds in self._rounds.items() if rounds.is_behind)
        return f"{synced.checked} checked, {synced.updated} updated{f'; {behind} still answers' if behind else ''}"

    async def at_once(self, gateway: str | None = None) -> Synced:
        """List a gateway's sessions and check every wanted one, or everybody's, without spreading."""
        names = [gateway] if gateway is not None else list(self._rounds)
        asleep: dict[str, str] = {}
        webhook_metrics = await asyncio.gather(*(self._list_and_check(name, asleep) for name in names))
        return _counted(
            sum(each.checked for each in webhook_metrics),
            sum(each.updated for each in webhook_metrics),
            asleep,
        )

    async def _list_and_check(self, gateway: str, asleep: dict[str, str]) -> Counts:
        """Gateways are independent of each other: one that hangs delays no other's checks."""
        rounds = self._rounds[gateway]
        if self._fleet.gateway(gateway).state is GatewayState.DOWN:
            await self._probe.look(gateway)
        with rounds.updates() as updates:
            try:
                await self._lists.fetch(gateway)
            except GatewayAsleep as error:
                asleep[gateway] = str(error)
            # Each check is published before its task is done.
            counts = await rounds.check(0.0, Counts())
        return Counts(counts.checked, len(updates))


def _counted(checked: int, updated: int, asleep: dict[str, str]) -> Synced:
    log.info("Session sync complete: %d checked, %d updated", checked, updated)
    return Synced(checked, updated, asleep)
