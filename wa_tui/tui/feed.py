"""The monitor's view of a daemon, and the pacer that paints its messages a few times a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from wa_tui.client import Disconnected
from wa_tui.client.paging import Pages
from wa_tui.wire import (
    ActionRequest,
    EventView,
    LiveMessage,
    MessageView,
    QrView,
    Receipt,
    SessionView,
    StatusView,
    TrafficSeries,
)

INTERVAL = 0.25
"""Seconds between two frames with data, at least."""


class Daemon(Pages, Protocol):
    """A daemon as the monitor asks it; `wa_tui.client.Client` is one."""

    def follow(self) -> AsyncIterator[LiveMessage | Disconnected]:
        """Everything it sends, reconnecting for ever; a `Disconnected` once per loss."""
        ...

    async def status(self) -> StatusView:
        """The daemon, its gateways and the fleet in numbers. Raises DaemonError."""
        ...

    async def sessions(self, *, history: bool = True) -> list[SessionView]:
        """Every session, with its last 24 h or without. Raises DaemonError."""
        ...

    async def act(self, request: ActionRequest) -> Receipt:
        """Ask for an action. Raises DaemonError, `Refused` among them."""
        ...

    async def receipt(self, id: str, wait: float = 0) -> Receipt:
        """Return an action's receipt, after at most ``wait`` seconds for its end. Raises DaemonError."""
        ...

    async def traffic(self, gateway: str, session_id: str, hours: int = 24) -> TrafficSeries:
        """Return the counts of a session's messages over so many hours. Raises DaemonError."""
        ...

    async def qr(self, gateway: str, session_id: str) -> QrView | None:
        """The session's current code. Raises DaemonError."""
        ...

    async def events(
        self,
        gateway: str | None = None,
        session_id: str | None = None,
        after: int = 0,
        limit: int = 200,
        before: int | None = None,
    ) -> list[EventView]:
        """The newest ``limit`` events between two ids, oldest first. Raises DaemonError."""
        ...

    async def messages(
        self,
        gateway: str | None = None,
        session_id: str | None = None,
        before: str | None = None,
        limit: int = 200,
    ) -> list[MessageView]:
        """The newest ``limit`` messages before an action, newest first. Raises DaemonError."""
        ...

    async def close(self) -> None:
        """Let go of the connection, and of the daemon where it is ours."""
        ...


Connect = Callable[[], Awaitable[Daemon]]
"""Finds or starts the daemon. Raises DaemonError, whose text says what to do next."""


class Pacer:
    """Calls ``paint`` at most every ``interval`` seconds: at once after a pause, else when it is due.

    A terminal that is not ``clear`` of what it was sent is waited for; `resume` says that it may be.
    """

    def __init__(
        self,
        paint: Callable[[], None],
        interval: float = INTERVAL,
        clear: Callable[[], bool] = lambda: True,
    ) -> None:
        self._paint = paint
        self._interval = interval
        self._clear = clear
        self._last = float("-inf")
        self._due: asyncio.TimerHandle | None = None
        self._waits = False

    def touch(self) -> None:
        """Something changed: paint now or soon."""
        if self._due is not None or self._waits:
            return
        loop = asyncio.get_running_loop()
        rest = self._last + self._interval - loop.time()
        if rest <= 0:
            self._fire()
        else:
            self._due = loop.call_later(rest, self._fire)

    def resume(self) -> None:
        """The terminal may be clear now: paint what waited for that."""
        if self._waits:
            self._fire()

    def stop(self) -> None:
        """Forget what is due."""
        self._waits = False
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _fire(self) -> None:
        self._due = None
        self._waits = not self._clear()
        if not self._waits:
            self._last = asyncio.get_running_loop().time()
            self._paint()
