"""What happens to the sessions themselves while a fault lasts: seeded, some of it told to nobody."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from wa_tui.model.registers import SessionKey

from .world import ASKED_FOR, LASTING, STATUS_EVERY, UNPROVING, World

COUNT = 90
REASONS = ("NAVIGATION", "TIMEOUT", "UNLAUNCHED", "Page crashed!", "Session closed")

Happening = Callable[[World, SessionKey, random.Random], Awaitable[object]]


async def _drop(world: World, key: SessionKey, chance: random.Random) -> None:
    await world.fault(*_of("drop", key), reason=chance.choice(REASONS))


async def _blip(world: World, key: SessionKey, chance: random.Random) -> None:
    await world.fault(*_of("drop", key), reason=chance.choice(REASONS), back_after=chance.uniform(0.1, 2))


async def _flap(world: World, key: SessionKey, chance: random.Random) -> None:
    every = chance.uniform(0.2, 0.6)
    if await world.fault(*_of("flap", key), times=3, every=every):
        await asyncio.sleep(3 * every)


async def _die_silently(world: World, key: SessionKey, chance: random.Random) -> None:
    if world.fleet.kinds[key.gateway] not in UNPROVING:
        await world.fault(*_of("drop", key), silent=True)


async def _browser_dies(world: World, key: SessionKey, chance: random.Random) -> None:
    await world.fault(*_of("drop", key), reason="Browser disconnected")


async def _log_out(world: World, key: SessionKey, chance: random.Random) -> None:
    await world.fault(*_of(chance.choice(("logout", "auth_failed")), key))


async def _call_a_person(world: World, key: SessionKey, chance: random.Random) -> None:
    world.lost_causes.add(key)
    await world.fault(*_of(chance.choice(("ban", "conflict")), key))


async def _show_a_code(world: World, key: SessionKey, chance: random.Random) -> None:
    session_id = f"new-{key.gateway}-{chance.randrange(3)}"
    await world.fault(key.gateway, chance.choice(("rotate_qr", "scan")), session_id)


HAPPENINGS: dict[Happening, int] = {
    _drop: 25,
    _blip: 15,
    _flap: 10,
    _die_silently: 20,
    _browser_dies: 10,
    _log_out: 8,
    _call_a_person: 4,
    _show_a_code: 8,
}


async def people(world: World) -> None:
    """Have a person stop and reconnect sessions in the middle of it, until each is done or taken."""
    wishes = [
        (wish, world.free_one(name))
        for name in world.fleet.gateways
        for wish in (world.stop, world.reconnect)
        for _ in range(ASKED_FOR)
    ]

    async def ask(wish: Callable[[SessionKey], Awaitable[None]], key: SessionKey, moment: float) -> None:
        await asyncio.sleep(moment)
        await wish(key)

    moments = [world.chance.uniform(0.2, 0.8) * LASTING for _ in wishes]
    async with asyncio.TaskGroup() as group:
        for moment, (wish, key) in zip(moments, wishes, strict=True):
            group.create_task(ask(wish, key, moment))


async def happen(world: World, seconds: float = LASTING) -> None:
    """Let things happen to the sessions for a while.

    In a short while silent deaths come first: all wait for them, since they take longest to be noticed.
    """
    chance = world.chance
    chosen = chance.choices(list(HAPPENINGS), list(HAPPENINGS.values()), k=COUNT)
    if seconds < STATUS_EVERY:
        chosen.sort(key=lambda each: each is not _die_silently)
    moments = sorted(chance.uniform(0, seconds) for _ in chosen)
    victims = [world.some(chance.choice(world.fleet.gateways), 1)[0] for _ in chosen]
    async with asyncio.TaskGroup() as group:
        for moment, happening, key in zip(moments, chosen, victims, strict=True):
            group.create_task(_at(moment, happening, world, key, random.Random(chance.random())))


async def _at(
    moment: float, happening: Happening, world: World, key: SessionKey, chance: random.Random
) -> None:
    await asyncio.sleep(moment)
    await happening(world, key, chance)


def _of(fault: str, key: SessionKey) -> tuple[str, str, str]:
    return key.gateway, fault, key.session_id
