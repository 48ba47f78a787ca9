"""One gateway of the contract: its clients, and what callers may have done with them (contract §1)."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from wa_tui.simulator.client import Account, Client, Surroundings
from wa_tui.simulator.settings import GatewaySettings
from wa_tui.simulator.traffic import TrafficLog
from wa_tui.simulator.webhooks import WebhookSender

_SESSION_ID = re.compile(r"[-_A-Za-z0-9]+")
IN_USE = (
    "The browser is already running for /srv/whatsapp/.wwebjs_auth/session-{}. "
    "Use a different `userDataDir` or stop the running browser first."
)
_NOT_WELL = ("disconnected", "auth_failed")


class RefusedError(Exception):
    """The service's own refusal: answered with HTTP 400 and its text in `message`."""


def iso(epoch: float) -> str:
    """Return `epoch` seconds as the service writes instants: UTC with milliseconds and a Z."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Gateway:
    """The clients of one gateway and what the contract lets a caller do with them (contract §1)."""

    def __init__(self, settings: GatewaySettings, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.timing = settings.timing
        self.rng = random.Random(f"{settings.seed}/{settings.name}")
        self.log = TrafficLog(clock)
        self.webhooks = WebhookSender(settings, self.rng, self.log)
        self.clock_offset = settings.clock_offset
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

    def add(self, account: Account, status: str) -> Client:
        """Know `account`, and have a client for it that is in `status` already."""
        self.accounts[account.session_id] = account
        client = Client(account, self._around)
        self.clients[account.session_id] = client
        client.become(status)
        return client

    def forget_clients(self) -> None:
        """Lose every client, as the end of the service's process does; what is on disk stays."""
        for client in self.clients.values():
            client.destroy()
        self.clients.clear()
        self.webhooks.forget()

    def claims(self) -> dict[str, Any]:
        """Return the answer of ``GET /api/session/list``: what clients claim, of which nothing is checked."""
        sessions = [{"sessionId": id_, "status": client.claim} for id_, client in self.clients.items()]
        return {"success": True, "sessions": sessions, "count": len(sessions)}

    async def status(self, session_id: str) -> dict[str, Any]:
        """Return one client's state, a claimed connection checked; waits for as long as it hangs."""
        client = self.clients.get(session_id)
        if client is None:
            return _status(exists=False, status="not_found")
        await client.responsive()
        _check(client)
        code = client.qr_code if client.claim == "qr_pending" else None
        return _status(exists=True, status=client.claim, qr_code=code, phone=client.phone)

    def create(self, session_id: str, user_id: int | str | None) -> asyncio.Task[None]:
        """Create a client and begin to start it; the task ends with its first QR or its connection.

        Raises RefusedError when the id is known or malformed, the limit is reached or the launch fails.
        """
        if session_id in self.clients:
            raise RefusedError("Client already exists")
        if not _SESSION_ID.fullmatch(session_id):
            raise RefusedError(
                "Invalid clientId. Only alphanumeric characters, underscores and hyphens are allowed."
            )
        limit = self.settings.max_sessions
        if limit and len(self.clients) >= limit:
            raise RefusedError(f"Maximum number of sessions reached ({limit})")
        account = self.accounts.get(session_id) or self._new_account(session_id)
        account.user_id = user_id
        if account.held:
            raise RefusedError(IN_USE.format(session_id))
        # Known before its browser runs, as in the real service: a failed launch leaves the id taken.
        client = self.clients[session_id] = Client(account, self._around)
        if self.failing_launches:
            self.failing_launches -= 1
            raise RefusedError(self.launch_error)
        return client.start()

    async def init(self, session_id: str, user_id: int | str) -> dict[str, Any] | None:
        """Create a client and wait for its QR or connection; None when neither came in time.

        Raises RefusedError as `create` does.
        """
        self.create(session_id, user_id)
        looks = max(1, round(self.timing.qr_timeout / self.timing.poll))
        for _ in range(looks):
            await asyncio.sleep(self.timing.poll)
            client = self.clients.get(session_id)
            if client is None:
                continue
            answer = {"success": True, "sessionId": session_id, "status": client.claim}
            if client.claim == "connected":
                return answer | {"phoneNumber": client.phone}
            if client.claim == "qr_pending" and client.qr_code:
                return answer | {"qrCode": client.qr_code}
        return None

    async def disconnect(self, session_id: str) -> dict[str, Any]:
        """Destroy a client; its credentials stay."""
        client = self.clients.get(session_id)
        if client is None or client.destroy_fails:
            return {"success": False, "message": "Client not found"}
        await asyncio.sleep(self.timing.destroy)
        # Another init may have put a new client in its place meanwhile.
        if self.clients.get(session_id) is client:
            del self.clients[session_id]
        client.destroy()
        return {"success": True, "message": "Client destroyed"}

    async def send(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send one message, waiting for as long as the client hangs.

        Raises RefusedError with the contract's texts.
        """
        client = self.clients.get(message["sessionId"])
        if client is None:
            raise RefusedError("Client not found. Please reconnect the session.")
        if client.claim != "connected":
            raise RefusedError(
                f"Client not connected (status: {client.claim}). Please reconnect the session."
            )
        # The real page may have sent the message and hang before it says so: both orders are wanted in tests.
        if not client.sends_although_hanging:
            await client.responsive()
        if client.truth == "destroyed":
            raise RefusedError("Protocol error (Runtime.callFunctionOn): Target closed")
        if not _check(client):
            state = client.browser_state
            why = f"not ready (state: {state})" if state else "session closed"
            raise RefusedError(f"Client {why}. Please reconnect the session.")
        if client.send_error is not None:
            raise RefusedError(client.send_error)
        message_id = f"3EB0{self.rng.getrandbits(72):018X}"
        self.messages.append(message | {"messageId": message_id, "t": self._clock()})
        await client.responsive()
        return {"success": True, "messageId": message_id, "timestamp": int(self.now())}

    async def restore(self, wanted: list[dict[str, Any]]) -> None:
        """Start what the control plane says should run, one after the other (contract §2)."""
        for row in wanted:
            session_id, user_id = row["session_id"], row["user_id"]
            if session_id in self.clients:
                continue
            try:
                start = self.create(session_id, user_id)
            except RefusedError:
                self._not_restored(session_id, user_id)
            else:
                # One after the other, as the contract has it: a slow browser holds up all that follow.
                await asyncio.wait({start})

    def check_health(self) -> None:
        """Look at every client that does not hang and post those that are not well, at every pass anew."""
        for client in self.clients.values():
            if not client.hanging and not _check(client) and client.claim in _NOT_WELL:
                self.webhooks.post(
                    {
                        "sessionId": client.account.session_id,
                        "status": client.claim,
                        "timestamp": iso(self.now()),
                        "reason": "Health check detected disconnection",
                    }
                )

    def _not_restored(self, session_id: str, user_id: Any) -> None:
        self.webhooks.post(
            {
                "sessionId": session_id,
                "userId": user_id,
                "timestamp": iso(self.now()),
                "status": "disconnected",
                "error": "Failed to restore session on Node.js restart",
            }
        )

    def _emit(self, client: Client, status: str, fields: dict[str, Any]) -> None:
        account = client.account
        head = {"sessionId": account.session_id, "userId": account.user_id, "timestamp": iso(self.now())}
        self.webhooks.post(head | {"status": status} | fields)

    def _new_account(self, session_id: str) -> Account:
        phone = f"1555{self.rng.randrange(10**7):07d}"
        account = self.accounts[session_id] = Account(session_id, None, session_id, phone)
        return account


def _check(client: Client) -> bool:
    """Look behind a claimed connection; a dead one changes the claim but posts nothing (contract §3.11)."""
    if client.claim == "connected" and client.truth != "connected":
        client.claim = "disconnected"
    return client.claim == "connected"


def _status(
    *, exists: bool, status: str, qr_code: str | None = None, phone: str | None = None
) -> dict[str, Any]:
    return {
        "success": True,
        "exists": exists,
        "status": status,
        "qrCode": qr_code,
        "phoneNumber": phone,
        "isReady": status == "connected",
    }
