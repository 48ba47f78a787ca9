"""One canary: it sends a message from one session to another, and follows it to the other's session."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from wa_tui.gateways import GatewayClient
from wa_tui.model.facts import MessageAcked
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import DAY, SECOND, Proof, SessionKey, Status, milliseconds
from wa_tui.model.traffic import Flow
from wa_tui.text.durations import spoken
from wa_tui.wire import ActionRequest

from ..actions import ActionRunner, Refusal
from ..clock import Clock
from ..recording.recorder import Recorder
from ..results import JobFailed
from ..traffic import Traffic
from .following import Following, Seen

PATIENCE = 120 * SECOND
"""How long an acknowledgement, and the arrival, may take, in milliseconds; a canary's next turn is never waited for."""

SENDING = 60.0
"""Seconds within which the sending itself has an outcome."""

WHO = "canary"

BY_COUNT = "told by the count alone"


@dataclass(frozen=True, slots=True)
class Way:
    """Between which sessions a canary goes, and how often, in seconds."""

    sender: SessionKey
    recipient: SessionKey
    every: float

    @property
    def ends(self) -> tuple[tuple[SessionKey, Flow], ...]:
        """Where its message is looked for."""
        sender = self.sender
        return (sender, Flow.ACKED), (sender, Flow.DELIVERED), (self.recipient, Flow.RECEIVED)

    def __str__(self) -> str:
        return f"{self.sender} to {self.recipient}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What was seen of a message: that WhatsApp's server had it, a device of the other's, and the other's session."""

    acked: Seen | None
    delivered: Seen | None
    received: Seen | None

    @property
    def is_certain(self) -> bool:
        """Whether the very message was in the other's session."""
        return self.received is not None and not self.received.counted

    def __str__(self) -> str:
        parts = ("acknowledged", self.acked), ("delivered", self.delivered), ("received", self.received)
        return ", ".join(
            f"{word} after {spoken(seen.after)}{f' ({BY_COUNT})' if seen.counted else ''}"
            for word, seen in parts
            if seen is not None
        )


class Canary:
    """Sends one message a turn, never twice: one of which nobody knows whether it went out is not sent again.

    It goes the way that a person's messages go, and only to a number that a session of ours is known to have.
    """

    def __init__(
        self,
        way: Way,
        clients: Mapping[str, GatewayClient],
        fleet: Fleet,
        traffic: Traffic,
        runner: ActionRunner,
        recorder: Recorder,
        clock: Clock,
    ) -> None:
        self.way = way
        self._clients = clients
        self._fleet = fleet
        self._traffic = traffic
        self._runner = runner
        self._recorder = recorder
        self._clock = clock
        self._has_begun = False

    async def run(self) -> str:
        """Do one turn, for the job; returns how long each part took. Raises `JobFailed`, which says the broken half."""
        if not self._has_begun:
            # Jobs run as the daemon starts: one that is restarted again and again would cost a message each time.
            self._has_begun = True
            return f"begins with its next turn, in {spoken(self.way.every)}"
        following = Following(self.way.ends, self._clients, self._traffic, self._clock)
        number, lives = self._number(following), self._lives()
        began = self._clock.monotonic()
        message_id = await self._send(number)
        sent = (self._clock.monotonic() - began) / SECOND
        arrival = await self._arrival(following, message_id)
        self._judge(following, arrival, lives)
        if arrival.is_certain:
            await self._prove()
        daily = round(DAY / SECOND / self.way.every)
        return f"sent in {spoken(sent)}, {arrival}; {daily} messages a day"

    def _number(self, following: Following) -> str:
        """Return the recipient's number. Raises `JobFailed` where a message could not tell anything."""
        for half, key in (("sending", self.way.sender), ("receiving", self.way.recipient)):
            session = self._fleet.session(key)
            if session is None or session.deleted_at is not None:
                raise JobFailed(f"there is no session {key}: its canary names it; nothing was sent")
            if session.status is not Status.CONNECTED:
                raise JobFailed(f"the {half} session {key} is {session.status}; nothing was sent", known=True)
        recipient = self._fleet.session(self.way.recipient)
        if recipient is None or recipient.phone_number is None:
            raise JobFailed(f"the number of {self.way.recipient} is not known yet; nothing was sent")
        if not any(following.tells(*end) for end in self.way.ends):
            raise JobFailed(
                f"neither {self.way.sender.gateway} tells acknowledgements nor {self.way.recipient.gateway} "
                "what comes in: nothing could be seen; `wa-tui gateways setup` has them tell"
            )
        return recipient.phone_number

    async def _send(self, number: str) -> str | None:
        """Send the message once; returns its id, where its gateway tells that. Raises `JobFailed`."""
        sender = self.way.sender
        request = ActionRequest(
            action="send",
            gateway=sender.gateway,
            session_id=sender.session_id,
            recipient=f"+{number.lstrip('+')}",
            message=f"wa-tui canary {secrets.token_hex(4)}",
        )
        try:
            row = await self._runner.submit(request, WHO)
        except Refusal as refusal:
            raise JobFailed(f"the canary of {sender} was refused: {refusal}") from refusal
        ended = await self._runner.wait(row.id, SENDING)
        if ended is None or ended.outcome != "verified":
            why = "it has no outcome yet" if ended is None else f"{ended.outcome}: {ended.text}"
            raise JobFailed(f"sending from {sender} failed, and is not tried again till the next turn: {why}")
        attempts = ended.message.attempts if ended.message is not None else ()
        return attempts[-1].message_id if attempts else None

    async def _arrival(self, following: Following, message_id: str | None) -> Arrival:
        patience = min(PATIENCE, milliseconds(self.way.every))
        acked, received = await asyncio.gather(
            following.seen(self.way.sender, Flow.ACKED, message_id, patience),
            following.seen(self.way.recipient, Flow.RECEIVED, message_id, patience),
        )
        delivered = None
        if received is None and acked is not None:
            delivered = await following.seen(self.way.sender, Flow.DELIVERED, message_id, patience)
        return Arrival(acked, delivered, received)

    def _judge(self, following: Following, arrival: Arrival, lives: list[int]) -> None:
        """Raise `JobFailed` for the half that is broken, where that half is told at all."""
        sender, recipient = self.way.sender, self.way.recipient
        if arrival.is_certain:
            return
        lacks_ack = arrival.acked is None and following.tells(sender, Flow.ACKED)
        lacks_arrival = arrival.received is None and following.tells(recipient, Flow.RECEIVED)
        lacks_delivery = arrival.delivered is None and arrival.received is None
        if (
            not lacks_ack
            and not lacks_arrival
            and not (lacks_delivery and following.tells(sender, Flow.DELIVERED))
        ):
            return
        self._refuse_to_judge(following, lives)
        within = f"within {spoken(min(PATIENCE / SECOND, self.way.every))}"
        if lacks_ack:
            raise JobFailed(
                f"the sending half is broken: WhatsApp's server did not acknowledge the message of {sender} {within}"
            )
        if lacks_arrival and not lacks_delivery:
            raise JobFailed(
                f"the receiving half is broken: the message from {sender} was delivered to a device of {recipient}, "
                f"and the session did not get it {within}"
            )
        raise JobFailed(
            f"the receiving half is broken: WhatsApp's server took the message from {sender}, and it was not "
            f"delivered to {recipient} {within}"
        )

    def _refuse_to_judge(self, following: Following, lives: list[int]) -> None:
        """Raise `JobFailed` where that a message was not seen says nothing, since something else went wrong."""
        for key in (self.way.sender, self.way.recipient):
            session = self._fleet.session(key)
            if session is None or session.status is not Status.CONNECTED:
                status = "gone" if session is None else session.status
                raise JobFailed(
                    f"{key} is {status} since the message was sent: nobody knows whether it arrived",
                    known=True,
                )
            if (error := following.trouble.get(key.gateway)) is not None:
                raise JobFailed(f"nobody can say whether the message arrived: {error}")
        if lives != self._lives():
            raise JobFailed("a gateway restarted since the message was sent: nobody knows whether it arrived")

    def _lives(self) -> list[int]:
        """Return how often each gateway had restarted: what it knew of a message it forgets."""
        return [self._fleet.gateway(key.gateway).restarts for key in (self.way.sender, self.way.recipient)]

    async def _prove(self) -> None:
        """Record that both sessions work: one's message was in the other's session."""
        for key in (self.way.sender, self.way.recipient):
            at = self._clock.now()
            local = self._fleet.gateway(key.gateway).local(at)
            await self._recorder.record(MessageAcked(*key, at=at, happened=local, proof=Proof.DELIVERED))
