"""Messages that go through the clients of a gateway, and what becomes of them; of what they say there is nothing."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from uuid import uuid4

from wa_tui.simulator.client import Client
from wa_tui.simulator.rhythm import Rhythm, poisson

_TICK_S = 1.0
_RETRY_S = 2.0
"""Between two tries of what waits for a connection."""
_READ = 0.7
"""The share of messages that somebody reads within the minute."""


_REMEMBERED = 2000
"""Messages of which each session's counters know what became of them."""


class Flow(StrEnum):
    """What is counted of messages."""

    RECEIVED = "received"
    SENT = "sent"
    ACKED = "acked"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


_AFTER: Mapping[Flow, tuple[Flow, float, float]] = {
    Flow.SENT: (Flow.ACKED, 0.3, 2),
    Flow.ACKED: (Flow.DELIVERED, 1, 10),
    Flow.DELIVERED: (Flow.READ, 10, 120),
}
"""What follows a step, and between how many times `Timing.ack` after it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, or one step of what became of one of ours; `at` is by the gateway's clock, in epoch seconds."""

    flow: Flow
    id: str
    at: float
    peer: str
    """The account at its other end, made up."""


@dataclass(slots=True)
class Counts:
    """What went through a session since the service began, and when each last did, in epoch seconds."""

    number: dict[Flow, int] = field(default_factory=lambda: dict.fromkeys(Flow, 0))
    last: dict[Flow, float] = field(default_factory=dict)
    queued: int = 0
    """Sent ones that WhatsApp's server has not acknowledged."""
    flows: dict[str, set[Flow]] = field(default_factory=dict)
    """What became of the last messages, by their ids."""

    def add(self, flow: Flow, at: float, message_id: str) -> None:
        """Count one more."""
        self.number[flow] += 1
        self.last[flow] = at
        if message_id not in self.flows and len(self.flows) >= _REMEMBERED:
            del self.flows[next(iter(self.flows))]
        self.flows.setdefault(message_id, set()).add(flow)


class Messages:
    """Has messages come in and go out, counts them, and gives each step to the gateway's face."""

    def __init__(self, rng: random.Random, now: Callable[[], float], scale: float | None, ack: float) -> None:
        self.notify: Callable[[Client, Message], None] = _nobody
        """Who is given each step: a kind's face that posts each as a webhook sets it."""
        self.find: Callable[[str], Client | None] = _of_nobody
        """Finds the client that has an account's number: what is sent to it comes in there, under the same id."""
        self.loses = False
        """WhatsApp's server takes what is sent, and nothing of it ever reaches anybody."""
        self.counts: defaultdict[str, Counts] = defaultdict(Counts)
        """By session id."""
        self.boot = str(uuid4())
        """Names this life of the counters: another process with the same seed has another."""
        self._rng = rng
        self._now = now
        self._scale = scale
        self._ack = ack
        self._rhythms: dict[str, Rhythm] = {}
        self._addressed: set[str] = set()
        """Messages that are on their way to a number that somebody named."""

    @property
    def counted(self) -> bool:
        """Whether anything is said of messages."""
        return self._scale is not None

    def forget(self) -> None:
        """Begin at zero, as a new process does."""
        self.counts.clear()
        self.boot = str(uuid4())

    def receive(self, client: Client, message_id: str | None = None, peer: str | None = None) -> None:
        """Have a message come in, unless nothing reaches the client."""
        if client.ghost is None or not client.ghost.deaf:
            self._step(client, Flow.RECEIVED, message_id or self._id(), peer or self._peer())

    def send(self, client: Client, message_id: str | None = None, recipient: str | None = None) -> str:
        """Have a message go out, by us or on the phone; returns its id. What acknowledges it comes later."""
        message_id, peer = message_id or self._id(), recipient or self._peer()
        if recipient is not None:
            self._addressed.add(message_id)
        self._step(client, Flow.SENT, message_id, peer)
        return message_id

    def send_on_phone(self, client: Client) -> None:
        """Have a person send one on the phone, of which a deaf client hears nothing."""
        if client.ghost is None or not client.ghost.deaf:
            self.send(client)

    def fail(self, client: Client, message_id: str | None = None) -> None:
        """Have a message not be sent, for sure."""
        self._step(client, Flow.FAILED, message_id or self._id(), self._peer())

    async def run(self, clients: Mapping[str, Client]) -> None:
        """Have messages come and go in each session's rhythm, `scale` times as many."""
        while self._scale:
            await asyncio.sleep(_TICK_S)
            share = self._scale * _TICK_S / 3600
            for session_id, client in list(clients.items()):
                if client.truth == "connected" and not client.hanging:
                    self._converse(client, self._rhythm(session_id), share)

    def _converse(self, client: Client, rhythm: Rhythm, share: float) -> None:
        for _ in range(poisson(self._rng, rhythm.at(self._now()) * share)):
            if self._rng.random() < rhythm.outgoing:
                self.send_on_phone(client)
            else:
                self.receive(client)

    def _rhythm(self, session_id: str) -> Rhythm:
        found = self._rhythms.get(session_id)
        if found is None:
            found = self._rhythms[session_id] = Rhythm.of(session_id)
        return found

    def _step(self, client: Client, flow: Flow, message_id: str, peer: str) -> None:
        if not self.counted:
            return
        counts, at = self.counts[client.account.session_id], self._now()
        counts.add(flow, at, message_id)
        counts.queued += {Flow.SENT: 1, Flow.ACKED: -1}.get(flow, 0)
        self.notify(client, Message(flow, message_id, at, peer))
        if flow is Flow.ACKED:
            if self.loses:
                return
            self._arrive(client, message_id, peer)
        if flow in _AFTER and (flow is not Flow.DELIVERED or self._rng.random() < _READ):
            following, least, most = _AFTER[flow]
            later = partial(self._follow, client, following, message_id, peer, counts)
            asyncio.get_running_loop().call_later(self._ack * self._rng.uniform(least, most), later)

    def _arrive(self, sender: Client, message_id: str, peer: str) -> None:
        """Have a message come in at the client to whose number it was sent, if that is one of this gateway's."""
        if message_id not in self._addressed:
            return
        self._addressed.remove(message_id)
        recipient = self.find(peer)
        if recipient is not None and recipient.truth == "connected" and not recipient.hanging:
            self.receive(recipient, message_id, sender.phone)

    def _follow(self, client: Client, flow: Flow, message_id: str, peer: str, counts: Counts) -> None:
        """Go on with a message once its client can hear of it; one that is gone, or a new process, never does."""
        if self.counts.get(client.account.session_id) is not counts:
            return
        if client.truth == "destroyed":
            counts.queued -= flow is Flow.ACKED
            return
        mute = client.ghost is not None and client.ghost.mute
        if client.truth != "connected" or client.hanging or mute:
            later = partial(self._follow, client, flow, message_id, peer, counts)
            asyncio.get_running_loop().call_later(_RETRY_S, later)
        else:
            self._step(client, flow, message_id, peer)

    def _id(self) -> str:
        return f"3EB0{self._rng.getrandbits(72):018X}"

    def _peer(self) -> str:
        # A range that is kept for fiction: nobody can be called there.
        return f"120255501{self._rng.randrange(100):02d}"


def _nobody(client: Client, message: Message) -> None:
    pass


def _of_nobody(number: str) -> Client | None:
    return None
