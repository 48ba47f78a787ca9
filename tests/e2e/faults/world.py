"""300 sessions on simulated gateways of one kind or of all, a daemon of its own process, and the clocks of both."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx

from tests.daemon.running import RunningDaemon
from tests.effort import effort
from tests.simulated import Simulated, simulated_fleet
from wa_tui.client import DaemonError
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.registers import SessionKey
from wa_tui.simulator.faces import FACES
from wa_tui.wire import ActionRequest, SessionView

from . import impatient
from .disk import small_disk

STOPPED = 3
"""Sessions of each gateway that a person disconnects before anything happens."""
ASKED_FOR = 2
"""Sessions of each gateway that a person disconnects, and as many that one reconnects, while things happen."""
UNPAIRED = 3
"""Sessions of each gateway that show a QR code and were never paired."""

UNPROVING = frozenset({GatewayKind.EVOLUTION, GatewayKind.OPENWA, GatewayKind.WAHA})
"""Kinds that repeat what they believe: nobody can learn from them that a client died in silence."""


@dataclass(frozen=True)
class Fleet:
    """The gateways by name, with their kinds, and how many connected sessions each begins with."""

    kinds: Mapping[str, GatewayKind]
    each: int

    @property
    def gateways(self) -> list[str]:
        """Their names."""
        return [*self.kinds]

    def ids(self, gateway: str) -> list[str]:
        """Return what the connected sessions are called; on the contract, which asks whose one is, so that it tells."""
        if self.kinds[gateway] is GatewayKind.CONTRACT:
            return [f"user_{number // 10 + 1}_instance_{gateway}-{number}" for number in range(self.each)]
        return [f"{gateway}-s{number}" for number in range(self.each)]


CONTRACTS = Fleet(dict.fromkeys(("eu-1", "eu-2", "us-1"), GatewayKind.CONTRACT), 100)
SCALE = effort("WA_TUI_FAULT_SCALE", sample=0.2, full=1.0)
"""1 takes the real numbers: webhooks delayed up to 30 s, faults that last 20 s."""

WHOLE = SCALE >= 1

MIXED = Fleet(
    {
        "eu-1": GatewayKind.CONTRACT,
        "eu-2": GatewayKind.CONTRACT,
        **{str(kind): kind for kind in FACES if kind is not GatewayKind.CONTRACT},
    },
    50 if WHOLE else 25,
)

DELAY_MAX = 30.0 * SCALE
LASTING = 20.0 * SCALE
"""Seconds that a fault lasts, and in which things happen to the sessions."""

LIST_EVERY, STATUS_EVERY = 2.0, 10.0 if WHOLE else 5.0
_DEADLINE = 10.0
"""The daemon's own for one status check."""
_SLACK = 1.5
"""Seconds that a busy machine may add, jitter included."""

TRIED_FOR = LASTING + 120.0
"""Seconds in which a person's wish is fulfilled, whatever happens meanwhile."""

WITHIN_LISTS = 2 * LIST_EVERY + _SLACK
WITHIN_STATUS = STATUS_EVERY + _DEADLINE + _SLACK

_DAEMON: dict[str, Any] = {
    "WA_TUI_HEALTH_INTERVAL": "1",
    "WA_TUI_LIST_SYNC_INTERVAL": f"{LIST_EVERY:g}",
    "WA_TUI_STATUS_SYNC_INTERVAL": f"{STATUS_EVERY:g}",
    "WA_TUI_RESTORE_GRACE_INTERVAL": "2",
    "WA_TUI_HEALING_BACKOFF_MIN": "0.2",
    "WA_TUI_HEALING_BACKOFF_MAX": "2",
    "WA_TUI_HEALING_ATTEMPTS_PER_HOUR": "50",
    "WA_TUI_HEALING_FLAPPING_DROPS": "8",
    "WA_TUI_HEALING_FLAPPING_WINDOW": "10",
    "WA_TUI_HEALING_BREAKER_PAUSE": "1",
    "WA_TUI_HEALING_STUCK": "5",
}
_SIMULATOR = {
    "start_seconds": 0.05,
    "poll_seconds": 0.1,
    "restore_delay_seconds": 0.3,
    "uptime_seconds": 86_400.0,
    "starts_at_once": 4,
    # Those messages alone that a fault has go through.
    "traffic": 0,
    "ack_seconds": 0.05,
    "traffic_interval_seconds": 1.0,
}


@dataclass
class World:
    """The gateways, the daemon, and what was done to them; ``chance`` is seeded."""

    seed: int
    fleet: Fleet
    sims: dict[str, Simulated]
    daemon: RunningDaemon
    wished_off: dict[SessionKey, int] = field(default_factory=dict)
    """Sessions that a person wants to be off, and the number of their gateway's last log entry when that was taken."""
    stopped: dict[SessionKey, int] = field(default_factory=dict)
    """Those of them that were off before anything happened, and the number of the last entry then."""
    reconnected: set[SessionKey] = field(default_factory=set)
    """Sessions that a person reconnected, whatever was the matter with them."""
    on_small_disk: bool = False
    lost_causes: set[SessionKey] = field(default_factory=set)
    """Sessions that need a person although their credentials are stored: banned, or opened elsewhere."""
    delay: float = 0.0
    """How long webhooks may be on their way, in seconds."""
    jumbled: bool = False
    """Webhooks may have come in in another order than they were sent, or with times of another clock."""
    busy: float = 0.0
    """The longest that this process waited for its turn on the machine, in seconds."""
    notes: list[str] = field(default_factory=list)
    """What could not be done here."""
    _asked_for: set[SessionKey] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    async def truths(self) -> dict[SessionKey, dict[str, Any]]:
        """Return what every session really is, as its own gateway knows it."""
        found = await asyncio.gather(*(sim.truth() for sim in self.sims.values()))
        return {
            SessionKey(name, session_id): row
            for name, rows in zip(self.sims, found, strict=True)
            for session_id, row in rows.items()
        }

    async def fault(self, gateway: str, name: str, session_id: str | None = None, **params: Any) -> bool:
        """Bring about a fault; ``False`` where the session has no client just now, or shows no QR code."""
        try:
            await self.sims[gateway].fault(name, session_id, **params)
        except httpx.HTTPStatusError as error:
            if error.response.status_code not in (404, 409):
                raise
            return False
        return True

    async def everywhere(self, name: str, **params: Any) -> None:
        """Bring about a fault of every gateway."""
        await asyncio.gather(*(self.fault(gateway, name, **params) for gateway in self.sims))

    async def delivered(self) -> None:
        """Wait until no webhook is on its way any more."""
        deadline = time.monotonic() + self.delay + 20
        while waiting := sum(await asyncio.gather(*(sim.in_transit() for sim in self.sims.values()))):
            assert time.monotonic() < deadline, f"{waiting} webhooks are still on their way"
            await asyncio.sleep(0.05)

    async def wish_off(self, key: SessionKey) -> str:
        """Have a person disconnect a session, and return the id of the action once it is taken."""
        stoppable = self.fleet.kinds[key.gateway] is not GatewayKind.EVOLUTION
        action: Literal["disconnect", "logout"] = "disconnect" if stoppable else "logout"
        request = ActionRequest(action=action, gateway=key.gateway, session_id=key.session_id, force=True)
        receipt = await self.daemon.client.act(request)
        self.wished_off.setdefault(key, await self._last_entry(key))
        return receipt.id

    async def stop(self, key: SessionKey) -> None:
        """Disconnect a session as a person does, again and again until that is proven."""
        deadline = time.monotonic() + TRIED_FOR
        while True:
            outcome: object = None
            with contextlib.suppress(DaemonError):
                receipt = await self.daemon.client.receipt(await self.wish_off(key), wait=15)
                outcome = receipt
                if receipt.outcome == "verified" or (
                    receipt.action == "logout" and (await self.truths())[key]["status"] != "connected"
                ):
                    return  # what is not connected cannot be unlinked there
            assert time.monotonic() < deadline, f"{key} is not off: {outcome}"
            await asyncio.sleep(0.5)

    async def stop_for_good(self, key: SessionKey) -> None:
        """Disconnect a session before anything happens: nothing has a reason to start it."""
        await self.stop(key)
        self.stopped[key] = await self._last_entry(key)

    async def reconnect(self, key: SessionKey) -> None:
        """Reconnect a session as a person does, who asks again only where nobody took it."""
        self.reconnected.add(key)
        request = ActionRequest(
            action="reconnect", gateway=key.gateway, session_id=key.session_id, force=True
        )
        deadline = time.monotonic() + TRIED_FOR
        while True:
            with contextlib.suppress(DaemonError):
                await self.daemon.client.act(request)
                return
            assert time.monotonic() < deadline, f"nobody took that {key} is to be reconnected"
            await asyncio.sleep(0.5)

    async def _last_entry(self, key: SessionKey) -> int:
        return int((await self.sims[key.gateway].log())[-1]["n"])

    async def feel_how_busy(self) -> None:
        """Note how late a timer is, for ever."""
        while True:
            due = time.monotonic() + 0.05
            await asyncio.sleep(0.05)
            self.busy = max(self.busy, time.monotonic() - due)

    @contextlib.asynccontextmanager
    async def meanwhile(self, work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
        """Run something beside the body, and to its end."""
        task = asyncio.ensure_future(work)
        try:
            yield
            await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until the daemon has proven every session that is connected."""
        deadline = time.monotonic() + 30
        while True:
            views = await self.daemon.client.sessions()
            open_ = [v for v in views if v.status != "qr_pending" and not self._is_well(v)]
            expected = len(self.fleet.kinds) * (self.fleet.each + UNPAIRED)
            if len(views) == expected and not open_:
                return
            assert time.monotonic() < deadline, f"{len(views)} sessions, unproven: {open_[:5]}"
            await asyncio.sleep(0.1)

    def _is_well(self, view: SessionView) -> bool:
        claims = self.fleet.kinds[view.gateway] in (GatewayKind.EVOLUTION, GatewayKind.OPENWA)
        return view.status == "connected" if claims else view.proven_at is not None

    def free_one(self, gateway: str) -> SessionKey:
        """Return a session of a gateway of which no person has wanted anything yet."""
        key = next(key for key in self.some(gateway, self.fleet.each) if key not in self._asked_for)
        self._asked_for.add(key)
        return key

    def some(self, gateway: str, count: int) -> list[SessionKey]:
        """Return some of a gateway's sessions that were connected at the start."""
        ids = self.chance.sample(self.fleet.ids(gateway), count)
        return [SessionKey(gateway, session_id) for session_id in ids]


@contextlib.asynccontextmanager
async def world(seed: int, fleet: Fleet = CONTRACTS, *, grace: float | None = None) -> AsyncIterator[World]:
    """Run the gateways and a daemon that has proven their sessions; a person has stopped some of them.

    ``grace``: how long the daemon waits for a webhook before it calls it missing, if not as shipped, in seconds.
    """
    directory = Path(tempfile.mkdtemp(prefix="wa-"))
    try:
        with small_disk(directory) as small:
            daemon = RunningDaemon(directory)
            if grace is not None:
                daemon.module = "tests.e2e.faults.impatient"
                daemon.environ[impatient.GRACE] = f"{grace:g}"
            try:
                async with _gateways(seed, fleet, daemon.url) as sims:
                    await daemon.start(*sims, **_DAEMON)
                    made = World(seed, fleet, {sim.name: sim for sim in sims}, daemon, on_small_disk=small)
                    await made.settled()
                    await asyncio.gather(
                        *(
                            made.stop_for_good(made.free_one(name))
                            for name in fleet.gateways
                            for _ in range(STOPPED)
                        )
                    )
                    feeling = asyncio.create_task(made.feel_how_busy())
                    yield made
                    feeling.cancel()
            finally:
                await daemon.close()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.asynccontextmanager
async def _gateways(seed: int, fleet: Fleet, control_plane: str) -> AsyncIterator[list[Simulated]]:
    keys = {f"{name}:kind={kind}": f"key-of-{name}" for name, kind in fleet.kinds.items()}
    options = _SIMULATOR | {"seed": seed, "control_plane": control_plane}
    async with simulated_fleet(keys, **options) as sims:
        for sim in sims:
            rows = [{"sessionId": f"new-{sim.name}-{n}", "credentials": False} for n in range(UNPAIRED)]
            await sim.add(sessions=rows, status="qr_pending")
            await sim.add(sessions=[{"sessionId": each, "userId": 1} for each in fleet.ids(sim.name)])
        yield sims
