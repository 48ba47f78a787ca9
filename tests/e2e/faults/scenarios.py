"""Scenarios: things happen to the sessions under some faults, and what becomes of them is judged.

They wait more than they work, so that a few of them run at once; each is still a test of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from tests.effort import chosen_seed

from .faults import Fault
from .happenings import happen, people
from .judging import (
    Verdict,
    Watch,
    counts_are_true,
    no_lost_cause_was_started,
    nothing_stopped_was_started,
    what_is_missing_was_lost,
)
from .ledger import everything_acknowledged_is_stored
from .world import CONTRACTS, Fleet, World, world

AT_ONCE = 3

GRACE = 3.0
"""Seconds that a webhook may take in a scenario that counts the missing ones: none is delayed there."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Some faults; ``counts_missing``: long enough to tell which webhooks are; ``loses``: some are.

    ``has_messages``: some go through, and all are counted afterwards.
    """

    faults: tuple[Fault, ...]
    counts_missing: bool = False
    loses: bool = False
    has_messages: bool = False
    fleet: Fleet = CONTRACTS


class Scenarios:
    """Runs scenarios by name, `AT_ONCE` at once, in the order given."""

    def __init__(self, scenarios: dict[str, Scenario], names: Iterable[str]) -> None:
        slots = asyncio.Semaphore(AT_ONCE)
        self._tasks = {name: asyncio.create_task(_run(scenarios[name], slots)) for name in names}

    async def result(self, name: str) -> str:
        """Wait for a scenario and return what was found; raises what failed in it, with its seed as a note."""
        return await self._tasks[name]

    async def stop(self) -> None:
        """Give up what still runs."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


async def _run(scenario: Scenario, slots: asyncio.Semaphore) -> str:
    async with slots:
        seed = chosen_seed("WA_TUI_FAULT_SEED", sample=7)
        try:
            async with world(seed, scenario.fleet, grace=GRACE if scenario.counts_missing else None) as made:
                return await through(made, scenario)
        except BaseException as error:
            error.add_note(f"WA_TUI_FAULT_SEED={seed} brings this scenario back")
            raise


async def through(world: World, scenario: Scenario) -> str:
    """Let things happen to the sessions under these faults, and judge what becomes of them."""
    if scenario.counts_missing:
        # A daemon that has just started does not know what it did not hear.
        await asyncio.sleep(GRACE)
    async with world.meanwhile(people(world)), AsyncExitStack() as stack:
        for fault in scenario.faults:
            await stack.enter_async_context(fault(world))
        await happen(world)
    await world.delivered()
    verdict = await Watch(world).until_true()
    await nothing_stopped_was_started(world)
    await no_lost_cause_was_started(world)
    if scenario.counts_missing:
        await asyncio.sleep(GRACE)
    if scenario.has_messages:
        world.notes.append(f"{await counts_are_true(world)} messages counted")
    missing = await what_is_missing_was_lost(world)
    assert missing or not scenario.loses, f"no webhook is said to be missing (seed {world.seed})"
    stored = await everything_acknowledged_is_stored(world)
    return "; ".join((_told(verdict, missing, stored), *world.notes))


def _told(verdict: Verdict, missing: int, stored: int) -> str:
    return (
        f"true after {verdict.revealed:.1f} s, silent deaths after {verdict.silent:.1f} s, "
        f"healed after {verdict.healed:.1f} s; {stored} acknowledged webhooks stored, {missing} known to be missing"
    )
