"""The WhatsApp Node service over HTTP, as it is (contract §1)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from wa_tui.identity.kinds import GatewayKind
from wa_tui.identity.sessions import in_path
from wa_tui.identity.users import user_on_wire
from wa_tui.model.facts import UserId
from wa_tui.model.traffic import Flow

from ..adapter import Adapter, Place
from ..backend import LIMIT, LIST_LIMIT, Backend, understood, was_known
from ..deadlines import Deadlines
from ..errors import Call, Garbled, InvalidRequest
from ..protocol import (
    Capability,
    ClientStatus,
    Health,
    Listing,
    Sent,
    ServerAnswer,
    Started,
)
from .answers import (
    accepted,
    client_of,
    flows_of,
    health_of,
    pairing_code_of,
    sent_of,
    server_answer_of,
    status_of,
)
from .rows import listing

logger = logging.getLogger(__name__)

CAPABILITIES = frozenset(
    {
        Capability.LIST_STATUS,
        Capability.STOP,
        Capability.UPTIME,
        Capability.SELF_RESTORE,
        Capability.SEND_MEDIA,
    }
)
"""What the contract has; the bundled service names in its ``/health`` what it can besides."""


class NodeService(Backend):
    """A `GatewayClient` for the mission's Node service and the bundled one.

    ``capabilities`` are those of the contract, and what the last ``/health`` named besides.
    """

    kind = GatewayKind.CONTRACT
    needs_user = True

    def __init__(self, place: Place, *, slots: int = 24, deadlines: Deadlines | None = None) -> None:
        super().__init__(place, place.key_in("x-api-key"), CAPABILITIES, slots=slots, deadlines=deadlines)

    async def health(self) -> Health:
        """Ask how the service is; sends no key and has a connection of its own."""
        call = self._call("GET", "/health")
        answer = await self._exchange(call, self._deadlines.health, headers={}, health=True)
        told = health_of(call, accepted(call, answer, basic=self._basic), self.decoration)
        # Anew with each answer: another service may listen at the url by now.
        self.capabilities = CAPABILITIES | told.capabilities
        self.limit = told.limit
        return told.health

    async def list(self) -> Listing:
        """Return every client the service holds; rows that cannot be read are left out and counted."""
        call = self._call("GET", "/api/session/list")
        body = await self._ask(call, self._deadlines.list, limit=LIST_LIMIT)
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

    async def ask_server(self, session_id: str) -> ServerAnswer:
        """Have the session's own number looked up at WhatsApp's server; the bundled service alone can."""
        call = self._call("POST", "/api/session/server-check", session_id)
        body = await self._ask(call, self._deadlines.server, content={"sessionId": session_id})
        return server_answer_of(call, body, self.decoration)

    async def ask_message(self, session_id: str, message_id: str) -> frozenset[Flow]:
        """Ask what the session's counters had of a message; the bundled service alone tells."""
        call = self._call("POST", "/api/session/message-check", session_id)
        content = {"sessionId": session_id, "messageId": message_id}
        body = await self._ask(call, self._deadlines.status, content=content)
        return flows_of(call, body)

    async def init(self, session_id: str, user_id: UserId | None) -> Started:
        """Start a client and wait for its QR code or its connection: at least 1 s, 30 s at most."""
        call = self._call("POST", "/api/session/init", session_id, starts=True)
        if user_id is None:
            raise InvalidRequest(call, "its user is not known", "give the action a user id")
        body = await self._ask(
            call, self._deadlines.init, content={"sessionId": session_id, "userId": user_on_wire(user_id)}
        )
        return self._started(call, body)

    async def disconnect(self, session_id: str) -> bool:
        """Destroy a client; ``False`` where the service did not know it, `Refused` where that failed."""
        call = self._call("POST", "/api/session/disconnect", session_id)
        return await self._known(call)

    async def restart(self, session_id: str) -> Started:
        """Destroy a client and start it anew; the bundled service alone can."""
        call = self._call("POST", "/api/session/restart", session_id, starts=True)
        return self._started(
            call, await self._ask(call, self._deadlines.init, content={"sessionId": session_id})
        )

    async def logout(self, session_id: str) -> bool:
        """Unlink the account; the bundled service alone can."""
        call = self._call("POST", "/api/session/logout", session_id)
        return await self._known(call)

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

    def _started(self, call: Call, body: bytes) -> Started:
        told = client_of(call, body, self.decoration)
        status = status_of(call, told)
        if status is None:
            raise Garbled(call, f"started, and then {told.status!r}")
        return Started(status=status, qr=told.qr or told.qr_code, phone_number=told.phone_number)

    async def _known(self, call: Call) -> bool:
        """Ask for a change of one client; ``False`` where the service does not know it."""
        content = {"sessionId": call.session_id}
        return await was_known(self._ask(call, self._deadlines.disconnect, content=content))

    async def _send(self, path: str, session_id: str, content: Mapping[str, Any]) -> Sent:
        call = self._call("POST", path, session_id)
        return sent_of(await self._ask(call, self._deadlines.send, content=content), self.decoration)

    async def _ask(
        self, call: Call, deadline: float, *, content: Mapping[str, Any] | None = None, limit: int = LIMIT
    ) -> bytes:
        answer = await self._exchange(call, deadline, content=content, limit=limit)
        return accepted(call, answer, basic=self._basic)


async def recognise(place: Place) -> bool:
    """Tell whether what listens at a place keeps the contract: its ``/health`` has the envelope and an uptime."""
    service = NodeService(place, slots=1)
    health = await understood(service, service.health())
    return health is not None and health.uptime_ms is not None


def webhook_advice(url: str, key: str, messages: bool) -> str:
    """Return what the service's environment has to say."""
    return f"In the environment of the service:\n\n    WEBHOOK_URL={url}/\n    API_KEY={key}"


ADAPTER = Adapter(GatewayKind.CONTRACT, NodeService, recognise, CAPABILITIES, webhook_advice=webhook_advice)
