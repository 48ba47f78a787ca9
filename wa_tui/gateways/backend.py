"""What the clients of all kinds have in common: where they ask, what they remember, what they cannot do."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Mapping
from pathlib import PurePosixPath
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from wa_tui.identity.kinds import TITLES, GatewayKind
from wa_tui.identity.sessions import LONGEST_TAKEN_IN, is_session_id
from wa_tui.model.registers import Proof, Reason, Status
from wa_tui.model.traffic import Flow

from .adapter import Place
from .deadlines import Deadlines
from .errors import Call, Garbled, InvalidRequest, RefusalCause, Refused, Unauthorised, Unsupported
from .http.connections import Answer, Connections
from .protocol import DOES, Capability, Sent, ServerAnswer, Started, Step, Targets
from .reading.fields import Decoration

T = TypeVar("T")

LIST_LIMIT = 32 * 1024 * 1024
"""Bytes that a list may have."""

LIMIT = 1024 * 1024
"""Bytes of any other answer."""


class Incapable:
    """Refuses all that not every gateway can: a kind overrides what it has a capability for."""

    name: str
    url: str
    kind: GatewayKind
    version: str | None = None
    proof = Proof.CLIENT
    needs_user = False

    def refusal_of(self, session_id: str) -> str | None:
        """Return why it takes no session of that name: most gateways take any that we make."""
        return None

    def known_as(self, theirs: str) -> str | None:
        """Return a session's id as it came: most gateways have one name for it everywhere."""
        return theirs

    async def ask_server(self, session_id: str) -> ServerAnswer:
        """Ask WhatsApp's server about a session."""
        raise self._unsupported(DOES[Capability.SERVER_CHECK], session_id)

    async def ask_message(self, session_id: str, message_id: str) -> frozenset[Flow]:
        """Return what a session had of a message."""
        raise self._unsupported(DOES[Capability.MESSAGE_CHECK], session_id)

    async def disconnect(self, session_id: str) -> bool:
        """End a client and keep its credentials."""
        raise self._unsupported(DOES[Capability.STOP], session_id)

    async def restart(self, session_id: str) -> Started:
        """End a client and start it anew."""
        raise self._unsupported(DOES[Capability.RESTART], session_id)

    async def logout(self, session_id: str) -> bool:
        """Unlink the account."""
        raise self._unsupported(DOES[Capability.LOGOUT], session_id)

    async def delete(self, session_id: str) -> bool:
        """Forget a session."""
        raise self._unsupported(DOES[Capability.DELETE], session_id)

    def recipe(self, status: Status, reason: Reason | None, *, gone: bool) -> tuple[Step, ...]:
        """Return the steps that bring a session back: stop what is left of it, then start it."""
        return (Step.START,) if gone else (Step.STOP, Step.START)

    async def send_media(
        self, session_id: str, recipient: str, media_url: str, caption: str | None, media_type: str
    ) -> Sent:
        """Send a file by its URL."""
        raise self._unsupported(DOES[Capability.SEND_MEDIA], session_id)

    async def pairing_code(self, session_id: str, phone_number: str) -> str:
        """Return a code to type on the phone."""
        raise self._unsupported(DOES[Capability.PAIRING_CODE], session_id)

    async def webhook_targets(self, ours: str, key: str, *, messages: bool = True) -> Targets:
        """Return where it posts its webhooks now."""
        raise self._unsupported(DOES[Capability.WEBHOOK_SETUP])

    async def set_webhook_target(
        self, ours: str, key: str, session_id: str | None, *, messages: bool = True
    ) -> None:
        """Have it post its webhooks to us."""
        raise self._unsupported(DOES[Capability.WEBHOOK_SETUP], session_id)

    def _unsupported(self, what: str, session_id: str | None = None) -> Unsupported:
        call = Call(self.name, self.url, "", "", session_id)
        return Unsupported(
            call, f"{TITLES[self.kind]} cannot {what}", f"do it where {self.name} runs, if it must be"
        )


class Backend(Incapable):
    """Base of a `GatewayClient` that is asked over HTTP.

    ``key_headers`` are what its requests carry besides those of a proxy before it. ``slots`` bounds the reads in
    flight. ``decoration`` counts fields of answers that had another type than agreed.
    """

    def __init__(
        self,
        place: Place,
        key_headers: Mapping[str, str],
        capabilities: frozenset[Capability],
        *,
        slots: int = 24,
        deadlines: Deadlines | None = None,
    ) -> None:
        self.name = place.name
        self.url = place.url.rstrip("/")
        self.capabilities = capabilities
        self.limit: int | None = None
        self.unreadable_rows = 0
        self.decoration = Decoration()
        self._deadlines = deadlines or Deadlines()
        self._basic = place.basic is not None
        self._door = dict(place.headers)
        """What a proxy before the gateway wants of every request."""
        if place.basic is not None:
            self._door["authorization"] = "Basic " + b64encode(":".join(place.basic).encode()).decode()
        self._headers = {**self._door, **key_headers}
        self._connections = Connections(self.url, slots=slots, ca_file=place.ca_file)

    async def close(self) -> None:
        """Close every connection; calls under way fail."""
        await self._connections.close()

    async def _exchange(
        self,
        call: Call,
        deadline: float,
        *,
        content: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        limit: int = LIMIT,
        health: bool = False,
    ) -> Answer:
        """Send one request, its content as JSON, and return the answer whatever it says.

        ``headers`` stand in place of the key's. ``health``: it has a connection of its own and waits behind nothing.
        """
        fields = dict(self._headers if headers is None else {**self._door, **headers})
        body = None
        if content is not None:
            fields["content-type"] = "application/json"
            body = msgspec.json.encode(content)
        return await self._connections.exchange(
            call, headers=fields, content=body, deadline=deadline, limit=limit, health=health
        )

    def _call(
        self,
        method: str,
        path: str,
        session_id: str | None = None,
        *,
        starts: bool = False,
        alters: bool = False,
        hidden: str = "",
    ) -> Call:
        """Return a request, to be sent; raises `InvalidRequest` for a session id that is none."""
        call = Call(self.name, self.url, method, path, session_id, starts, alters, hidden)
        if session_id is not None and not is_session_id(session_id):
            detail = f"bad session id {session_id[:40]!r}"
            raise InvalidRequest(call, detail, f"an id has 1 to {LONGEST_TAKEN_IN} characters")
        return call


async def was_known(asking: Awaitable[object]) -> bool:
    """Have a change of one session done; ``False`` where the gateway does not know it."""
    try:
        await asking
    except Refused as refusal:
        if refusal.cause is RefusalCause.NOT_FOUND:
            return False
        raise
    return True


async def understood(client: Backend, asking: Awaitable[T]) -> T | None:
    """Return what a gateway answers that may be of another kind, ``None`` where it is; ends the client.

    Raises `Unreachable` and `NoAnswer`, which say nothing of its kind.
    """
    try:
        return await asking
    except (Garbled, Refused, Unauthorised):
        return None
    finally:
        await client.close()


def file_name(url: str) -> str:
    """Return what the file at a URL is called, an empty text where that is not told."""
    return PurePosixPath(unquote(urlsplit(url).path)).name


def chat_of(recipient: str) -> str:
    """Return a recipient as WhatsApp Web's libraries name a chat: bare digits are an account's number."""
    return recipient if "@" in recipient else f"{recipient}@c.us"
