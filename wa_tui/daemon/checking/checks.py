"""Status checks: asks one gateway what its sessions really do, a few at a time, each with its deadline.

A check asked for while one of the same session waits joins it, and hurries it where it is more urgent; one asked
for while it runs runs after it. One that an answer asks for (a check, a list or a webhook that does not fit) waits
longer each time it is asked for again.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from wa_tui.gateways import (
    Garbled,
    GatewayClient,
    GatewayError,
    InvalidRequest,
    NoAnswer,
    Refused,
)
from wa_tui.model.facts import Authorised, Checked, CheckFailed, Fact, Listed, QrCode
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import DOWN, SECOND, GatewayState, SessionKey, Source, Status
from wa_tui.model.transition import Transition
from wa_tui.store import StoreError

from ..clock import Clock, dated
from ..recording.recorder import NotTaken, Recorder
from .absence import absence
from .brake import Brake
from .slots import Slots, Turn, Urgency

log = logging.getLogger("wa_tui.sync")

T = TypeVar("T")

_RECENT = 64
"""Answers by which a gateway's answer time is told."""

_WEIGHT = {Source.SYNC: 0, Source.HEAL: 1, Source.ACTION: 2}
"""Whose a check is that several asked for: the last of these."""


@dataclass(slots=True)
class _Waiting:
    """A check that waits for its slot: whose it is and how urgent may still grow."""

    source: Source
    turn: Turn
    task: asyncio.Task[Transition | None] = field(init=False)


class GatewayChecks:
    """The status checks of one gateway's sessions, and what they find, recorded.

    ``look`` asks the gateway for its health and records that.
    """

    def __init__(
        self,
        gateway: str,
        client: GatewayClient,
        fleet: Fleet,
        recorder: Recorder,
        clock: Clock,
        look: Callable[[str], Awaitable[None]],
    ) -> None:
        self._gateway = gateway
        self._client = client
        self._fleet = fleet
        self._recorder = recorder
        self._clock = clock
        self._look = look
        self._looking: asyncio.Task[None] | None = None
        self._slots = Slots()
        self._took: deque[int] = deque(maxlen=_RECENT)
        """How long the gateway's last answers took, in milliseconds."""
        self._waiting: dict[SessionKey, _Waiting] = {}
        self._asking: dict[SessionKey, asyncio.Task[Transition | None]] = {}
        self._running: set[asyncio.Task[Transition | None]] = set()
        self._brake: Brake[SessionKey] = Brake(clock)
        self._later: dict[SessionKey, asyncio.TimerHandle] = {}
        """Checks that an answer asked for, and that wait for that."""

    def check_again(self, key: SessionKey, urgency: Urgency) -> None:
        """Check a session because an answer asks for it: each time after a longer wait."""
        # One that is down is asked for everything once it is back.
        if key in self._later or self._fleet.gateway(self._gateway).state is GatewayState.DOWN:
            return
        wait = self._brake.wait(key)
        if wait:
            loop = asyncio.get_running_loop()
            self._later[key] = loop.call_later(wait, partial(self.request, key, urgency=urgency))
        else:
            self.request(key, urgency=urgency)

    def forget(self, key: SessionKey) -> None:
        """Forget how often a session's answers asked for a check."""
        self._brake.forget(key)

    def request(
        self, key: SessionKey, source: Source = Source.SYNC, *, urgency: Urgency | None = None
    ) -> asyncio.Task[Transition | None]:
        """Ask for a check that begins after this call; the task gives its outcome, ``None`` for no answer."""
        urgency = Urgency.of(source) if urgency is None else urgency
        later = self._later.pop(key, None)
        if later is not None:
            later.cancel()
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.source = max(waiting.source, source, key=_WEIGHT.__getitem__)
            self._slots.hurry(waiting.turn, urgency)
            return waiting.task
        asked = _Waiting(source, Turn(urgency))
        asked.task = task = asyncio.create_task(self._run(key, asked), name=f"check {key}")
        self._waiting[key] = asked
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def answer_time(self) -> float:
        """Return the median time that the gateway's last answers took, in seconds; 0 before the first."""
        return statistics.median(self._took) / SECOND if self._took else 0.0

    async def stop(self) -> None:
        """Give up every check under way, and those to come."""
        for later in self._later.values():
            later.cancel()
        self._later.clear()
        under_way: list[asyncio.Task[Any]] = [*self._running]
        if self._looking is not None:
            under_way.append(self._looking)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _run(self, key: SessionKey, waiting: _Waiting) -> Transition | None:
        try:
            # A client that hangs costs one slot, however often it is asked for.
            while (asking := self._asking.get(key)) is not None:
                await asyncio.wait({asking})
            async with self._slots.slot(waiting.turn):
                del self._waiting[key]
                self._asking[key] = waiting.task
                # A person may know better than the last health check.
                down = self._fleet.gateway(self._gateway).state is GatewayState.DOWN
                left_out = down and waiting.source is not Source.ACTION
                facts = [] if left_out else await self._ask(key, waiting.source)
            return await self._record(key, facts)
        finally:
            if self._waiting.get(key) is waiting:
                del self._waiting[key]
            if self._asking.get(key) is waiting.task:
                del self._asking[key]

    async def _record(self, key: SessionKey, facts: list[Fact]) -> Transition | None:
        if not facts:
            return None
        try:
            outcomes = await self._recorder.record(*facts)
        except (NotTaken, StoreError) as error:
            log.warning("A check of %s could not be recorded: %s", key, error)
            return None
        for outcome in outcomes:
            log_disconnected(outcome)
        return outcomes[-1] if isinstance(facts[-1], Checked) else None

    async def _ask(self, key: SessionKey, source: Source) -> list[Fact]:
        began = self._clock.monotonic()
        try:
            found = await self._client.status(key.session_id)
        except GatewayError as error:
            return self._failure(key, dated(self._clock, began), error)
        self._took.append(self._clock.monotonic() - began)
        if not found.exists:
            await self.look_after_loss(key, dated(self._clock, began))
            if self._fleet.gateway(self._gateway).state is GatewayState.DOWN and source is not Source.ACTION:
                # It went down meanwhile: what it lacked says nothing.
                return []
        deleted = self._fleet.session(key)
        if deleted is not None and deleted.deleted_at is not None:
            # Nothing of it is observed any more, but that its client runs on.
            runs = found.status if found.status not in DOWN else None
            return [Listed(*key, began=dated(self._clock, began), at=self._clock.now(), status=runs)]
        facts: list[Fact] = []
        if self._fleet.gateway(self._gateway).refuses_key:
            facts.append(Authorised(key.gateway, self._clock.now(), accepted=True))
        facts.append(
            Checked(
                gateway=key.gateway,
                session_id=key.session_id,
                began=dated(self._clock, began),
                at=self._clock.now(),
                status=found.status if found.exists else None,
                ready=found.ready,
                phone_number=found.phone_number,
                qr=QrCode.of(found.qr) if found.qr else None,
                detail=found.detail,
                reason=found.reason,
                proof=found.proof,
                source=source,
                restoring=not found.exists and self._fleet.gateway(self._gateway).restoring,
            )
        )
        return facts

    async def look_after_loss(self, key: SessionKey, since: int) -> None:
        """Where the gateway lacks a session that was up: ask whether it restarted, unless that is known ``since`` then.

        What restarts restores by itself first, and its next health check may be seconds away.
        """
        session, gateway = self._fleet.session(key), self._fleet.gateway(self._gateway)
        if session is None or not session.restorable or session.status in DOWN:
            return
        if gateway.restoring or (gateway.seen_at or 0) >= since:
            return
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(
                _looked(self._look(self._gateway)), name=f"look at {self._gateway}"
            )
        await ended(self._looking)

    def _failure(self, key: SessionKey, began: int, error: GatewayError) -> list[Fact]:
        now = self._clock.now()
        if (fact := absence(key.gateway, now, error)) is not None:
            return [fact]
        match error:
            case NoAnswer() | Garbled() | Refused() | InvalidRequest():
                return [CheckFailed(key.gateway, key.session_id, began, now, error.detail)]
        return []


async def ended(task: asyncio.Task[T]) -> T | None:
    """Wait for a task that others wait for too; ``None`` where it was cancelled, with all work at its gateway."""
    await asyncio.wait({task})
    return None if task.cancelled() else task.result()


async def _looked(look: Awaitable[None]) -> None:
    try:
        await look
    except (NotTaken, StoreError) as error:
        log.warning("A gateway's health could not be recorded: %s", error)


def log_disconnected(outcome: Transition) -> None:
    """Log a session that turns out not to be connected, in the words operators search for."""
    event = outcome.event
    if event is not None and event.before == Status.CONNECTED and event.after in DOWN:
        log.warning("Session %s appears disconnected, updating status", event.session_id)
