"""A daemon inside the test's own process: real sockets and store, short deadlines, a clock to be put forward."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ParamSpec

import httpx
import uvloop

from tests.simulated import Simulated, simulated
from wa_tui.client import Client, Unix
from wa_tui.config import Config, GatewayConfig, Healing, Intervals
from wa_tui.daemon.assembly import Daemon
from wa_tui.daemon.clock import SystemClock
from wa_tui.daemon.parts import connect
from wa_tui.daemon.process.certificate import server_context
from wa_tui.daemon.process.listening import UnixDoor, listen_tcp
from wa_tui.gateways import Deadlines, GatewayClient, Place
from wa_tui.gateways.contract.client import NodeService
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import SECOND, SessionKey
from wa_tui.model.session import Session
from wa_tui.store import Store, open_store
from wa_tui.wire import ActionRequest, EventView, Receipt, SessionView

from .running import CONTROL_KEY, TESTER, WEBHOOK
from .waiting import free_port, until, webhook

P = ParamSpec("P")

QUIET = 3600.0
"""An interval that never comes round in a test; every job still runs once at the start."""

AILING = Healing(enabled=False)
"""Most tests look at what dropped: nothing brings it back."""

QUICK = Healing(backoff_min=0.1, backoff_max=0.4, breaker_pause=0.4, stuck=1.0)

SHORT = Deadlines(health=0.35, list=0.4, status=0.35, init=0.9, disconnect=0.35, send=0.4)
"""For tests in which something hangs: the others have the usual ones, which no busy machine misses."""

USUAL = Deadlines()


class ShiftedClock(SystemClock):
    """The machine's clocks: put forward together, or the wall clock alone stepped, by as much as a test wants."""

    def __init__(self) -> None:
        self.shift = 0
        self.stepped = 0
        self.slept = 0

    def now(self) -> int:
        return super().now() + self.shift + self.slept + self.stepped

    def monotonic(self) -> int:
        return super().monotonic() + self.shift + self.slept

    def awake(self) -> int:
        return super().monotonic() + self.shift

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.shift += int(seconds * SECOND)

    def step(self, seconds: float) -> None:
        """Set the wall clock forward, or back, as NTP or a person does."""
        self.stepped += int(seconds * SECOND)

    def sleep(self, seconds: float) -> None:
        """Suspend the host: the event loop's timers stand still."""
        self.slept += int(seconds * SECOND)


@dataclass
class Inside:
    """One daemon of this process; `start` and `stop` may alternate on one state directory."""

    config: Config
    deadlines: Deadlines = USUAL
    clock: ShiftedClock = field(default_factory=ShiftedClock)
    clients: dict[str, GatewayClient] = field(default_factory=dict)
    """Gateways' clients to be used in place of the real ones."""
    _running: Daemon | None = None
    _store: Store | None = None

    def __post_init__(self) -> None:
        self.client = Client(Unix(self.config.socket), who=f"{TESTER}@test")

    @property
    def daemon(self) -> Daemon:
        assert self._running is not None, "the daemon does not run"
        return self._running

    async def build(self) -> Daemon:
        """Put the parts together without starting anything."""
        self._store = await open_store(self.config.database, now=self.clock.now())
        loaded = await self._store.load()
        self._running = daemon = Daemon(
            self.config,
            self.clock,
            self._store,
            loaded,
            read_only=self.config.read_only,
            connect=self._connect,
            tls=server_context(self.config),
        )
        return daemon

    def _connect(self, gateway: GatewayConfig, key: str) -> GatewayClient:
        given = self.clients.get(gateway.name)
        if given is None and gateway.kind != GatewayKind.CONTRACT:
            return connect(gateway, key)
        return given or NodeService(Place(gateway.name, gateway.url, key), deadlines=self.deadlines)

    async def start(self) -> Inside:
        """Run the daemon."""
        daemon = await self.build()
        await daemon.start(UnixDoor(self.config.socket, self.config.socket_group))
        await daemon.begin(listen_tcp(*self.config.listen))
        return self

    async def stop(self) -> None:
        """End the daemon in order."""
        if self._running is not None:
            running, self._running = self._running, None
            await running.stop()
        if self._store is not None:
            await self._store.close()
            self._store = None

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def session(self, session_id: str, gateway: str | None = None) -> Session:
        """Return one session as the model has it."""
        found = self.daemon.parts.fleet.session(
            SessionKey(gateway or self.config.gateways[0].name, session_id)
        )
        assert found is not None, f"there is no session {session_id}"
        return found

    def gateway(self, name: str | None = None) -> Gateway:
        """Return one gateway as the model has it."""
        return self.daemon.parts.fleet.gateway(name or self.config.gateways[0].name)

    async def session_until(
        self, session_id: str, true: Callable[[Session], bool], seconds: float = 40.0
    ) -> Session:
        """Return a session as soon as it is as wanted; the gateway is any that has it."""
        fleet = self.daemon.parts.fleet
        seen: list[Session] = []

        async def found() -> Session | None:
            seen[:] = [s for s in fleet.everything() if s.session_id == session_id]
            return next((session for session in seen if true(session)), None)

        return await until(found, seconds, lambda: f"{session_id} is {seen}")

    async def gateway_until(self, true: Callable[[Gateway], bool], name: str | None = None) -> Gateway:
        """Return a gateway as soon as it is as wanted."""

        async def found() -> Gateway | None:
            gateway = self.gateway(name)
            return gateway if true(gateway) else None

        return await until(found, otherwise=lambda: f"it is {self.gateway(name)}")

    async def tell(self, session_id: str, status: str, **fields: Any) -> None:
        """Have a webhook of the first gateway come in."""
        host, port = self.config.listen
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            answer = await client.post(
                f"http://{host}:{port}{WEBHOOK}",
                json=webhook(session_id, status, **fields),
                headers={"x-api-key": self.config.gateways[0].api_key or ""},
            )
            assert answer.status_code == 200, answer.text

    async def view(self, session_id: str) -> SessionView:
        """Return one session as the API shows it."""
        return next(view for view in await self.client.sessions() if view.session_id == session_id)

    async def view_until(
        self, session_id: str, true: Callable[[SessionView], bool], seconds: float = 40.0
    ) -> SessionView:
        """Return a session as the API shows it, as soon as it is as wanted."""
        seen: list[SessionView] = []

        async def found() -> SessionView | None:
            seen[:] = [await self.view(session_id)]
            return seen[0] if true(seen[0]) else None

        return await until(found, seconds, lambda: f"{session_id} is {seen}")

    async def proven(self, *session_ids: str) -> None:
        """Wait until these sessions are connected and proven, and what the daemon does at its start is over."""
        for session_id in session_ids:
            session = await self.session_until(session_id, lambda s: s.proven_at is not None)
            await self.gateway_until(lambda g: g.started_at is not None, session.gateway)
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until every job has run once and no check is under way."""

        async def over() -> bool:
            busy = [
                task
                for task in asyncio.all_tasks()
                if task.get_name().startswith(("check ", "restoring ", "worker "))
            ]
            return not busy and all(job.outcome is not None for job in self.daemon.parts.schedule.views())

        await until(over)

    async def ask(self, action: str, session_id: str | None = None, **fields: Any) -> Receipt:
        """Ask for an action and return its first receipt."""
        request = ActionRequest(action=action, session_id=session_id, **fields)  # type: ignore[arg-type]
        return await self.client.act(request)

    async def done(self, action: str, session_id: str | None = None, **fields: Any) -> Receipt:
        """Ask for an action and return its last receipt."""
        return await self.ended(await self.ask(action, session_id, **fields))

    async def ended(self, receipt: Receipt, seconds: float = 40.0) -> Receipt:
        """Return an action's last receipt."""
        receipt = await self.client.receipt(receipt.id, wait=seconds)
        assert receipt.ended, f"not over after {seconds:g} s: {receipt}"
        return receipt

    async def events(self, kind: str | None = None, session_id: str | None = None) -> list[EventView]:
        """Return the stored events of a kind, oldest first."""
        events = await self.client.events(session_id=session_id, limit=5000)
        return [event for event in events if kind in (None, event.kind)]


@contextlib.asynccontextmanager
async def inside(
    *gateways: Simulated | GatewayConfig,
    port: int | None = None,
    start: bool = True,
    clients: dict[str, GatewayClient] | None = None,
    deadlines: Deadlines = USUAL,
    intervals: dict[str, float] | None = None,
    healing: Healing = AILING,
    **settings: Any,
) -> AsyncIterator[Inside]:
    """Run a daemon on these gateways; `intervals` and `settings` are fields of the configuration."""
    state_dir = Path(tempfile.mkdtemp(prefix="wa-"))
    quick = {"health": 0.15, "list_sync": 0.2, "status_sync": QUIET, "qr_expiry": 0.2, "restore_grace": 0.5}
    config = Config(
        gateways=tuple(each if isinstance(each, GatewayConfig) else configured(each) for each in gateways),
        state_dir=state_dir,
        socket=state_dir / "wa_tui.sock",
        listen=("127.0.0.1", port or free_port()),
        api_key=CONTROL_KEY,
        intervals=replace(Intervals(**quick), **(intervals or {})),
        healing=healing,
        **settings,
    )
    daemon = Inside(config, deadlines, clients=clients or {})
    logging.getLogger("wa_tui").setLevel(logging.INFO)
    try:
        if start:
            await daemon.start()
        yield daemon
    finally:
        await daemon.client.close()
        await daemon.stop()
        shutil.rmtree(state_dir, ignore_errors=True)


@contextlib.asynccontextmanager
async def world(
    sessions: int = 0,
    *,
    start: bool = True,
    intervals: dict[str, float] | None = None,
    settings: dict[str, Any] | None = None,
    healing: Healing = AILING,
    deadlines: Deadlines = USUAL,
    **options: Any,
) -> AsyncIterator[tuple[Simulated, Inside]]:
    """Run one simulated gateway, up for long, and a daemon that knows it; `options` are the simulator's."""
    port = free_port()
    options = {"uptime_seconds": 1000.0, "restore_delay_seconds": QUIET} | options
    control_plane = f"http://127.0.0.1:{port}"
    given: dict[str, Any] = {"start": start, "intervals": intervals, "deadlines": deadlines}
    given |= {"healing": healing} | (settings or {})
    async with (
        simulated(sessions=sessions, control_plane=control_plane, **options) as sim,
        inside(sim, port=port, **given) as daemon,
    ):
        yield sim, daemon


def on_uvloop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test on the loop that daemons have."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(test(*args, **kwargs))

    return run


def configured(sim: Simulated, **fields: Any) -> GatewayConfig:
    """Return a simulated gateway as a configuration has it."""
    given = GatewayConfig(name=sim.name, url=sim.url, api_key=sim.api_key, kind=sim.kind)
    return replace(given, **fields)


def nth(number: int, gateway: str = "default") -> str:
    """Return the id of one of a simulated gateway's first ten sessions."""
    return f"user_1_instance_{gateway}-{number}"


def sockets() -> int:
    """Return how many sockets this process has."""
    found = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found += str(descriptor.readlink()).startswith("socket:")
    return found


def is_told(view: SessionView, detail: str) -> bool:
    """Tell whether what a session needs a person for has these words."""
    return view.attention is not None and detail in view.attention.text
