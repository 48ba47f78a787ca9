"""One canary: it sends a message from one session to another, and follows it to the other's session."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from wa_tui.gateways import GatewayClient
from wa_tui.model.facts import MessageAcked
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SECOND, Desired, GatewayState, Proof, Status
from wa_tui.model.traffic import Flow
from wa_tui.text.durations import spoken
from wa_tui.wire import ActionRequest, Attention

from ..actions import ActionRunner, Refusal
from ..clock import Clock
from ..recording.recorder import Recorder
from ..results import JobFailed
from ..traffic import Traffic
from . import failing
from .failing import CanaryFailed, Failure, Failures
from .following import Following, Seen
from .way import Way

SENDING = 60.0
"""Seconds within which the sending itself has an outcome."""

WHO = "canary"

BY_COUNT = "told by the count alone"


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
        self._failures = Failures(way)
        self._has_begun = False

    async def run(self) -> str:
        """Do one turn, for the job; returns how long each part took. Raises `JobFailed`, which says the broken half."""
        if not self._has_begun:
            # Jobs run as the daemon starts: one that is restarted again and again would cost a message each time.
            self._has_begun = True
            return f"begins with its next turn, in {spoken(self.way.every)}"
        try:
            result = await self._turn()
        except CanaryFailed as error:
            self._failures.add(error.failure)
            raise
        except JobFailed:
            self._failures.clear()
            raise
        self._failures.clear()
        return result

    def attention(self) -> list[Attention]:
        """Return what a person is needed for."""
        return self._failures.attention()

    async def _turn(self) -> str:
        number = self._number()
        if (why := self._rest()) is not None:
            return f"nothing was sent: {why}"
        self._look()
        following = Following(self.way.ends, self._clients, self._traffic, self._clock)
        if not any(following.tells(*end) for end in self.way.ends):
            raise self._failed(failing.nothing_told(self.way))
        if number is None:
            raise self._failed(failing.no_number(self.way))
        lives, began = self._lives(), self._clock.monotonic()
        message_id = await self._send(number)
        sent = (self._clock.monotonic() - began) / SECOND
        arrival = await self._arrival(following, message_id)
        self._judge(following, arrival, lives)
        if arrival.is_certain:
            await self._prove()
        return f"sent in {spoken(sent)}, {arrival}; {self.way.view.messages_a_day} messages a day"

    def _number(self) -> str | None:
        """Return the recipient's number. Raises `CanaryFailed` where its way is none, whatever is done."""
        found = [self._fleet.session(key) for key in (self.way.sender, self.way.recipient)]
        for key, session in zip((self.way.sender, self.way.recipient), found, strict=True):
            if session is None or session.deleted_at is not None:
                raise self._failed(failing.no_session(key))
        ours, theirs = (session.phone_number if session is not None else None for session in found)
        if ours is not None and ours == theirs:
            raise self._failed(failing.same_account())
        return theirs

    def _rest(self) -> str | None:
        """Return why a person does not want a message to go now."""
        now = self._clock.now()
        for key in (self.way.sender, self.way.recipient):
            session, gateway = self._fleet.session(key), self._fleet.gateway(key.gateway)
            if session is not None and session.desired is Desired.OFFLINE:
                return f"{key} is to be offline"
            if session is not None and session.snoozed_until > now:
                return f"{key} is snoozed"
            if gateway.snoozed_until > now:
                return f"gateway {key.gateway} is snoozed"
        return None

    def _look(self, since: str = "nothing was sent") -> None:
        """Raise `JobFailed` where the state of a session, or of its gateway, says itself that nothing comes through."""
        for half, key in (("sending", self.way.sender), ("receiving", self.way.recipient)):
            session, gateway = self._fleet.session(key), self._fleet.gateway(key.gateway)
            if gateway.state is GatewayState.DOWN:
                raise JobFailed(f"gateway {key.gateway} does not answer: {since}", known=True)
            if session is None or session.status is not Status.CONNECTED:
                status = "gone" if session is None else session.status
                raise JobFailed(f"the {half} session {key} is {status}: {since}", known=True)

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
            raise self._failed(failing.not_sent(self.way, str(refusal))) from refusal
        ended = await self._runner.wait(row.id, SENDING)
        if ended is None or ended.outcome != "verified":
            why = f"no outcome within {spoken(SENDING)}" if ended is None else ended.text
            is_unknown = ended is None or ended.outcome != "no_effect"
            self._look(f"it was not sent, {why}")
            raise self._failed(failing.not_sent(self.way, why, is_unknown=is_unknown))
        attempts = ended.message.attempts if ended.message is not None else ()
        return attempts[-1].message_id if attempts else None

    async def _arrival(self, following: Following, message_id: str | None) -> Arrival:
        patience = self.way.patience
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
        if arrival.is_certain:
            return
        failure = self._shown(following, arrival)
        if failure is None:
            return
        # Where something else went wrong meanwhile, that it was not seen says nothing.
        self._look("nobody knows whether the message arrived")
        if lives != self._lives():
            raise JobFailed("a gateway restarted: nobody knows whether the message arrived", known=True)
        for error in following.trouble.values():
            raise self._failed(failing.not_told(str(error)))
        raise self._failed(failure)

    def _shown(self, following: Following, arrival: Arrival) -> Failure | None:
        """Return what is broken by what was seen of a message, and what was not though it is told."""
        way, patience = self.way, self.way.patience / SECOND
        acked, delivered = arrival.acked, arrival.delivered
        if acked is None and following.tells(way.sender, Flow.ACKED):
            return failing.not_acknowledged(way, patience)
        is_told = following.tells(way.recipient, Flow.RECEIVED)
        if arrival.received is not None or (delivered is not None and not is_told):
            return None
        if acked is None or acked.counted or (delivered is not None and delivered.counted):
            return failing.not_seen(patience) if is_told else None
        return (
            failing.not_received(way, patience)
            if delivered is not None
            else failing.not_delivered(way, patience)
        )

    def _lives(self) -> list[int]:
        """Return how often each gateway had restarted: what it knew of a message it forgets."""
        return [self._fleet.gateway(key.gateway).restarts for key in (self.way.sender, self.way.recipient)]

    def _failed(self, failure: Failure) -> CanaryFailed:
        return CanaryFailed(failure, self.way)

    async def _prove(self) -> None:
        """Record that both sessions work: one's message was in the other's session."""
        for key in (self.way.sender, self.way.recipient):
            at = self._clock.now()
            local = self._fleet.gateway(key.gateway).local(at)
            await self._recorder.record(MessageAcked(*key, at=at, happened=local, proof=Proof.DELIVERED))
