"""What a gateway's webhook says, in words that all kinds share; the daemon makes facts of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from wa_tui.model.registers import Reason, Status
from wa_tui.model.traffic import Message


@dataclass(frozen=True, slots=True)
class Report:
    """One session's state as a webhook tells it; times in milliseconds since the epoch, by the gateway's clock.

    ``timestamp`` is ``None`` where the webhook has no time of its own, or none that can be trusted: it is then a hint,
    which starts a check (design §3, rule 1). A payload of a QR code is its text, or a PNG data URL.
    """

    session_id: str
    status: Status
    timestamp: int | None = None
    reason: Reason | None = None
    """Why, by the adapter's own table; ``None``: the daemon classifies ``detail`` as the contract's words."""
    detail: str | None = None
    """The gateway's own words for that: they are stored and shown, so never anything of a message."""
    qr: str | None = None
    phone_number: str | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one body holds: reports, and where it has none ``ignored``, the kind of event, for the counter.

    ``odd`` names fields that had another type than agreed. ``messages`` are counted whether there are reports or not;
    nothing of what they say is read.
    """

    reports: tuple[Report, ...] = ()
    ignored: str = ""
    odd: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """A webhook as it came: its header by names in small letters, and its body, ``None`` before that is read.

    ``secret`` is what its path has behind its gateway's route, if anything; ``at`` is when it came, in milliseconds
    since the epoch, by the gateway's clock as far as that is known.
    """

    headers: Mapping[str, str]
    secret: str | None
    at: int
    body: bytes | None = None


class WebhookFormat(Protocol):
    """How one kind of gateway posts: who may, and what it means. Pure: no clock, nothing is kept."""

    @property
    def events(self) -> frozenset[str]:
        """The kinds of events that it posts, by which those that say nothing are counted.

        Any other word of a `Reading.ignored` counts as ``other``: a counter is shown, and a body may hold anything.
        """

    def is_authentic(self, key: str, posted: Posted) -> bool | None:
        """Tell whether a webhook carries the gateway's webhook key, in a way that this kind can send it.

        ``None``: it is signed, and its body is not read yet. `wa_tui.gateways.authentication` has the ways.
        """

    def read(self, body: bytes) -> Reading:
        """Return what a body says. Raises `Unreadable` where it is no JSON, or not an event of this kind."""
