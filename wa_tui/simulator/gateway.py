"""The engine that all kinds of simulated gateways share: their clients, and what can be done with them.

What it is asked over HTTP and what its webhooks look like is its kind's: `wa_tui.simulator.faces`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

from wa_tui.simulator.client import Account, Client, Event, Surroundings
from wa_tui.simulator.exchanges import ExchangeLog
from wa_tui.simulator.messages import Messages
from wa_tui.simulator.settings import GatewaySettings
from wa_tui.simulator.webhooks import WebhookSender


class Cause(Enum):
    """Why a gateway does not do what it is asked for."""

    ALREADY_EXISTS = auto()
    BAD_ID = auto()
    FULL = auto()
    PROFILE_IN_USE = auto()
    LAUNCH_FAILED = auto()
    NOT_FOUND = auto()
    NOT_CONNECTED = auto()
    NOT_READY = auto()
    CLOSED = auto()
    ENDED_MEANWHILE = auto()
    LIBRARY = auto()
    """The library's error: `detail` has its words."""


class RefusedError(Exception):
    """The gateway says no; each kind has its own status and words for a cause."""

    def __init__(self, cause: Cause, detail: str = "") -> None:
        super().__init__(cause.name, detail)
        self.cause = cause
        self.detail = detail


class FaultError(Exception):
    """A fault that cannot be brought about: answered with `status` and this text."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


def iso(epoch: float) -> str:
    """Return `epoch` seconds as JavaScript writes instants: UTC with milliseconds and a Z."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Gateway:
    """The clients of one gateway; `announce` is given what becomes of them."""

    def __init__(self, settings: GatewaySettings, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.timing = settings.timing
        self.rng = random.Random(f"{settings.seed}/{settings.name}")
        self.log = ExchangeLog(clock)
        self.webhooks = WebhookSender(self.rng, self.log)
        self.announce: Callable[[Client, Event], None] = _to_nobody
        self.clock_offset = settings.clock_offset
        chance = random.Random(f"{settings.seed}/{settings.name}/messages")
        self.traffic = Messages(chance, self.now, settings.traffic, self.timing.ack)
        self.traffic.find = self._client_of
        self.accounts: dict[str, Account] = {}
        self.clients: dict[str, Client] = {}
        self.messages: list[dict[str, Any]] = []
        self.failing_launches = 0
        self.launch_error = ""
        self._clock = clock
        self.started_at = clock() - settings.uptime
        limit = settings.starts_at_once
        starting = asyncio.Semaphore(limit) if limit else contextlib.nullcontext()
        self._around = Surroundings(self.timing, self.rng, self._emit, starting)

    def now(self) -> float:
        """Return what the gateway's own clock shows, in epoch seconds."""
        return self._clock() + self.clock_offset

    @property
    def uptime(self) -> float:
        """How long the service has been running, in seconds."""
        return self._clock() - self.started_at

    def elapse(self, seconds: float) -> None:
        """Let time pass at once: the gateway's clock and its uptime go on as if it had."""
        self.clock_offset += seconds
        self.started_at -= seconds

    def add(self, account: Account, status: str) -> Client:
        """Know `account`, and have a client for it that is in `status` already."""
        self.accounts[account.session_id] = account
        client = Client(account, self._around)
        client.ghost = account.ghost
        self.clients[account.session_id] = client
        client.become(status)
        return client

    def forget_clients(self) -> None:
        """Lose every client, as the end of the service's process does; what is on disk stays."""
        for client in self.clients.values():
            client.destroy()
        self.clients.clear()
        self.traffic.forget()
        self.webhooks.forget()

    async def to_restore(self) -> AsyncIterator[tuple[str, Account]]:
        """Wait as a service does before it restores; yield the accounts of its start that are there and run nowhere."""
        # What comes to be later nobody has to restore, nor what was deleted meanwhile.
        stored = list(self.accounts.items())
        await asyncio.sleep(self.timing.restore_delay)
        for session_id, account in stored:
            if self.accounts.get(session_id) is account and session_id not in self.clients:
                yield session_id, account

    async def responsive(self, session_id: str) -> Client | None:
        """Return a session's client once it does not hang; None for one that there is not."""
        client = self.clients.get(session_id)
        if client is not None:
            await client.responsive()
        return client

    def create(
        self, session_id: str, user_id: int | str | None = None, *, locks: bool = True
    ) -> asyncio.Task[None]:
        """Create a client and begin to start it; the task ends with its first QR or its connection.

        Raises RefusedError when the id is known, the limit is reached, the launch fails, or, unless a kind lets two
        browsers run on one profile (`locks`), when one that outlived its service holds it.
        """
        if session_id in self.clients:
            raise RefusedError(Cause.ALREADY_EXISTS, session_id)
        limit = self.settings.max_sessions
        if limit and len(self.clients) >= limit:
            raise RefusedError(Cause.FULL, str(limit))
        account = self.accounts.get(session_id) or self._new_account(session_id)
        account.user_id = account.user_id if user_id is None else user_id
        if account.held and locks:
            raise RefusedError(Cause.PROFILE_IN_USE, session_id)
        # Known before its browser runs, as in the real service: a failed launch leaves the id taken.
        client = self.clients[session_id] = Client(account, self._around)
        account.on_disk = True
        if self.failing_launches:
            self.failing_launches -= 1
            raise RefusedError(Cause.LAUNCH_FAILED, self.launch_error)
        return client.start()

    async def end(self, session_id: str) -> bool:
        """Destroy a client and keep its credentials; False where there is none, or it cannot be destroyed."""
        client = self.clients.get(session_id)
        if client is None or client.destroy_fails:
            return False
        await asyncio.sleep(self.timing.destroy)
        # Another start may have put a new client in its place meanwhile.
        if self.clients.get(session_id) is client:
            del self.clients[session_id]
        client.destroy()
        return True

    async def send(self, session_id: str, message: dict[str, Any]) -> str:
        """Send one message (`recipient`, `message`, …), waiting for as long as the client hangs; returns its id.

        Raises RefusedError.
        """
        client = self.clients.get(session_id)
        if client is None:
            raise RefusedError(Cause.NOT_FOUND, session_id)
        if client.claim != "connected":
            self.traffic.fail(client)
            raise RefusedError(Cause.NOT_CONNECTED, client.claim)
        # The real page may have sent the message and hang before it says so: both orders are wanted in tests.
        if not client.sends_although_hanging:
            await client.responsive()
        if client.truth == "destroyed":
            raise RefusedError(Cause.ENDED_MEANWHILE)
        if client.truth != "connected":
            self.traffic.fail(client)
            raise _not_connected(client)
        if client.send_error is not None:
            raise RefusedError(Cause.LIBRARY, client.send_error)
        message_id = f"3EB0{self.rng.getrandbits(72):018X}"
        sent = {"sessionId": session_id} | message | {"messageId": message_id, "t": self._clock()}
        self.messages.append(sent)
        self.traffic.send(client, message_id, message.get("recipient"))
        await client.responsive()
        return message_id

    async def ask_server(self, session_id: str) -> tuple[str, str]:
        """Ask WhatsApp's server about a client: `fine`, `denied` or `none`, and why.

        Raises RefusedError.
        """
        client = self.clients.get(session_id)
        if client is None:
            raise RefusedError(Cause.NOT_FOUND, session_id)
        if client.claim != "connected":
            raise RefusedError(Cause.NOT_CONNECTED, client.claim)
        if client.truth != "connected":
            raise _not_connected(client)
        server = "hangs" if client.hanging else client.ghost.server if client.ghost else "fine"
        if server != "hangs":
            return server, "" if server == "fine" else f"WhatsApp's server has no account +{client.phone}"
        await asyncio.sleep(self.timing.server_check)
        return "none", f"WhatsApp's server did not answer within {self.timing.server_check:g} s"

    def _client_of(self, number: str) -> Client | None:
        digits = "".join(filter(str.isdigit, number.partition("@")[0]))
        return next((client for client in self.clients.values() if client.phone == digits), None)

    def _emit(self, client: Client, event: Event) -> None:
        self.announce(client, event)

    def _new_account(self, session_id: str) -> Account:
        phone = f"1555{self.rng.randrange(10**7):07d}"
        account = self.accounts[session_id] = Account(session_id, None, session_id, phone)
        return account


def _not_connected(client: Client) -> RefusedError:
    state = client.browser_state
    return RefusedError(Cause.NOT_READY, state) if state else RefusedError(Cause.CLOSED)


def _to_nobody(client: Client, event: Event) -> None:
    pass
