"""Waits for the places where a daemon listens: an outage that ends is not fatal, and it is said while it lasts."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import TypeVar

from wa_tui.config import Config

from ..clock import Clock
from .listening import PlaceTaken, UnixDoor, listen_tcp

log = logging.getLogger("wa_tui.daemon")

T = TypeVar("T")

FIRST_S, LONGEST_S = 0.25, 5.0
"""The pause between two tries, in seconds: doubled from the first up to the longest."""
_SAID_AGAIN_MS = 300_000


class Doors:
    """Opens the sockets of one daemon; a ``recovery`` one waits until it can, or ``stop`` is set.

    One that a monitor started is not patient: somebody looks at its screen, and reads there what is in the way.
    """

    def __init__(self, config: Config, clock: Clock, stop: asyncio.Event, *, recovery: bool) -> None:
        self._config = config
        self._clock = clock
        self._stop = stop
        self._recovery = recovery
        self._said = ("", 0)

    async def unix(self) -> UnixDoor | None:
        """Return the Unix socket, ``None`` when told to stop before. Raises `PlaceTaken`, `ConfigError`."""
        return await self._wait(lambda: UnixDoor(self._config.socket, self._config.socket_group))

    def tcp(self) -> list[socket.socket] | PlaceTaken:
        """Return the TCP sockets, or what is in their way. Raises `ConfigError`, and `PlaceTaken` if not patient."""
        try:
            return listen_tcp(*self._config.listen)
        except PlaceTaken as taken:
            if not self._recovery:
                raise
            return taken

    async def tcp_at_last(self, on_wait: Callable[[PlaceTaken], None]) -> list[socket.socket] | None:
        """Return the TCP sockets, ``None`` when told to stop before; ``tell`` gets what is in their way."""
        return await self._wait(lambda: listen_tcp(*self._config.listen), on_wait)

    async def _wait(
        self, open_: Callable[[], T], on_wait: Callable[[PlaceTaken], None] | None = None
    ) -> T | None:
        pause = FIRST_S
        while not self._stop.is_set():
            try:
                return open_()
            except PlaceTaken as taken:
                if not self._recovery:
                    raise
                self._say(taken)
                if on_wait is not None:
                    on_wait(taken)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)
            pause = min(pause * 2, LONGEST_S)
        return None

    def _say(self, obstacle: PlaceTaken) -> None:
        """Log what is in the way: when it is news, and every five minutes."""
        detail, at = self._said
        now = self._clock.monotonic()
        if detail != obstacle.detail or now - at >= _SAID_AGAIN_MS:
            self._said = (obstacle.detail, now)
            log.warning("Waiting, no job runs: %s; %s", obstacle.detail, obstacle.advice)
