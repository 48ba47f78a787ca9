"""The WhatsApp Node service over HTTP, as it is (contract §1)."""

from __future__ import annotations

import asyncio
import logging
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from wa_tui.identity.sessions import LONGEST_TAKEN_IN, in_path, is_session_id
from wa_tui.identity.users import user_on_wire
from wa_tui.model.facts import UserId

from .answers import (
    accepted,
    client_of,
    health_of,
    listing,
    pairing_code_of,
    sent_of,
    status_of,
)
from .errors import Call, Garbled, InvalidRequest, Refused
from .fields import Decoration
from .http import Connections
from .protocol import Capability, ClientStatus, Health, Listing, Sent, Started

logger = logging.getLogger(__name__)

_LIST_LIMIT = 32 * 1024 * 1024
_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long each call may take in all, in seconds."""

    health: float = 5.0
    list: float = 10.0
    status: float = 10.0
    init: float = 45.0
    disconnect: float = 15.0
    send: float = 30.0


class NodeService:
    """A `GatewayClient` for the mission's Node service and the bundled one.

    ``headers``, and ``basic`` with a user and a password, are for a proxy before it; ``ca_file`` has authorities that
    its certificate may be from. ``slots`` bounds the reads in flight. ``unreadable_rows`` counts what the last list
    held and we could not read, ``decoration`` fields that had another type than agreed. ``capabilities`` are those of
    the contract, and what the last ``/health`` named besides.
    """

    def __init__(
        self,
        name: str,
        url: str,
        api_key: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        basic: tuple[str, str] | None = None,
        ca_file: Path | None = None,
        slots: int = 24,
        deadlines: Deadlines | None = None,
        capabilities: frozenset[Capability] = frozenset({Capability.BULK_LIST}),
    ) -> None:
        self.name = name
        self.url = url.rstrip("/")
        self.capabilities = self._contract = capabilities
        self.limit: int | None = None
        self.unreadable_rows = 0
        self.decoration = Decoration()
        self._door = dict(headers or {})
        """What a proxy before the service wants of every request."""
        if basic is not None:
            self._door["authorization"] = "Basic " + b64encode(":".join(basic).encode()).decode()
        self._basic = basic is not None
        self._headers = self._door | ({} if api_key is None else {"x-api-key": api_key})
        self._deadlines = deadlines or Deadlines()
        self._connections = Connections(self.url, slots=slots, ca_file=ca_file)

    async def health(self) -> Health:
        """Ask how the service is; sends no key and has a connection of its own."""
        call = self._call("GET", "/health")
        answer = await self._connections.exchange(
            call, headers=self._door, deadline=self._deadlines.health, limit=_LIMIT, health=True
        )
        told = health_of(call, accepted(call, answer, basic=self._basic), self.decoration)
        # Anew with each answer: another service may listen at the url by now.
        self.capabilities = self._contract | told.capabilities
        self.limit = told.limit
        return told.health

    async def list(self) -> Listing:
        """Return every client the service holds; rows that cannot be read are left out and counted."""
        call = self._call("GET", "/api/session/list")
        body = await self._ask(call, self._deadlines.list, limit=_LIST_LIMIT)
        rows: Listing = []
        unreadable = 0
        for part, left_out in listing(call, body, self.decoration):
            rows += part
            unreadable += left_out
            # A hundred thousand rows take a while: others go first between two stretches.
            await asyncio.sleep(0)
        if unreadable and unreadable != self.unreadable_rows:
            logger.warning("%d rows cannot be read and are left out: %s", unreadable, call)
        self.unreadable_rows = unreadable
        return rows

    async def status(self, session_id: str) -> ClientStatus:
        """Check one client; a client that hangs is a `NoAnswer`."""
        call = self._call("GET", f"/api/session/status/{in_path(session_id)}", session_id)
        told = client_of(call, await self._ask(call, self._deadlines.status), self.decoration)
        status = status_of(call, told)
        return ClientStatus(
            exists=status is not None,
            status=status,
            ready=told.is_ready is not False,
            phone_number=told.phone_number,
            qr=told.qr or told.qr_code,
        )

    async def init(self, session_id: str, user_id: UserId) -> Started:
        """Start a client and wait for its QR code or its connection: at least 1 s, 30 s at most."""
        call = self._call("POST", "/api/session/init", session_id, starts=True)
        body = await self._ask(
            call, self._deadlines.init, content={"sessionId": session_id, "userId": user_on_wire(user_id)}
        )
        told = client_of(call, body, self.decoration)
        status = status_of(call, told)
        if status is None:
            raise Garbled(call, f"started, and then {told.status!r}")
        return Started(status=status, qr=told.qr or told.qr_code, phone_number=told.phone_number)

    async def disconnect(self, session_id: str) -> bool:
        """Destroy a client; ``False`` where the service did not know it, `Refused` where that failed."""
        call = self._call("POST", "/api/session/disconnect", session_id)
        try:
            await self._ask(call, self._deadlines.disconnect, content={"sessionId": session_id})
        except Refused as refusal:
            if refusal.not_found:
                return False
            raise
        return True

    async def send_text(self, session_id: str, recipient: str, message: str) -> Sent:
        """Send a text and return its id, if one is told; nothing tries again: that may be a second message."""
        content = {"sessionId": session_id, "recipient": recipient, "message": message}
        return await self._send("/api/message/send-text", session_id, content)

    async def send_media(
        self, session_id: str, recipient: str, media_url: str, caption: str | None, media_type: str
    ) -> Sent:
        """Send a file by its URL, once."""
        content = {
            "sessionId": session_id,
            "recipient": recipient,
            "mediaUrl": media_url,
            "caption": caption,
            "mediaType": media_type,
        }
        return await self._send("/api/message/send-media", session_id, content)

    async def pairing_code(self, session_id: str, phone_number: str) -> str:
        """Ask for a pairing code; only the bundled service makes them."""
        call = self._call("POST", "/api/session/pairing-code", session_id)
        content = {"sessionId": session_id, "phoneNumber": phone_number}
        body = await self._ask(call, self._deadlines.disconnect, content=content)
        return pairing_code_of(call, body, self.decoration)

    async def close(self) -> None:
        """Close every connection; calls under way fail."""
        await self._connections.close()

    async def _send(self, path: str, session_id: str, content: Mapping[str, Any]) -> Sent:
        call = self._call("POST", path, session_id)
        return sent_of(await self._ask(call, self._deadlines.send, content=content), self.decoration)

    async def _ask(
        self, call: Call, deadline: float, *, content: Mapping[str, Any] | None = None, limit: int = _LIMIT
    ) -> bytes:
        headers, body = self._headers, None
        if content is not None:
            headers = headers | {"content-type": "application/json"}
            body = msgspec.json.encode(content)
        answer = await self._connections.exchange(
            call, headers=headers, content=body, deadline=deadline, limit=limit
        )
        return accepted(call, answer, basic=self._basic)

    def _call(self, method: str, path: str, session_id: str | None = None, *, starts: bool = False) -> Call:
        call = Call(self.name, self.url, method, path, session_id, starts)
        if session_id is not None and not is_session_id(session_id):
            detail = f"bad session id {session_id[:40]!r}"
            raise InvalidRequest(call, detail, f"an id has 1 to {LONGEST_TAKEN_IN} characters")
        return call
