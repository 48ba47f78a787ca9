"""What the daemon asks of any gateway; `wa_tui.gateways.registry` has one backend per kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Protocol

import msgspec

from wa_tui.identity.capabilities import DOES as DOES
from wa_tui.identity.capabilities import Capability as Capability
from wa_tui.identity.kinds import GatewayKind
from wa_tui.model.facts import UserId
from wa_tui.model.registers import Proof, Reason, Status
from wa_tui.model.traffic import Counters, Flow


class Scope(StrEnum):
    """What a gateway's list tells."""

    STATUSES = auto()
    """Every client, with its status."""
    CLIENTS = auto()
    """The clients that run, without a status: present says nothing more, absent may be stopped."""
    NAMES = auto()
    """Every session that there ever was: only a new name is news."""


def scope_of(capabilities: Collection[Capability]) -> Scope:
    """Return what the list of a gateway with these capabilities tells."""
    if Capability.LIST_STATUS in capabilities:
        return Scope.STATUSES
    return Scope.CLIENTS if Capability.LIST_PRESENCE in capabilities else Scope.NAMES


class Step(StrEnum):
    """What brings a session back, a request each; between two of them the daemon looks whether it is still wanted."""

    STOP = auto()
    START = auto()
    RESTART = auto()
    LOGOUT = auto()


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
    reason: Reason | None = None
    """Why it is so, by the adapter's own table; ``None`` where the gateway did not say."""
    detail: str | None = None
    """The gateway's own words for that."""
    proof: Proof = Proof.CLIENT
    """What the answer is worth where it says connected."""


GONE = ClientStatus(exists=False, status=None, ready=False, phone_number=None, qr=None)
"""What a check finds of a client that the gateway does not know."""


class ServerVerdict(StrEnum):
    """What WhatsApp's server made of a question."""

    FINE = auto()
    """It answered, and has the account: the connection goes all the way."""
    DENIED = auto()
    """It answered that there is no such account, or that this client is none of its."""
    NONE = auto()
    """It did not answer, or nobody could ask: that proves nothing."""


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What WhatsApp's server answered about a session; ``detail``: the gateway's own words, empty where it is fine."""

    verdict: ServerVerdict
    detail: str = ""


class Listed(msgspec.Struct, frozen=True, rename="camel"):
    """One row of the list: a claim. ``status`` is ``None`` where it tells none, or a word that is none of ours."""

    session_id: str
    status: Status | None = None
    phone_number: str | None = None
    traffic: Counters | None = None
    """What the gateway itself counted, where it does."""
    is_dialing: bool = False
    """It says that one connects, and may go on saying so when that is over, or shows a code: only a check tells."""


Listing = list[Listed]


@dataclass(frozen=True, slots=True)
class Started:
    """What a start led to: a QR code to scan, a connected client, or one that is still ``initializing``."""

    status: Status
    qr: str | None = None
    phone_number: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the gateway says it sent; ``timestamp`` in seconds since the epoch, as on the wire."""

    message_id: str | None
    timestamp: int | None


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Where a gateway posts its webhooks; ``session_id`` is ``None`` where it is told once for all sessions.

    ``is_ours``: it is the address that was asked for, with the events that wa-tui needs; of those that it has not been
    asked for ``lacks`` has the names.
    """

    session_id: str | None
    url: str
    is_ours: bool
    events: tuple[str, ...] = ()
    is_shared: bool = False
    """Others' addresses may stand beside it: it is in nobody's way."""
    lacks: tuple[str, ...] = ()


Targets = list[WebhookTarget]


class GatewayClient(Protocol):
    """One gateway, as the daemon uses it. Every call has a deadline and raises `GatewayError`.

    What needs a capability that the gateway lacks raises `Unsupported`, and nothing is sent.
    """

    @property
    def name(self) -> str:
        """The gateway's name in the configuration."""

    @property
    def url(self) -> str:
        """Where it listens, without a trailing slash."""

    @property
    def kind(self) -> GatewayKind | None:
        """What it is; ``None`` while one that is to be recognised has not answered yet."""

    @property
    def version(self) -> str | None:
        """Its version, where it has told."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do, as far as it has told by now."""

    @property
    def proof(self) -> Proof:
        """The best that a check of it can prove."""

    @property
    def limit(self) -> int | None:
        """Sessions it can hold, where it has told."""

    @property
    def decoration(self) -> Mapping[str, int]:
        """Fields of its answers that had another type than agreed, and were read for what they are, or dropped."""

    @property
    def unreadable_rows(self) -> int:
        """How many rows of its last list named no session."""

    def refusal_of(self, session_id: str) -> str | None:
        """Return why it takes no session of that name; ``None`` for one that it takes."""

    def known_as(self, theirs: str) -> str | None:
        """Return our id of the session that the gateway's webhooks call so; ``None`` where it has not told that yet."""

    async def health(self) -> Health:
        """Ask how it is; sends a key only where it must, and never waits behind other calls."""

    async def list(self) -> Listing:
        """Return every client it holds; statuses are claims."""

    async def status(self, session_id: str) -> ClientStatus:
        """Check one client by the strongest cheap question that the gateway answers."""

    async def ask_server(self, session_id: str) -> ServerAnswer:
        """Ask WhatsApp's server about a session, never anything that remembers an answer. Needs ``SERVER_CHECK``.

        `Refused` where the session cannot be asked about: unknown, or not connected.
        """

    async def ask_message(self, session_id: str, message_id: str) -> frozenset[Flow]:
        """Return what a session had of a message lately, by WhatsApp's id of it. Needs ``MESSAGE_CHECK``."""

    async def init(self, session_id: str, user_id: UserId | None) -> Started:
        """Start a client; `Refused` with ``already_exists`` where the gateway runs it already.

        ``user_id`` may be ``None`` where `needs_user` says so.
        """

    @property
    def needs_user(self) -> bool:
        """Whether a start must say whose session it is."""

    async def disconnect(self, session_id: str) -> bool:
        """End a client and keep its credentials; ``False`` where the gateway did not know it. Needs ``STOP``."""

    async def restart(self, session_id: str) -> Started:
        """End a client and start it anew. Needs ``RESTART``.

        It answers once the old client has ended, so that a check tells of the new one; `Refused` with ``not_found``
        where there was none.
        """

    async def logout(self, session_id: str) -> bool:
        """Unlink the account; ``False`` where the gateway did not know it. Needs ``LOGOUT``."""

    async def delete(self, session_id: str) -> bool:
        """Forget a session, its credentials included; ``False`` where it was not known. Needs ``DELETE``."""

    def recipe(self, status: Status, reason: Reason | None, *, gone: bool) -> tuple[Step, ...]:
        """Return the steps that bring a session back that is so, the last of them a start or a restart.

        ``gone``: the gateway holds no client of it. Only a person's action takes a ``LOGOUT``.
        """

    async def send_text(self, session_id: str, recipient: str, message: str) -> Sent:
        """Send a text once; an error with ``outcome_known=False`` may have sent it."""

    async def send_media(
        self, session_id: str, recipient: str, media_url: str, caption: str | None, media_type: str
    ) -> Sent:
        """Send a file by its URL once; an error with ``outcome_known=False`` may have sent it. Needs ``SEND_MEDIA``."""

    async def pairing_code(self, session_id: str, phone_number: str) -> str:
        """Return a code to type on the phone instead of scanning; needs ``PAIRING_CODE``. With the country's digits."""

    async def webhook_targets(self, ours: str, key: str, *, messages: bool = True) -> Targets:
        """Return where it posts its webhooks now; ``ours`` is the address it should, ``key`` what they should carry.

        ``messages``: those about messages are wanted besides. Needs ``WEBHOOK_SETUP``.
        """

    async def set_webhook_target(
        self, ours: str, key: str, session_id: str | None, *, messages: bool = True
    ) -> None:
        """Have it post its webhooks to us; asked only where nobody else's address stands. Needs ``WEBHOOK_SETUP``."""

    async def close(self) -> None:
        """Close every connection; calls under way fail."""
