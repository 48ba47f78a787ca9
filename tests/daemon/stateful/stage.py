"""A whole daemon on virtual time: its real parts over real SQLite, model gateways, no sockets and no threads."""

from __future__ import annotations

import asyncio
import logging
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from wa_tui.config import Config, GatewayConfig, Healing, Intervals
from wa_tui.daemon.assembly import Daemon
from wa_tui.gateways import GatewayClient
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.facts import QrCode, Webhook
from wa_tui.model.registers import SessionKey
from wa_tui.model.session import Session
from wa_tui.store.files import connect
from wa_tui.store.recovery import open_database
from wa_tui.store.sqlite import SqliteStore
from wa_tui.store.worker import Worker

from .gateway import ModelGateway, Posted
from .virtual import VirtualClock, VirtualLoop

T = TypeVar("T")

GATEWAY = "g"
SYNCS = ("health", "list-sync", "statuses")


class Stage:
    """Model gateways and a daemon; `kill` and `start` may alternate on one database.

    ``gateway`` is the first; all are ``given`` so, which are fields of `ModelGateway`.
    """

    def __init__(
        self,
        *session_ids: str,
        healing: Healing,
        gateways: Sequence[str] = (GATEWAY,),
        given: Mapping[str, Any] | None = None,
    ) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop)
        self.network: list[Posted] = []
        """Webhooks on their way."""
        self.errors: list[str] = []
        self._directory = Path(tempfile.mkdtemp(prefix="wa-", dir="/dev/shm" if _SHM.is_dir() else None))
        self._config = Config(
            gateways=tuple(GatewayConfig(name, "http://model", "key") for name in gateways),
            state_dir=self._directory,
            socket=self._directory / "socket",
            api_key="control",
            intervals=Intervals(),
            healing=healing,
        )
        self._log = _Errors(self.errors)
        logging.getLogger("wa_tui").addHandler(self._log)
        self.gateways = {
            name: ModelGateway(name, self.clock, self.network.append, **(given or {})) for name in gateways
        }
        self.gateway = self.gateways[gateways[0]]
        self.daemon: Daemon
        self._connections: list[sqlite3.Connection] = []
        self.call(self._populate, session_ids)
        self.start()

    def start(self) -> None:
        """Start the daemon, with what it does at its start."""
        self.loop.finish(self._start())
        for name in self.gateways:
            self.run_job("health", name)
            self.run_job("list-sync", name)
            self.run_job("status-checks", name)
        self.run_job("sync-session-status")
        self.loop.forward(1)

    def kill(self) -> None:
        """End the daemon as SIGKILL does: nothing is written any more."""
        for connection in self._connections:
            connection.close()
        self._connections = []
        self.daemon.parts.bus._listeners.clear()
        before = list(self.errors)
        while tasks := asyncio.all_tasks(self.loop) - self._work():
            for task in tasks:
                task.cancel()
            self.loop.settle()
            for task in tasks:
                # A process that is killed says nothing of what it did not do.
                _ = task.done() and not task.cancelled() and task.exception()
        self.errors[:] = before

    def close(self) -> None:
        for task in self._work():
            task.cancel()
        self.kill()
        self.loop.close()
        logging.getLogger("wa_tui").removeHandler(self._log)
        shutil.rmtree(self._directory)

    def sync(self, name: str, gateway: str = GATEWAY) -> None:
        """Begin one of `SYNCS`; that of the statuses is not spread, as when a person asks for it."""
        if name == "statuses":
            self.loop.create_task(self.daemon.parts.reconciler.sync_now(gateway), name=f"sync {name}")
        else:
            self.run_job(name, gateway)

    def run_job(self, name: str, gateway: str = GATEWAY) -> asyncio.Task[str]:
        """Begin a job's run."""
        jobs = self.daemon.parts.schedule._jobs
        job = jobs.get(f"{name}@{gateway}") or jobs[name]
        return self.loop.create_task(cast("Coroutine[Any, Any, str]", job.work()), name=f"job {name}")

    def deliver(self, posted: Posted) -> asyncio.Task[None]:
        """Have a webhook come in now; the task that is returned is done once the daemon has acknowledged it."""
        fact = Webhook(
            gateway=posted.gateway,
            session_id=posted.session_id,
            status=posted.status,
            timestamp=posted.timestamp,
            received=self.clock.now(),
            user_id="1",
            qr=QrCode.of(posted.qr) if posted.qr is not None else None,
            detail=posted.detail,
            hint=self.gateways[posted.gateway].kind is not GatewayKind.CONTRACT,
        )
        acknowledged = self.loop.create_task(self._record(fact))
        self.loop.settle()
        return acknowledged

    def session(self, session_id: str, gateway: str = GATEWAY) -> Session | None:
        return self.daemon.parts.fleet.session(SessionKey(gateway, session_id))

    def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Return what a function gives that needs a running loop."""

        async def work() -> T:
            return function(*arguments)

        return self.loop.finish(work())

    async def _record(self, fact: Webhook) -> None:
        await self.daemon.parts.recorder.record(fact)

    def _populate(self, session_ids: tuple[str, ...]) -> None:
        for gateway in self.gateways.values():
            for session_id in session_ids:
                gateway.connect(session_id)
        self.network.clear()

    def _work(self) -> set[asyncio.Task[None]]:
        """What the gateways do by themselves."""
        return set().union(*(gateway.work for gateway in self.gateways.values()))

    async def _start(self) -> None:
        path, now = self._directory / "wa_tui.db", self.clock.now()
        opened = open_database(path, now)
        self._connections = [opened.connection, connect(path, read_only=True)]
        writer, reader = (cast(Worker, _Inline(each)) for each in self._connections)
        store = SqliteStore(path, opened, writer, reader)
        self.daemon = daemon = Daemon(
            self._config,
            self.clock,
            store,
            opened.loaded,
            read_only=False,
            connect=lambda gateway, _: cast(GatewayClient, self.gateways[gateway.name]),
        )
        dice = random.Random(0)
        for recovery in daemon.parts.healer._gateways.values():
            recovery._dice = dice
        daemon._servers = cast(Any, _Servers())
        daemon.parts.schedule._scheduler = cast(Any, _Scheduler())
        await daemon.start(cast(Any, _Door()))
        await daemon.begin([])


_SHM = Path("/dev/shm")


COMMITTING = 0.001
"""Seconds that the store takes for anything: time enough for something else to come in between."""


class _Inline:
    """A store's worker without its thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        await asyncio.sleep(COMMITTING)
        return function(self._connection)


class _Door:
    """A Unix socket that nobody comes to."""

    socket = None

    def close(self) -> None:
        pass


class _Servers:
    """Servers that nobody calls."""

    async def start(self, app: object, room: object, *listeners: object, tls: object = None) -> None:
        pass

    def notices(self) -> list[str]:
        return []


class _Scheduler:
    """Runs nothing: the test says when jobs run."""

    running = False

    def add_job(self, *_: object, **__: object) -> None:
        pass

    def start(self) -> None:
        pass


class _Errors(logging.Handler):
    """Mistakes of ours that were logged."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        self._errors.append(self.format(record))
