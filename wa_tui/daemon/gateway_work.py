"""What the daemon does by itself at one gateway, from start to stop: health, lists, checks, restoring and healing."""

from __future__ import annotations

from functools import partial

from wa_tui.config import GatewayConfig, Intervals
from wa_tui.gateways import GatewayClient

from .actions import ActionRunner
from .checking.checker import Checker
from .checking.pace import Pace
from .checking.probe import HealthProbe
from .healing import Healer
from .jobs.schedule import Job, Schedule
from .starts import Starts
from .sync.adoption import Adoption
from .sync.reconciler import Reconciler


class GatewayWork:
    """Puts one gateway into the parts that work at gateways, and takes it out again, whatever is under way.

    ``clients`` is what all parts ask gateways by; ``heals``: healing may start sessions there.
    """

    def __init__(
        self,
        gateway: GatewayConfig,
        client: GatewayClient,
        clients: dict[str, GatewayClient],
        *,
        heals: bool,
        intervals: Intervals,
        pace: Pace,
        probe: HealthProbe,
        checker: Checker,
        reconciler: Reconciler,
        adoption: Adoption,
        starts: Starts,
        healer: Healer,
        runner: ActionRunner,
        schedule: Schedule,
    ) -> None:
        self.name = gateway.name
        self._client = client
        self._clients = clients
        self._heals = heals
        self._intervals = intervals
        self._pace = pace
        self._probe = probe
        self._checker = checker
        self._reconciler = reconciler
        self._adoption = adoption
        self._starts = starts
        self._healer = healer
        self._runner = runner
        self._schedule = schedule

    def add(self) -> None:
        """Show the gateway, answer for it and plan its jobs; nothing is asked of it before `begin`, nor repaired."""
        name, every = self.name, self._intervals
        self._clients[name] = self._client
        self._checker.add(name, self._client)
        self._reconciler.add(name)
        self._adoption.add(name)
        self._healer.add(self._client, enabled=self._heals)
        checks = self._reconciler.rounds[name].run
        pace = partial(self._pace.interval, name)
        for job in (
            Job("health", name, every.health, partial(self._probe.check, name)),
            Job("list-sync", name, every.list_sync, partial(self._reconciler.lists.sync, name)),
            Job("status-checks", name, every.status_sync, checks, partial(checks, at_once=True), pace),
        ):
            self._schedule.add(job)

    def begin(self) -> None:
        """Adopt its list where that is needed; the jobs begin with the schedule, healing with `Healer.begin`."""
        self._adoption.begin(self.name)

    async def stop(self, why: str) -> None:
        """End what is under way there, in order: who begins work first, then who does it; the client last.

        ``why`` is how actions end that are under way.
        """
        name = self.name
        await self._schedule.remove(name)
        await self._healer.remove(name)
        await self._adoption.remove(name)
        await self._runner.leave(name, why)
        await self._reconciler.remove(name)
        await self._checker.remove(name)
        self._starts.forget(name)
        self._probe.forget(name)
        del self._clients[name]
        await self._client.close()
