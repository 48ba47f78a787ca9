"""Traffic: how many messages go through a session, and what becomes of them. Counts alone, never what they say.

Counts are no registers: they take a way of their own beside `apply`, in batches of a minute.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from .registers import Proof


class Flow(StrEnum):
    """What is counted."""

    RECEIVED = "received"
    """Messages to the account, groups and broadcasts included."""
    SENT = "sent"
    """Messages from the account: by us, by another client of the gateway, or on the phone."""
    ACKED = "acked"
    """Sent messages that WhatsApp's server acknowledged."""
    DELIVERED = "delivered"
    """Sent messages that a recipient's device acknowledged."""
    READ = "read"
    """Sent messages that a recipient read or played."""
    FAILED = "failed"
    """Messages whose sending failed."""


FLOWS = tuple(Flow)

PROOFS = {Flow.ACKED: Proof.SERVER, Flow.DELIVERED: Proof.DELIVERED, Flow.READ: Proof.DELIVERED}
"""What an acknowledgement proves of the session that sent the message."""


class FlowCounts(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """How many messages of each flow."""

    received: int = 0
    sent: int = 0
    acked: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0

    @classmethod
    def of(cls, flow: Flow, number: int = 1) -> FlowCounts:
        """Return the counts of some messages of one flow."""
        return cls(**{flow.value: number})

    def __add__(self, other: FlowCounts) -> FlowCounts:
        """Return both together."""
        return FlowCounts(*(self[flow] + other[flow] for flow in FLOWS))

    def __getitem__(self, flow: Flow) -> int:
        """Return how many messages of a flow."""
        number: int = getattr(self, flow)
        return number

    def __bool__(self) -> bool:
        """Tell whether anything was counted."""
        return any(self[flow] for flow in FLOWS)


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message, or one step of what became of it, as a gateway's webhook tells it."""

    session_id: str
    flow: Flow
    at: int | None = None
    """When it happened, in milliseconds since the epoch by the gateway's clock; ``None``: not told."""
    id: str | None = None
    """The gateway's id of the message: by it a repetition is known. Kept for an hour or two in memory alone."""


class Counters(msgspec.Struct, frozen=True, gc=False):
    """What a gateway that counts by itself tells of a session: all since it began to count."""

    session_id: str
    boot: str
    """Names one life of the counters: with another one they began at zero again."""
    counts: FlowCounts
    last: tuple[int | None, ...] = (None,) * len(FLOWS)
    """When each flow last had one, in milliseconds since the epoch by the gateway's clock, in order of `FLOWS`."""
    queued: int = 0
    """Messages that wait in its client to be sent."""
