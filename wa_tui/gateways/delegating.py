"""A client that another answers for, once there is one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.facts import UserId
from wa_tui.model.registers import Proof, Reason, Status
from wa_tui.model.traffic import Flow

from .protocol import (
    Capability,
    ClientStatus,
    GatewayClient,
    Listing,
    Sent,
    ServerAnswer,
    Started,
    Step,
    Targets,
)


class Delegating(ABC):
    """All of a `GatewayClient` that rests on what it is; while nobody knows that it can do nothing."""

    def __init__(self) -> None:
        self._client: GatewayClient | None = None

    @abstractmethod
    def _known(self, session_id: str | None = None) -> GatewayClient:
        """Return who answers for it; raises `Unrecognised`."""

    @property
    def kind(self) -> GatewayKind | None:
        """What it is."""
        return None if self._client is None else self._client.kind

    @property
    def version(self) -> str | None:
        """Its version, where it has told."""
        return None if self._client is None else self._client.version

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""
        return frozenset() if self._client is None else self._client.capabilities

    @property
    def proof(self) -> Proof:
        """The best that a check of it can prove."""
        return Proof.CLIENT if self._client is None else self._client.proof

    @property
    def limit(self) -> int | None:
        """Sessions it can hold, where it has told."""
        return None if self._client is None else self._client.limit

    @property
    def decoration(self) -> Mapping[str, int]:
        """Fields of its answers that had another type than agreed."""
        return {} if self._client is None else self._client.decoration

    @property
    def unreadable_rows(self) -> int:
        """How many rows of its last list named no session."""
        return 0 if self._client is None else self._client.unreadable_rows

    @property
    def needs_user(self) -> bool:
        """Whether a start must say whose session it is."""
        return False if self._client is None else self._client.needs_user

    def refusal_of(self, session_id: str) -> str | None:
        """Return why it takes no session of that name."""
        return None if self._client is None else self._client.refusal_of(session_id)

    def known_as(self, theirs: str) -> str | None:
        """Return our id of the session that its webhooks call so."""
        return None if self._client is None else self._client.known_as(theirs)

    def recipe(self, status: Status, reason: Reason | None, *, gone: bool) -> tuple[Step, ...]:
        """Return the steps that bring a session back."""
        return (Step.START,) if self._client is None else self._client.recipe(status, reason, gone=gone)

    async def list(self) -> Listing:
        """Return every client it holds."""
        return await self._known().list()

    async def status(self, session_id: str) -> ClientStatus:
        """Check one client."""
        return await self._known(session_id).status(session_id)

    async def ask_server(self, session_id: str) -> ServerAnswer:
        """Ask WhatsApp's server about a session."""
        return await self._known(session_id).ask_server(session_id)

    async def ask_message(self, session_id: str, message_id: str) -> frozenset[Flow]:
        """Return what a session had of a message."""
        return await self._known(session_id).ask_message(session_id, message_id)

    async def init(self, session_id: str, user_id: UserId | None) -> Started:
        """Start a client."""
        return await self._known(session_id).init(session_id, user_id)

    async def disconnect(self, session_id: str) -> bool:
        """End a client and keep its credentials."""
        return await self._known(session_id).disconnect(session_id)

    async def restart(self, session_id: str) -> Started:
        """End a client and start it anew."""
        return await self._known(session_id).restart(session_id)

    async def logout(self, session_id: str) -> bool:
        """Unlink the account."""
        return await self._known(session_id).logout(session_id)

    async def delete(self, session_id: str) -> bool:
        """Forget a session."""
        return await self._known(session_id).delete(session_id)

    async def send_text(self, session_id: str, recipient: str, message: str) -> Sent:
        """Send a text once."""
        return await self._known(session_id).send_text(session_id, recipient, message)

    async def send_media(
        self, session_id: str, recipient: str, media_url: str, caption: str | None, media_type: str
    ) -> Sent:
        """Send a file by its URL once."""
        client = self._known(session_id)
        return await client.send_media(session_id, recipient, media_url, caption, media_type)

    async def pairing_code(self, session_id: str, phone_number: str) -> str:
        """Return a code to type on the phone."""
        return await self._known(session_id).pairing_code(session_id, phone_number)

    async def webhook_targets(self, ours: str, key: str, *, messages: bool = True) -> Targets:
        """Return where it posts its webhooks now."""
        return await self._known().webhook_targets(ours, key, messages=messages)

    async def set_webhook_target(
        self, ours: str, key: str, session_id: str | None, *, messages: bool = True
    ) -> None:
        """Have it post its webhooks to us."""
        await self._known(session_id).set_webhook_target(ours, key, session_id, messages=messages)
