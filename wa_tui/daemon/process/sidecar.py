"""A program that runs beside the daemon and ends with it: the bundled Node service, where it is wanted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger("wa_tui.daemon")


class Sidecar(Protocol):
    """Keeps a program running; `wa_tui.node.supervising.Supervisor` does."""

    @property
    def gateway(self) -> str:
        """The gateway that the program serves, by its name in the configuration."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why it does not run at the moment, in a sentence."""
        ...

    async def run(self, on_line: Callable[[str], None]) -> None:
        """Run it until cancelled, and end it then; ``tell`` gets what it says, line by line."""
        ...


class Company:
    """What runs beside the daemon, or nothing."""

    def __init__(self, sidecar: Sidecar | None) -> None:
        self._sidecar = sidecar
        self._task: asyncio.Task[None] | None = None

    @property
    def there(self) -> bool:
        """Whether the daemon has one."""
        return self._sidecar is not None

    @property
    def trouble(self) -> str | None:
        """Why it does not run at the moment, in a sentence; ``None`` while all is well."""
        return self._sidecar.trouble if self._sidecar is not None else None

    def start(self, on_line: Callable[[str, str], None]) -> None:
        """Have it run; ``tell`` gets what it says and its gateway."""
        if self._sidecar is not None:
            gateway = self._sidecar.gateway
            running = self._sidecar.run(lambda line: on_line(line, gateway))
            self._task = asyncio.create_task(running, name="sidecar")
            self._task.add_done_callback(_ended)

    def dismiss(self) -> None:
        """Ask it to end, without waiting."""
        if self._task is not None:
            self._task.cancel()

    async def gone(self) -> None:
        """Wait until it has ended."""
        if self._task is not None:
            await asyncio.wait({self._task})


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("What ran beside the daemon is no longer kept running", exc_info=error)
