"""The monitor that owns a daemon: when it is gone, and nobody else watches, the daemon ends."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable

from .serving.api import Api

log = logging.getLogger("wa_tui.daemon")

GRACE_S = 2.0
"""Seconds without a monitor or a request before the end: somebody may have found us and not asked yet."""


class Owner:
    """Watches the pipe whose other end the owner holds: it closes however the owner went."""

    def __init__(self, fd: int | None, api: Api, stop: Callable[[], None]) -> None:
        self._fd = fd
        self._api = api
        self._stop = stop

        self._ending: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Begin to watch; does nothing for a daemon that nobody owns."""
        if self._fd is None:
            return
        os.set_blocking(self._fd, False)
        asyncio.get_running_loop().add_reader(self._fd, self._readable, self._fd)

    def leave(self) -> None:
        """Watch no more."""
        if self._fd is not None:
            asyncio.get_running_loop().remove_reader(self._fd)
        if self._ending is not None:
            self._ending.cancel()

    def _readable(self, fd: int) -> None:
        try:
            if os.read(fd, 512):
                return
        except BlockingIOError:
            return
        asyncio.get_running_loop().remove_reader(fd)
        self._api.on_left = self._left
        log.info("The owning monitor is gone")
        self._left()

    def _left(self) -> None:
        """Look again after a while, counted anew from each leaving and from the last request."""
        if self._ending is not None:
            self._ending.cancel()
        self._look_in(GRACE_S)

    def _look_in(self, seconds: float) -> None:
        self._ending = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        if self._api.monitors:
            return
        quiet = time.monotonic() - self._api.asked_at
        if quiet >= GRACE_S:
            self._stop()
        else:
            self._look_in(GRACE_S - quiet)
