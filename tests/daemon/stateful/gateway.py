"""A gateway as a model: it keeps the contract, its answers can be held back, its webhooks are in the test's hands.

With another kind, other capabilities and another recipe it is as gateways of that kind are.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from wa_tui.daemon.clock import Clock
from wa_tui.gateways import (
    Capability,
    ClientStatus,
    Health,
    Listed,
    NoAnswer,
    RefusalCause,
    Refused,
    Sent,
    Started,
    Step,
    Unreachable,
)
from wa_tui.gateways.backend import Incapable
from wa_tui.gateways.errors import Call
from wa_tui.gateways.protocol import Listing
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.facts import UserId
from wa_tui.model.reasons import classify
from wa_tui.model.registers import DOWN, SECOND, Proof, Reason, Status

DEADLINE = 10.0
LATENCY = 0.002
"""Seconds that every answer takes: were it none, what is checked again at once would be checked for ever."""

DESTROYING = 0.15
PHONE = "15550001234"
ENDS = {"logout": "LOGOUT", "ban": "TOS_BLOCK", "conflict": "CONFLICT"}


@dataclass(frozen=True)
class Posted:
    """A webhook on its way, with its timestamp by the gateway's clock, and when it left by ours."""

    gateway: str
    session_id: str
    status: Status
    timestamp: int
    left: int
    detail: str | None = None
    qr: str | None = None


@dataclass
class Client:
    """What a client is, and what its gateway says it is."""

    truth: Status
    claim: Status
    qr: str | None = None
    reason: Reason | None = None
    """Why it is down, which checks of other kinds tell."""


CAPABILITIES = frozenset(
    {
        Capability.LIST_STATUS,
        Capability.STOP,
        Capability.UPTIME,
        Capability.SELF_RESTORE,
        Capability.SEND_MEDIA,
    }
)


@dataclass
class ModelGateway(Incapable):
    """`GatewayClient` over a dictionary of clients; ``posted`` takes its webhooks."""

    name: str
    clock: Clock
    posted: Callable[[Posted], None]
    url: str = "http://model"
    kind: GatewayKind = GatewayKind.CONTRACT
    needs_user: bool = True
    capabilities: frozenset[Capability] = CAPABILITIES
    proof: Proof = Proof.CLIENT
    steps: Callable[[Status, Reason | None, bool], tuple[Step, ...]] | None = None
    """Its recipe, where that is not the contract's."""
    limit: int | None = None
    answers_at_once: bool = False
    """A start is answered before the client is up."""
    clients: dict[str, Client] = field(default_factory=dict)
    credentials: set[str] = field(default_factory=set)
    banned: set[str] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)
    """Names that its list had, where it forgets none."""
    offset: int = 0
    down: bool = False
    start_takes: float = 1.0
    looks_every: float = 1.0
    """Seconds between two looks of a start that waits for its client."""
    changing: Counter[str] = field(default_factory=Counter)
    """Changes of each session that the daemon has under way now."""
    changes: list[tuple[str, str]] = field(default_factory=list)
    """What it was asked to change, in order: a verb and a session."""
    asked: Callable[[str, str], None] = lambda verb, session_id: None
    """Told of each change as it arrives."""
    decoration: dict[str, int] = field(default_factory=dict)
    unreadable_rows: int = 0
    proofs: set[tuple[str, int]] = field(default_factory=set)
    """When it answered that a session is connected."""

    checks: list[str] = field(default_factory=list)
    """The sessions that it was asked the status of, in order."""
    sent: list[str] = field(default_factory=list)
    """The sessions that it sent through, in order."""
    why: Reason | None = None
    """Why a client that it has is down, where its check tells."""

    def __post_init__(self) -> None:
        self.started_at = self.clock.now() - 3600 * SECOND
        self._codes = itertools.count(1)
        self._starting: dict[str, asyncio.Task[None]] = {}
        self.work: set[asyncio.Task[None]] = set()
        """What it does by itself, whoever asked for it."""
        self._answering = asyncio.Event()
        self._answering.set()

    # What happens to it, whoever asks.

    def connect(self, session_id: str) -> None:
        self._be(session_id, Status.CONNECTED)
        self.credentials.add(session_id)
        self.banned.discard(session_id)
        self._post(session_id)

    def show_code(self, session_id: str) -> None:
        client = self._be(session_id, Status.QR_PENDING)
        client.qr = f"2@{next(self._codes)}"
        self.credentials.discard(session_id)
        self._post(session_id, qr=client.qr)

    def drop(self, session_id: str, detail: str = "NAVIGATION") -> None:
        self._be(session_id, Status.DISCONNECTED)
        self._post(session_id, detail)

    def die_silently(self, session_id: str) -> None:
        client = self._be(session_id, Status.DISCONNECTED)
        client.claim = Status.CONNECTED

    def fail(self, session_id: str) -> None:
        self._be(session_id, Status.AUTH_FAILED)
        self.credentials.discard(session_id)
        self._post(session_id, "Authentication failure")

    def end(self, session_id: str, how: str) -> None:
        """Log out, ban, or conflict."""
        if how == "logout":
            self.credentials.discard(session_id)
        elif how == "ban":
            self.banned.add(session_id)
        self.drop(session_id, ENDS[how])
        self.clients[session_id].reason = None if self.kind is GatewayKind.CONTRACT else classify(ENDS[how])

    def vanish(self, session_id: str) -> None:
        """Lose a client without a word."""
        self._stop(session_id)
        self.clients.pop(session_id, None)

    def restart_service(self) -> None:
        """Lose every client and begin anew."""
        for session_id in list(self.clients):
            self.vanish(session_id)
        self.started_at = self.clock.now()

    def hold(self) -> None:
        """Answer nothing from now on: what is asked is looked up at once, and told at `release`."""
        self._answering.clear()

    def release(self) -> None:
        self._answering.set()

    # What the daemon asks of it.

    async def health(self) -> Health:
        await self._reach("GET", "/health")
        now = self.clock.now()
        tells = Capability.UPTIME in self.capabilities
        return Health(uptime_ms=now - self.started_at if tells else None, timestamp_ms=now + self.offset)

    async def list(self) -> list[Listed]:
        call = await self._reach("GET", "/api/session/list")
        rows = self._rows()
        await self._answer(call)
        return rows

    async def status(self, session_id: str) -> ClientStatus:
        call = await self._reach("GET", f"/api/session/status/{session_id}", session_id)
        self.checks.append(session_id)
        client = self.clients.get(session_id)
        if client is None:
            found = ClientStatus(exists=False, status=None, ready=False, phone_number=None, qr=None)
        else:
            client.claim = client.truth
            up = client.truth is Status.CONNECTED
            found = ClientStatus(
                exists=True,
                status=client.truth,
                ready=up,
                phone_number=PHONE if up else None,
                qr=client.qr,
                reason=client.reason or (self.why if client.truth in DOWN else None),
                proof=self.proof,
            )
        await self._answer(call)
        if found.ready:
            self.proofs.add((session_id, self.clock.now()))
        return found

    async def init(self, session_id: str, user_id: UserId | None) -> Started:
        call = await self._reach("POST", "/api/session/init", session_id)
        with self._changing("init", session_id):
            client = self.clients.get(session_id)
            # Other kinds keep what they stopped; a start takes it up.
            if client is not None and (client.truth not in DOWN or self.kind is GatewayKind.CONTRACT):
                raise Refused(call, "Client already exists", 400, RefusalCause.ALREADY_EXISTS)
            return await self._begin(call, session_id)

    async def disconnect(self, session_id: str) -> bool:
        if Capability.STOP not in self.capabilities:
            return await super().disconnect(session_id)
        await self._reach("POST", "/api/session/disconnect", session_id)
        with self._changing("disconnect", session_id):
            if session_id not in self.clients:
                return False
            # A request that has arrived is carried out, whether or not somebody still waits for its answer.
            await asyncio.shield(self._do(self._destroy(session_id, self.clients[session_id])))
            return True

    async def restart(self, session_id: str) -> Started:
        if Capability.RESTART not in self.capabilities:
            return await super().restart(session_id)
        call = await self._reach("POST", "/restart", session_id)
        with self._changing("restart", session_id):
            if session_id not in self.clients:
                raise Refused(call, "session_not_found", 200, RefusalCause.NOT_FOUND)
            self.vanish(session_id)
            return await self._begin(call, session_id)

    async def logout(self, session_id: str) -> bool:
        if Capability.LOGOUT not in self.capabilities:
            return await super().logout(session_id)
        await self._reach("POST", "/logout", session_id)
        with self._changing("logout", session_id):
            if session_id not in self.clients:
                return False
            self._be(session_id, Status.DISCONNECTED)
            self.credentials.discard(session_id)
            return True

    async def delete(self, session_id: str) -> bool:
        if Capability.DELETE not in self.capabilities:
            return await super().delete(session_id)
        await self._reach("DELETE", "/", session_id)
        with self._changing("delete", session_id):
            known = session_id in self.clients
            self.vanish(session_id)
            self.credentials.discard(session_id)
            return known

    def recipe(self, status: Status, reason: Reason | None, *, gone: bool) -> tuple[Step, ...]:
        if self.steps is None:
            return super().recipe(status, reason, gone=gone)
        return self.steps(status, reason, gone)

    async def send_text(self, session_id: str, recipient: str, message: str) -> Sent:
        call = await self._reach("POST", "/send", session_id)
        client = self.clients.get(session_id)
        if client is None or client.truth is not Status.CONNECTED:
            raise Refused(call, "Connection Closed", 500, RefusalCause.NOT_CONNECTED)
        self.sent.append(session_id)
        return Sent(f"m{len(self.sent)}", None)

    async def send_media(
        self, session_id: str, recipient: str, media_url: str, caption: str | None, media_type: str
    ) -> Sent:
        raise NotImplementedError

    async def pairing_code(self, session_id: str, phone_number: str) -> str:
        raise NotImplementedError

    async def close(self) -> None:
        pass

    def begin(self, session_id: str) -> None:
        """Create a client and start it; whoever asked for it may be gone before it is up."""
        self.clients[session_id] = Client(Status.INITIALIZING, Status.INITIALIZING)
        self._starting[session_id] = self._do(self._start(session_id))

    async def _begin(self, call: Call, session_id: str) -> Started:
        self.begin(session_id)
        if self.answers_at_once:
            return Started(Status.INITIALIZING)
        for _ in range(30):
            await asyncio.sleep(self.looks_every)
            client = self.clients.get(session_id)
            if client is not None and client.claim in (Status.CONNECTED, Status.QR_PENDING):
                phone = PHONE if client.claim is Status.CONNECTED else None
                return Started(status=client.claim, qr=client.qr, phone_number=phone)
        raise Refused(call, "QR code generation timeout", 408, RefusalCause.QR_TIMEOUT)

    def _rows(self) -> Listing:
        """Return its list: statuses, or who has a client that is up, or every name that there ever was."""
        if Capability.LIST_STATUS in self.capabilities:
            return [Listed(session_id, client.claim, None) for session_id, client in self.clients.items()]
        if Capability.LIST_PRESENCE in self.capabilities:
            up = (each for each, client in self.clients.items() if client.truth is not Status.INITIALIZING)
            return [Listed(session_id) for session_id in up]
        self.ever |= set(self.clients)
        return [Listed(session_id) for session_id in sorted(self.ever)]

    def _do(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self.work.add(task)
        task.add_done_callback(self.work.discard)
        return task

    async def _start(self, session_id: str) -> None:
        await asyncio.sleep(self.start_takes)
        del self._starting[session_id]
        if session_id in self.banned:
            self.drop(session_id, "TOS_BLOCK")
        elif session_id in self.credentials:
            self.connect(session_id)
        else:
            self.show_code(session_id)

    async def _destroy(self, session_id: str, client: Client) -> None:
        await asyncio.sleep(DESTROYING)
        if self.clients.get(session_id) is client:
            self.vanish(session_id)

    def _be(self, session_id: str, status: Status) -> Client:
        self._stop(session_id)
        client = self.clients[session_id] = Client(status, status)
        return client

    def _stop(self, session_id: str) -> None:
        starting = self._starting.pop(session_id, None)
        if starting is not None:
            starting.cancel()

    def _post(self, session_id: str, detail: str | None = None, qr: str | None = None) -> None:
        status = self.clients[session_id].truth
        now = self.clock.now()
        self.posted(Posted(self.name, session_id, status, now + self.offset, now, detail, qr))

    async def _reach(self, method: str, path: str, session_id: str | None = None) -> Call:
        call = Call(self.name, self.url, method, path, session_id)
        await asyncio.sleep(LATENCY)
        if self.down:
            raise Unreachable(call, "connection refused", refused=True)
        return call

    async def _answer(self, call: Call) -> None:
        await asyncio.sleep(LATENCY)
        try:
            await asyncio.wait_for(self._answering.wait(), DEADLINE)
        except TimeoutError:
            raise NoAnswer(call, f"no answer within {DEADLINE:g} s") from None

    @contextmanager
    def _changing(self, verb: str, session_id: str) -> Iterator[None]:
        self.changing[session_id] += 1
        self.changes.append((verb, session_id))
        self.asked(verb, session_id)
        try:
            yield
        finally:
            self.changing[session_id] -= 1
