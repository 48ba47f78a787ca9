"""The queue of what waits to be taken in: bounded, in order, in groups that wait a moment for who comes again."""

from __future__ import annotations

import asyncio

import pytest

from wa_tui.daemon.recording import intake as module
from wa_tui.daemon.recording.intake import GROUP, SEVERAL, Intake


@pytest.fixture
def _lingering(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait that only ends because enough came."""
    monkeypatch.setattr(module, "LINGER", 30.0)


async def filled(number: int) -> Intake[int]:
    """Return a queue from which so many entries were taken as one group."""
    intake: Intake[int] = Intake(10_000)
    for entry in range(number):
        intake.put(entry)
    assert await intake.next_group() == [*range(number)]
    return intake


async def test_entries_are_taken_in_order_and_not_too_many_at_once() -> None:
    intake: Intake[int] = Intake(GROUP + 5)
    for entry in range(GROUP + 5):
        assert not intake.full
        intake.put(entry)
    assert intake.full and len(intake) == GROUP + 5
    assert await intake.next_group() == [*range(GROUP)]
    assert await intake.next_group() == [*range(GROUP, GROUP + 5)]


async def test_who_takes_waits_for_the_first_and_is_idle_until_then() -> None:
    intake: Intake[int] = Intake(10)
    intake.put(1)
    idle = asyncio.create_task(intake.idle())
    assert await intake.next_group() == [1]
    await asyncio.sleep(0)
    assert not idle.done(), "what was taken is not done with yet"
    taking = asyncio.create_task(intake.next_group())
    await asyncio.wait_for(idle, 5)
    intake.put(2)
    assert await asyncio.wait_for(taking, 5) == [2]


@pytest.mark.usefixtures("_lingering")
async def test_the_next_group_waits_for_those_who_come_again() -> None:
    intake = await filled(32)
    intake.put(0)
    lingering = asyncio.create_task(intake.linger())
    await asyncio.sleep(0)
    for entry in range(1, 30):
        intake.put(entry)
        await asyncio.sleep(0)
        assert not lingering.done()
    # The one that waited, and most of the others: a few may be slow.
    intake.put(30)
    await asyncio.wait_for(lingering, 5)
    assert len(await intake.next_group()) == 31


async def test_it_does_not_wait_long() -> None:
    intake = await filled(100)
    intake.put(0)
    await asyncio.wait_for(intake.linger(), 5)
    assert await intake.next_group() == [0]


@pytest.mark.usefixtures("_lingering")
async def test_few_are_not_waited_for_and_neither_are_more_than_a_group_holds() -> None:
    for number, waiting in [(SEVERAL - 1, 0), (100, GROUP)]:
        intake = await filled(number)
        for entry in range(waiting):
            intake.put(entry)
        await asyncio.wait_for(intake.linger(), 5)


async def test_what_is_cleared_is_done_with() -> None:
    intake: Intake[int] = Intake(10)
    intake.put(1)
    intake.clear()
    await asyncio.wait_for(intake.idle(), 5)
    assert len(intake) == 0


async def test_a_group_is_done_with_when_its_taker_comes_back() -> None:
    intake: Intake[int] = Intake(10)
    await asyncio.wait_for(intake.done(), 5)
    intake.put(1)
    await intake.next_group()
    done = asyncio.create_task(intake.done())
    await asyncio.sleep(0)
    assert not done.done()
    await intake.linger()
    await asyncio.wait_for(done, 5)
    intake.put(2)
    await intake.next_group()
    intake.clear()
    await asyncio.wait_for(intake.done(), 5)
