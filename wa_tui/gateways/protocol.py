"""What the daemon asks of any gateway; other gateways than the Node service come as one more file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import msgspec

from wa_tui.model.facts import UserId
from wa_tui.model.registers import Status


class Capability(StrEnum):
    """What a gateway can do beyond the contract's minimum, and wa-tui makes use of."""

    BULK_LIST = "bulk_list"
    PAIRING_CODE = "pairing_code"


@dataclass(frozen=True, slots=True)
class Health:
    """How long the gateway has been up and what its clock says (ms since the epoch); ``None``: not told."""

    uptime_ms: int | None
    timestamp_ms: int | None


@dataclass(frozen=True, slots=True)
class ClientStatus:
    """A checked status; ``status`` is ``None`` for a client that the gateway does not know."""

    exists: bool
    status: Status | None
    ready: bool
    phone_number: str | None
    qr: str | None
    """The QR code's text where the gateway tells it, else a PNG data URL."""


class Listed(msgspec.Struct, frozen=True, rename="camel"):
    """One row of the list: a claim. ``status`` is ``None`` where the gateway's word is none of ours."""

    session_id: str
    status: Status | None = None
    phone_number: str | None = None


Listing = list[Listed]


@dataclass(frozen=True, slots=True)
class Started:
    """What a start led to: a QR code to scan, or a connected client."""

    status: Status
    qr: str | None
    phone_number: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the gateway says it sent; ``timestamp`` in seconds since the epoch, as on the wire."""

    message_id: str | None
    timestamp: int | None


class GatewayClient(Protocol):
    """One gateway, as the daemon uses it. Every call has a deadline and raises `GatewayError`."""

    @property
    def name(self) -> str:
        """The gateway's name in the configuration."""

    @property
    def url(self) -> str:
        """Where it listens, without a trailing slash."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do, as far as it has told by now."""

    @property
    def limit(self) -> int | None:
        """Sessions it can hold, where it has told."""

    @property
    def decoration(self) -> Mapping[str, int]:
        """Fields of its answers that had another type than agreed, and were read for what they are, or dropped."""

    @property
    def unreadable_rows(self) -> int:
        """How many rows of its last list named no session."""

    async def health(self) -> Health:
        """Ask how it is; sends no key and never waits behind other calls."""

    async def list(self) -> Listing:
        """Return every client it holds; statuses are claims."""

    async def status(self, session_id: str) -> ClientStatus:
        """Check one client with its own ``getState()``."""

    async def init(self, session_id: str, user_id: UserId) -> Started:
        """Start a client; ``Refused.already_exists`` where the gateway holds it already."""

    async def disconnect(self, session_id: str) -> bool:
        """Destroy a client and keep its credentials; ``False`` where the gateway did not know it."""

    async def send_text(self, session_id: str, recipient: str, message: str) -> Sent:
        """Send a text once; an error with ``outcome_known=False`` may have sent it."""

    async def send_media(
        self, session_id: str, recipient: str, media_url: str, caption: str | None, media_type: str
    ) -> Sent:
        """Send a file by its URL once; an error with ``outcome_known=False`` may have sent it."""

    async def pairing_code(self, session_id: str, phone_number: str) -> str:
        """Return a code to type on the phone (digits, with the country's) instead of scanning."""

    async def close(self) -> None:
        """Close every connection; calls under way fail."""
