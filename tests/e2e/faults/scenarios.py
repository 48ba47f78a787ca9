"""Scenarios: things happen to the sessions under some faults, and what becomes of them is judged.

They wait more than they work, so that a few of them run at once; each is still a test of its own.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterable
from contextlib import AsyncExitStack

from .faults import Fault
from .happenings import happen
from .judging import Verdict, Watch, nothing_stopped_was_started
from .ledger import everything_acknowledged_is_stored
from .world import World, world

AT_ONCE = 3


class Scenarios:
    """Runs scenarios by name, `AT_ONCE` at once, in the order given."""

    def __init__(self, faults: dict[str, tuple[Fault, ...]], names: Iterable[str]) -> None:
        slots = asyncio.Semaphore(AT_ONCE)
        self._tasks = {name: asyncio.create_task(_run(faults[name], slots)) for name in names}

    async def result(self, name: str) -> str:
        """Wait for a scenario and return what was found; raises what failed in it, with its seed as a note."""
        return await self._tasks[name]

    async def stop(self) -> None:
        """Give up what still runs."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


async def _run(faults: tuple[Fault, ...], slots: asyncio.Semaphore) -> str:
    async with slots:
        seed = int(os.environ.get("WA_TUI_FAULT_SEED") or random.SystemRandom().randrange(1_000_000))
        try:
            async with world(seed) as made:
                return await through(made, *faults)
        except BaseException as error:
            error.add_note(f"WA_TUI_FAULT_SEED={seed} brings this scenario back")
            raise


async def through(world: World, *faults: Fault) -> str:
    """Let things happen to the sessions under these faults, and judge what becomes of them."""
    async with AsyncExitStack() as stack:
        for fault in faults:
            await stack.enter_async_context(fault(world))
        await happen(world)
    await world.delivered()
    verdict = await Watch(world).until_true()
    await nothing_stopped_was_started(world)
    stored = await everything_acknowledged_is_stored(world)
    return _told(verdict, stored)


def _told(verdict: Verdict, stored: int) -> str:
    return (
        f"true after {verdict.revealed:.1f} s, silent deaths after {verdict.silent:.1f} s, "
        f"healed after {verdict.healed:.1f} s; {stored} acknowledged webhooks stored"
    )
