"""One canary: it sends a message from one session to another, and follows it to the other's phone."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass

from wa_tui.model.facts import MessageAcked
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import DAY, SECOND, Proof, SessionKey, Status
from wa_tui.model.traffic import Flow
from wa_tui.text.durations import spoken
from wa_tui.wire import ActionRequest

from ..actions import ActionRunner, Refusal
from ..clock import Clock, dated
from ..recording.recorder import Recorder
from ..results import JobFailed
from ..traffic import Traffic

PATIENCE = 120 * SECOND
"""How long an acknowledgement, and the arrival, may take, in milliseconds."""

LOOK = 0.5
"""Seconds between two looks at the counts."""

SENDING = 60.0
"""Seconds within which the sending itself has an outcome."""

WHO = "canary"


@dataclass(frozen=True, slots=True)
class Way:
    """Between which sessions a canary goes, and how often, in seconds."""

    sender: SessionKey
    recipient: SessionKey
    every: float

    def __str__(self) -> str:
        return f"{self.sender} to {self.recipient}"


class Canary:
    """Sends one message a turn, never twice: one of which nobody knows whether it went out is not sent again.

    It goes the way that a person's messages go, and only to a number that a session of ours is known to have.
    """

    def __init__(
        self,
        way: Way,
        fleet: Fleet,
        traffic: Traffic,
        runner: ActionRunner,
        recorder: Recorder,
        clock: Clock,
    ) -> None:
        self.way = way
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
        number = self._number()
        began = self._clock.monotonic()
        sent = await self._send(number)
        acked, received = await asyncio.gather(
            self._seen(self.way.sender, Flow.ACKED, began),
            self._seen(self.way.recipient, Flow.RECEIVED, began),
        )
        self._judge(acked, received)
        await self._prove()
        daily = round(DAY / SECOND / self.way.every)
        parts = [f"sent in {spoken(sent)}"]
        parts += [f"acknowledged after {spoken(acked)}"] if acked is not None else []
        parts += [f"received after {spoken(received)}"] if received is not None else []
        return f"{', '.join(parts)}; {daily} messages a day"

    def _number(self) -> str:
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
        if not {Flow.ACKED, Flow.RECEIVED} & self._visible():
            raise JobFailed(
                f"neither {self.way.sender.gateway} tells acknowledgements nor {self.way.recipient.gateway} "
                "what comes in: nothing could be seen; `wa-tui gateways setup` has them tell"
            )
        return recipient.phone_number

    async def _send(self, number: str) -> float:
        """Send the message once; returns how long that took, in seconds. Raises `JobFailed`."""
        began, sender = self._clock.monotonic(), self.way.sender
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
        return (self._clock.monotonic() - began) / SECOND

    async def _seen(self, key: SessionKey, flow: Flow, began: int) -> float | None:
        """Return after how many seconds a flow had a message; ``None`` where its gateway tells none, or none came.

        ``began`` is by the clock that never steps.
        """
        if flow not in self._traffic.flows(key.gateway):
            return None
        while self._clock.monotonic() - began < PATIENCE:
            since, last = dated(self._clock, began), self._traffic.last(key, flow)
            # A gateway's clock is known to some tenths of a second.
            if last >= since - SECOND:
                return max(0, last - since) / SECOND
            await asyncio.sleep(LOOK)
        return None

    def _judge(self, acked: float | None, received: float | None) -> None:
        """Raise `JobFailed` for the half that is broken, where that half is told at all."""
        sender, recipient = self.way.sender, self.way.recipient
        if acked is None and Flow.ACKED in self._traffic.flows(sender.gateway):
            raise JobFailed(
                f"the sending half is broken: WhatsApp's server acknowledged nothing of {sender} within "
                f"{spoken(PATIENCE / SECOND)}"
            )
        if received is None and Flow.RECEIVED in self._traffic.flows(recipient.gateway):
            raise JobFailed(
                f"the receiving half is broken: WhatsApp's server took the message from {sender}, and {recipient} "
                f"did not get it within {spoken(PATIENCE / SECOND)}"
            )

    async def _prove(self) -> None:
        """Record that both sessions work: one's message was on the other's device."""
        if Flow.RECEIVED in self._visible():
            for key in (self.way.sender, self.way.recipient):
                at = self._clock.now()
                local = self._fleet.gateway(key.gateway).local(at)
                await self._recorder.record(MessageAcked(*key, at=at, happened=local, proof=Proof.DELIVERED))

    def _visible(self) -> set[Flow]:
        """Return which ends of its way are told by their gateways."""
        ends = ((self.way.sender, Flow.ACKED), (self.way.recipient, Flow.RECEIVED))
        return {flow for key, flow in ends if flow in self._traffic.flows(key.gateway)}
