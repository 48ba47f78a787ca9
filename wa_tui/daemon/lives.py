"""One daemon after the other in one process: on a store that cannot be opened yet, then on the one that can.

The first answers with what can be read, and webhooks with 503; once the store may be opened, it ends in order and the
next one begins as after any start. They share the listening socket: a client that connects meanwhile waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import threading
from functools import partial

from wa_tui.config import Config
from wa_tui.store import Store, StoreError, WaitingStore, open_or_wait
from wa_tui.system import garbage

from .assembly import Daemon
from .background import Background
from .clock import SystemClock
from .owner import Owner
from .process.certificate import server_context
from .process.doors import Doors
from .process.listening import PlaceTaken
from .process.sidecar import Sidecar
from .process.systemd import Systemd

Found = list[socket.socket] | PlaceTaken
"""The TCP sockets, or what is in their way."""

log = logging.getLogger("wa_tui.daemon")

DONE, FAILED = 0, 1

LONGEST_END = 60.0
"""Seconds that an orderly end may take: a disk that hangs must not outlive the supervisor that ends us."""

COLLECTED = (20_000, 20, 100)
"""How many more objects there are when the collector looks through the young ones, the older and the old."""

TRIED_EVERY, LONGEST_WAIT = 2.0, 30.0
"""Seconds after which a store that could not be opened is looked at again; twice as many after each failure."""


class Lives:
    """Runs daemons until a signal, or until the owner is gone; see `wa_tui.daemon.main.run`."""

    def __init__(
        self, config: Config, owner_fd: int | None, read_only: bool, sidecar: Sidecar | None
    ) -> None:
        self._config = config
        self._clock = SystemClock()
        self._tls = server_context(config)
        self._owner_fd = owner_fd
        self._read_only = read_only or config.read_only
        self._sidecar = sidecar
        self._stop = asyncio.Event()
        self._doors = Doors(config, self._clock, self._stop, recovery=owner_fd is None)
        self._found: Found = []
        self._wait = TRIED_EVERY
        self._current: Daemon | None = None
        self._systemd = Systemd.of(os.environ)
        self._beating = Background("systemd", partial(self._systemd.beat, self._standing))

    async def run(self) -> int:
        """Return the exit code. Raises `PlaceTaken`, `ConfigError`, `StoreError`."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._stop.set)
        ended = asyncio.create_task(self._stop.wait())
        self._beating.start()
        # Before anything is served: who finds us on the one socket finds us on the other.
        self._found = self._doors.tcp()
        code = None
        try:
            while code is None:
                code = await self._live(ended)
            return code
        finally:
            ended.cancel()
            await self._beating.stop()
            self._shut()

    async def _standing(self) -> str:
        """Return how the daemon stands, in a line."""
        return "opening the store" if self._current is None else await self._current.standing()

    def _shut(self) -> None:
        """Listen no more: there is no next one."""
        for listener in self._found if isinstance(self._found, list) else []:
            listener.close()

    async def _live(self, ended: asyncio.Task[bool]) -> int | None:
        """Run a daemon; returns the exit code, ``None`` if the next one is to begin."""
        self._current = None
        async with contextlib.AsyncExitStack() as stack:
            if (unix := await self._doors.unix()) is None:
                return DONE
            stack.callback(unix.close)
            if (store := await self._opened(ended)) is None:
                return DONE
            stack.push_async_callback(store.close)
            daemon = await self._daemon(store)
            owner = Owner(self._owner_fd, daemon.api, self._stop.set)
            if isinstance(self._found, PlaceTaken):
                daemon.wait_for(self._found)
            self._current = daemon
            starting = asyncio.create_task(daemon.start(unix))
            await asyncio.wait({ended, starting}, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                starting.cancel()
                return DONE
            writer = await starting
            # What is there now stays: the collector would go through all of it again every few thousand webhooks.
            garbage.freeze(generations=COLLECTED)
            if isinstance(self._found, PlaceTaken):
                self._found = await self._doors.tcp_at_last(daemon.wait_for) or self._found
            if isinstance(self._found, list):
                # The next one listens on too.
                await daemon.begin([listener.dup() for listener in self._found])
                self._systemd.say("READY=1")
            owner.watch()
            stack.callback(owner.leave)
            return await self._until_over(daemon, store, ended, writer)

    async def _opened(self, ended: asyncio.Task[bool]) -> Store | WaitingStore | None:
        """Return the store, ``None`` if we were to end before it was open: reading it may take long."""
        halt = threading.Event()
        opening = asyncio.create_task(open_or_wait(self._config.database, now=self._clock.now(), halt=halt))
        await asyncio.wait({ended, opening}, return_when=asyncio.FIRST_COMPLETED)
        if opening.done():
            return await opening
        halt.set()
        with contextlib.suppress(StoreError):
            await (await opening).close()
        return None

    async def _daemon(self, store: Store | WaitingStore) -> Daemon:
        # What runs beside us needs the disk as we do.
        sidecar = None if isinstance(store, WaitingStore) else self._sidecar
        loaded = await store.load()
        return Daemon(
            self._config,
            self._clock,
            store,
            loaded,
            read_only=self._read_only,
            sidecar=sidecar,
            tls=self._tls,
        )

    async def _until_over(
        self,
        daemon: Daemon,
        store: Store | WaitingStore,
        ended: asyncio.Task[bool],
        writer: asyncio.Task[None],
    ) -> int | None:
        """Wait for the end, for the end of the recorder, or until the store may be opened; then end in order."""
        openable = None
        if isinstance(store, WaitingStore):
            openable = asyncio.create_task(store.openable(self._wait))
            self._wait = min(2 * self._wait, LONGEST_WAIT)
        over = {ended, writer} | ({openable} if openable is not None else set())
        await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
        crashed = writer.done() and not ended.done()
        if openable is not None:
            if openable.done() and not ended.done() and not crashed:
                log.info("The store may be opened now: starting anew")
                await daemon.stop()
                return None
            openable.cancel()
        log.info("Stopping")
        self._systemd.say("STOPPING=1")
        self._shut()
        _end_anyway()
        await daemon.stop()
        return FAILED if crashed else DONE


def _end_anyway() -> None:
    """End the process in a while, whatever an orderly end then waits for: what was acknowledged is stored."""
    timer = threading.Timer(LONGEST_END, os._exit, (FAILED,))
    timer.daemon = True
    timer.start()
