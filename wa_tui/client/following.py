"""The live feed for ever: reconnecting, with back-off."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable

from msgspec import Struct

from wa_tui import wire

from .cursor import Cursor, Trail
from .errors import DaemonError, DaemonGone

FIRST_DELAY_S = 0.2
LAST_DELAY_S = 3.0


class Disconnected(Struct, frozen=True):
    """The feed was lost, or could not be had; ``reason`` is for a person, ``error`` tells which kind."""

    reason: str
    error: DaemonError


async def follow(
    connect: Callable[[Cursor | None], AsyncGenerator[wire.LiveMessage, None]],
    revive: Callable[[], Awaitable[None]] | None = None,
) -> AsyncGenerator[wire.LiveMessage | Disconnected, None]:
    """Yield the messages of one connection after the other: each goes on where the last one ended, if that is known.

    What a daemon cannot go on from it answers with a `Snapshot`.

    `Disconnected` comes once per loss, and again only when the kind of error changes while it lasts. ``revive`` is
    called before each attempt to reconnect.
    """
    delay = FIRST_DELAY_S
    trail = Trail()
    reported: tuple[type[DaemonError], bool] | None = None
    while True:
        try:
            # Not before the first attempt: `find_or_start` has just found the daemon there, or started it.
            if revive is not None and reported is not None:
                await revive()
            async with contextlib.aclosing(connect(trail.cursor)) as messages:
                async for message in messages:
                    delay, reported = FIRST_DELAY_S, None
                    yield trail.note(message)
        except DaemonError as error:
            kind = (type(error), isinstance(error, DaemonGone) and bool(error.log))
            if reported != kind:
                reported = kind
                yield Disconnected(str(error), error)
        await asyncio.sleep(delay)
        delay = min(delay * 2, LAST_DELAY_S)
