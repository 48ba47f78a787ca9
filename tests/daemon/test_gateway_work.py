"""Work at a gateway begins and ends while the daemon runs: nothing of it is left, and the others notice nothing."""

from __future__ import annotations

import asyncio
import gc
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.effort import effort
from tests.simulated import Simulated, simulated
from wa_tui.daemon.checking.checks import GatewayChecks
from wa_tui.daemon.gateway_work import GatewayWork
from wa_tui.daemon.healing.gateway_recovery import GatewayRecovery
from wa_tui.daemon.healing.session_recovery import SessionRecovery
from wa_tui.daemon.sync.restoring import Restoring
from wa_tui.daemon.sync.rounds import StatusRounds
from wa_tui.gateways.contract.client import NodeService
from wa_tui.model.registers import SessionKey, Status
from wa_tui.wire import Receipt

from .inside import QUICK, QUIET, Inside, configured, inside, nth
from .waiting import free_port, until

TIMES = effort("WA_TUI_GATEWAY_WORK", sample=40, full=100)

PARTS = (GatewayChecks, GatewayRecovery, GatewayWork, NodeService, Restoring, SessionRecovery, StatusRounds)
"""What one gateway's work is made of."""


@asynccontextmanager
async def two() -> AsyncIterator[tuple[Simulated, Inside]]:
    """A daemon with two gateways of two sessions each; yields the second one, whose work is to end."""
    port = free_port()
    settled: dict[str, Any] = {"uptime_seconds": 1000.0, "restore_delay_seconds": QUIET}
    settled |= {"control_plane": f"http://127.0.0.1:{port}"}
    async with (
        simulated(name="stays", sessions=2, **settled) as stays,
        simulated(name="goes", sessions=2, **settled) as goes,
        inside(stays, goes, port=port, healing=QUICK) as daemon,
    ):
        await daemon.proven(*(nth(n, name) for n in range(2) for name in ("stays", "goes")))
        yield goes, daemon


def descriptors() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


def parts() -> Counter[str]:
    """How many of each part there are in this process; a timer or a task that is left holds its own."""
    gc.collect()
    return Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, PARTS))


def works_at(name: str) -> list[str]:
    """The tasks that do something at a gateway."""
    tasks = (task.get_name() for task in asyncio.all_tasks())
    return [task for task in tasks if f" {name}" in task or f"@{name}" in task or f"{name}/" in task]


async def test_work_ends_and_begins_again_and_again_and_leaves_nothing() -> None:
    async with two() as (goes, daemon):
        running, numbers = daemon.daemon, itertools.count()
        # What can be in the middle of something: a check that hangs, and a session that is healed.
        await goes.fault("hang", nth(0, "goes"))
        await goes.fault("stuck_destroy", nth(1, "goes"))
        await goes.fault("drop", nth(1, "goes"))
        await daemon.session_until(nth(1, "goes"), lambda s: s.status is Status.DISCONNECTED)
        await running.stop_gateway("goes")
        checked = (await daemon.view(nth(0, "stays"))).proven_at
        before, made = (len(asyncio.all_tasks()), descriptors()), parts()
        for _ in range(TIMES):
            await running.start_gateway(configured(goes))
            running.parts.checker.request(SessionKey("goes", nth(0, "goes")))
            await daemon.tell(nth(0, "stays"), "connected", sequence=next(numbers))
            await running.stop_gateway("goes")
            assert works_at("goes") == []

        async def same() -> bool:
            # A job of the other gateway may be under way, and connections close a moment after their answers.
            return len(asyncio.all_tasks()) <= before[0] and descriptors() <= before[1]

        await until(same, 20.0, lambda: f"{len(asyncio.all_tasks())} tasks, {descriptors()} files: {before}")
        assert parts() == made
        jobs = running.parts.schedule.views()
        assert not [job.name for job in jobs if job.gateway == "goes"]
        assert {job.outcome for job in jobs if job.gateway == "stays"} == {"ok"}
        assert {view.name for view in (await daemon.client.status()).gateways} == {"stays"}
        assert (await daemon.view(nth(1, "goes"))).healing is None
        view = await daemon.view(nth(0, "stays"))
        assert view.status == "connected" and view.proven_at is not None and checked is not None
        assert running.parts.fleet.gateway("stays").restarts == 0


async def test_what_begins_again_is_healed_and_synced() -> None:
    async with two() as (goes, daemon):
        await daemon.daemon.stop_gateway("goes")
        await goes.fault("drop", nth(1, "goes"), silent=True)
        await daemon.daemon.start_gateway(configured(goes))
        began = daemon.clock.now()
        healed = await daemon.session_until(nth(1, "goes"), lambda s: (s.proven_at or 0) > began)
        assert healed.status is Status.CONNECTED
        assert {"health", "list-sync", "status-checks"} <= {
            job.name for job in await daemon.client.jobs() if job.gateway == "goes"
        }


async def test_a_webhook_of_a_gateway_that_nobody_works_at_is_stored() -> None:
    async with two() as (goes, daemon):
        await daemon.daemon.stop_gateway("goes")
        await goes.fault("drop", nth(0, "goes"))
        await daemon.session_until(nth(0, "goes"), lambda s: s.status is Status.DISCONNECTED)


async def test_an_action_under_way_ends_as_unknown() -> None:
    async with two() as (goes, daemon):
        await goes.fault("hang", nth(0, "goes"))
        receipt = await daemon.ask("reconnect", nth(0, "goes"), gateway="goes", force=True)
        await daemon.daemon.stop_gateway("goes")
        ended: Receipt = await daemon.ended(receipt)
        assert (ended.outcome, ended.text) == ("unknown", "gateway goes was left before it ended")


async def test_a_gateway_that_was_not_configured_begins_while_the_daemon_runs() -> None:
    async with (
        two() as (_, daemon),
        simulated(
            name="new",
            sessions=1,
            uptime_seconds=1000.0,
            control_plane="http://{}:{}".format(*daemon.config.listen),
        ) as new,
    ):
        await daemon.daemon.start_gateway(configured(new))
        await daemon.session_until(nth(0, "new"), lambda s: s.proven_at is not None)
        await new.fault("drop", nth(0, "new"))
        await daemon.session_until(nth(0, "new"), lambda s: s.status is Status.DISCONNECTED)
