"""The monitor that owns a daemon: when it is gone, and nobody else watches, the daemon ends."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable

from .api import Api

log = logging.getLogger("wa_tui.daemon")


class Owner:
    """Watches the pipe whose other end the owner holds: it closes however the owner went."""

    def __init__(self, fd: int | None, api: Api, stop: Callable[[], None]) -> None:
        self._fd = fd
        self._api = api
        self._stop = stop

    def watch(self) -> None:
        """Begin to watch; does nothing for a daemon that nobody owns."""
        if self._fd is None:
            return
        os.set_blocking(self._fd, False)
        asyncio.get_running_loop().add_reader(self._fd, self._readable, self._fd)

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
        if self._api.monitors == 0:
            self._stop()
