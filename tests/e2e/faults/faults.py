"""The faults, each beginning and ending by itself: what lasts in between is the scenario's business."""

from __future__ import annotations

import asyncio
import contextlib
from collections import ChainMap
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from .world import DELAY_MAX, LASTING, WHOLE, World

BURST = 10_000 if WHOLE else 4_000
GHOSTS = 4
"""Sessions of each gateway that are ghosts for a while."""
ROUNDS = 2
QUEUED = 10.0
"""Seconds in which all of them are answered."""

Fault = Callable[[World], AbstractAsyncContextManager[None]]


def _on_the_way(**transit: Any) -> Fault:
    """Webhooks suffer something on their way, on every gateway."""

    @asynccontextmanager
    async def fault(world: World) -> AsyncIterator[None]:
        world.delay = max(world.delay, transit.get("delay_max", 0.0))
        world.jumbled |= world.delay > 0 or transit.get("reorder", False)
        await world.everywhere("webhooks", **transit)
        yield
        await world.everywhere("webhooks")

    return fault


def _answering_wrongly(name: str) -> Fault:
    """Two gateways answer wrongly, one after the other."""

    @asynccontextmanager
    async def fault(world: World) -> AsyncIterator[None]:
        first, second = world.chance.sample(world.fleet.gateways, 2)
        await world.fault(first, name)
        async with world.meanwhile(_then(world, first, second, name)):
            yield
        await world.fault(second, name, on=False)

    return fault


async def _then(world: World, first: str, second: str, name: str) -> None:
    await asyncio.sleep(LASTING / 2)
    await world.fault(first, name, on=False)
    await world.fault(second, name)


@asynccontextmanager
async def restarts(world: World) -> AsyncIterator[None]:
    """Two gateways restart, one of them twice."""

    first, second = world.chance.sample(world.fleet.gateways, 2)

    async def restart() -> None:
        await world.fault(first, "restart", downtime=0.5)
        await asyncio.sleep(LASTING * 0.4)
        await world.fault(second, "restart", downtime=1.5)
        await asyncio.sleep(LASTING * 0.4)
        await world.fault(first, "restart", downtime=0.1)

    async with world.meanwhile(restart()):
        yield


@asynccontextmanager
async def hangs(world: World) -> AsyncIterator[None]:
    """A gateway takes requests and answers none; clients of another hang."""
    first, second = world.chance.sample(world.fleet.gateways, 2)
    frozen = [key.session_id for key in world.some(second, 5)]
    await world.fault(first, "hang_gateway")
    for session_id in frozen:
        await world.fault(second, "hang", session_id)
    yield
    for session_id in frozen:
        await world.fault(second, "unhang", session_id)
    await world.fault(first, "unhang_gateway")


@asynccontextmanager
async def clocks(world: World) -> AsyncIterator[None]:
    """Two gateways' clocks step by five minutes, one forward and one back, and stay there."""

    first, second = world.chance.sample(world.fleet.gateways, 2)
    world.jumbled = True

    async def step() -> None:
        await asyncio.sleep(LASTING / 3)
        await world.fault(first, "clock", offset=300)
        await asyncio.sleep(LASTING / 3)
        await world.fault(second, "clock", offset=-300)

    async with world.meanwhile(step()):
        yield


@asynccontextmanager
async def killed(world: World) -> AsyncIterator[None]:
    """The daemon is killed with SIGKILL right after it took a person's wishes, and started again."""

    async def kill() -> None:
        await asyncio.sleep(LASTING / 2)
        wishes = [world.free_one(name) for name in world.fleet.gateways]
        # Its disk may be full.
        await asyncio.gather(*map(world.wish_off, wishes), return_exceptions=True)
        await world.daemon.kill()
        await asyncio.sleep(LASTING / 8)
        world.daemon.launch()
        # Whoever finds a client running that was to be off asks again: see `Watch`.
        await world.daemon.answering()

    async with world.meanwhile(kill()):
        yield


@asynccontextmanager
async def burst(world: World) -> AsyncIterator[None]:
    """Thousands of webhooks at once."""
    world.delay = max(world.delay, QUEUED)

    async def post() -> None:
        await asyncio.sleep(LASTING / 2)
        await world.everywhere("burst", count=BURST / len(world.sims))

    async with world.meanwhile(post()):
        yield


@asynccontextmanager
async def messages_and_ghosts(world: World) -> AsyncIterator[None]:
    """Messages go through all sessions; some of each gateway are ghosts for a while, which say that they are connected.

    Nothing comes in for some of them, and what others send is taken and never acknowledged.
    """
    ghosts = [
        (key, number % 2)
        for name in world.fleet.gateways
        for number, key in enumerate(world.some(name, GHOSTS))
    ]
    for key, is_mute in ghosts:
        await world.fault(key.gateway, "ghost", key.session_id, deaf=not is_mute, mute=bool(is_mute))

    async def converse() -> None:
        for _ in range(ROUNDS):
            for name in world.fleet.gateways:
                for session_id in world.fleet.ids(name):
                    sent, received = world.chance.randrange(3), world.chance.randrange(3)
                    await world.fault(name, "messages", session_id, sent=sent, received=received)
            await asyncio.sleep(LASTING / 2 / ROUNDS)

    async with world.meanwhile(converse()):
        yield
    for key, _ in ghosts:
        await world.fault(key.gateway, "ghost", key.session_id, on=False)


@asynccontextmanager
async def disk_full(world: World) -> AsyncIterator[None]:
    """The daemon's disk is full for a while: webhooks are refused, and nothing that was taken is lost."""
    if not world.on_small_disk:
        pytest.skip("mounting a small file system needs root")
    async with disk_full_where_small(world):
        yield
    refused = [entry for sim in world.sims.values() for entry in await sim.log() if entry["answered"] == 503]
    assert refused, "the disk was full, and no webhook was refused"


@asynccontextmanager
async def disk_full_where_small(world: World) -> AsyncIterator[None]:
    """As `disk_full`, but where no small disk could be mounted nothing happens, and that is noted."""
    if not world.on_small_disk:
        world.notes.append("the disk was not full: mounting a small one needs root")
    async with world.meanwhile(_fill(world)):
        yield


async def _fill(world: World) -> None:
    await asyncio.sleep(LASTING / 10)
    if not world.on_small_disk:
        return
    ballast = world.daemon.state_dir / "ballast"
    try:
        await asyncio.to_thread(_write, ballast)
        # The log has space that it can use again: more than that has to come.
        await world.everywhere("burst", count=BURST / 4)
        await asyncio.sleep(LASTING / 3)
    finally:
        ballast.unlink()


def _write(ballast: Path) -> None:
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


ON_THE_WAY: dict[str, dict[str, Any]] = {
    "webhooks lost": {"loss": 0.2},
    "webhooks duplicated": {"duplicate": 0.5},
    "webhooks delayed": {"delay_max": DELAY_MAX},
    "webhooks reordered": {"reorder": True},
}
ELSEWHERE: dict[str, Fault] = {
    "gateways restart": restarts,
    "a gateway hangs": hangs,
    "gateways answer 500": _answering_wrongly("errors"),
    "gateways answer garbage": _answering_wrongly("garbage"),
    "clocks 5 minutes off": clocks,
    "daemon killed": killed,
    "a burst of webhooks": burst,
}
SLOW = "webhooks delayed by half a minute"
ALONE: dict[str, Fault] = {
    SLOW: _on_the_way(delay_max=30.0),
    "disk full": disk_full,
    **{name: _on_the_way(**transit) for name, transit in ON_THE_WAY.items()},
    **ELSEWHERE,
}
MESSAGES: tuple[Fault, ...] = (
    _on_the_way(duplicate=0.5, delay_max=2.0, reorder=True),
    messages_and_ghosts,
)
TOGETHER: tuple[Fault, ...] = (
    _on_the_way(**dict(ChainMap(*ON_THE_WAY.values()))),
    disk_full_where_small,
    *ELSEWHERE.values(),
)
