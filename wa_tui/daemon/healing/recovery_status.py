"""What healing shows of one gateway's sessions, and says of them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from wa_tui.model.facts import Fact, HealingSaid
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SessionKey
from wa_tui.wire import Attention, GatewayHealingView, HealingState, HealingView

from ..clock import Clock, dated
from ..dates import instant
from ..recording.bus import Bus
from ..recording.change import Change
from ..recording.recorder import NotTaken, Recorder
from ..starts import Starts
from .breaker import Breaker
from .pauses import attention, cause
from .session_recovery import SessionRecovery
from .waits import Wait

log = logging.getLogger("wa_tui.heal")

CALLING = ("flapping", "exhausted")
"""States that call a person."""

KEPT_DOWN: tuple[HealingState, ...] = ("waiting", "starting", "held", "exhausted")
"""States of those that a pause keeps down."""


class RecoveryStatus:
    """Shows where every recovery stands; what calls a person, or ends that, is an event too.

    The watchers are told what is shown differently, unless it ``is_hushed``: then they are told of the session anyway.
    """

    def __init__(
        self,
        gateway: str,
        url: str,
        breaker: Breaker,
        fleet: Fleet,
        clock: Clock,
        recorder: Recorder,
        bus: Bus,
        is_hushed: Callable[[], bool],
        starts: Starts,
    ) -> None:
        self._gateway = gateway
        self._url = url
        self._breaker = breaker
        self._fleet = fleet
        self._clock = clock
        self._recorder = recorder
        self._bus = bus
        self._is_hushed = is_hushed
        self._starts = starts
        self._states: Counter[HealingState] = Counter()
        """How many recoveries are in each state."""

    def view(self, recovery: SessionRecovery | None) -> HealingView | None:
        """Return what healing does for a session; ``None`` for nothing."""
        if recovery is None or recovery.state is None:
            return None
        return HealingView(
            state=recovery.state,
            attempts=recovery.attempts,
            next_at=self._instant(recovery.next_at),
            why=recovery.why,
        )

    def gateway_view(self, *, enabled: bool) -> GatewayHealingView:
        """Return what healing does on the gateway."""
        paused_until = self._breaker.paused_until(self._clock.monotonic())
        return GatewayHealingView(
            enabled=enabled,
            at_once=self._starts.at_once,
            starting=self._starts.running(self._gateway),
            waiting=self._states["waiting"] + self._states["held"],
            paused_until=self._instant(paused_until),
            why=cause(self._breaker, self._url) if paused_until is not None else "",
        )

    def _instant(self, monotonic: int | None) -> datetime | None:
        return None if monotonic is None else instant(dated(self._clock, monotonic))

    async def publish(self, key: SessionKey, recovery: SessionRecovery, wait: Wait) -> None:
        """Show where a recovery stands, and call a person where that has become needed."""
        call = self.note(key, recovery, wait)
        if call is not None:
            await self.say(call)

    def note(self, key: SessionKey, recovery: SessionRecovery, wait: Wait) -> HealingSaid | None:
        """Show where a recovery stands; returns what is to be said where a person has become needed."""
        recovery.why = wait.why
        self.show(key, recovery, wait.state)
        if wait.state not in CALLING or wait.state in recovery.called:
            return None
        recovery.called |= {wait.state}
        log.warning("Session %s: %s", key, wait.why)
        return HealingSaid(key.gateway, self._clock.now(), wait.why, key.session_id)

    def attention(self) -> list[Attention]:
        """Return whether the gateway needs a person since healing stays paused there."""
        waits = any(self._states[state] for state in KEPT_DOWN)
        return attention(self._breaker, self._url) if waits else []

    async def pauses(self) -> None:
        """Say that a pause begins, and show it at once."""
        many = len(self._breaker.failing)
        sessions = "one session" if many == 1 else f"{many} sessions in a row"
        detail = f"healing pauses: {sessions} did not start, the last: {self._breaker.detail}"
        await self.say(HealingSaid(self._gateway, self._clock.now(), detail))
        self._bus.show(Change(shown={self._gateway}))

    def goes_on(self) -> None:
        """Say that a pause is over, and show it at once."""
        detail = "starts work again: healing goes on"
        self.announce(HealingSaid(self._gateway, self._clock.now(), detail))
        self._bus.show(Change(shown={self._gateway}))

    async def say(self, fact: Fact) -> None:
        """Record what healing says."""
        await self._recorder.record(fact)

    def announce(self, said: HealingSaid) -> None:
        """Record what healing says, and wait for nothing; the log tells where that fails."""

        def ended(result: object) -> None:
            if isinstance(result, Exception):
                log.warning(
                    "What healing says of %s could not be recorded (%s): %s",
                    said.gateway,
                    said.detail,
                    result,
                )

        try:
            self._recorder.submit((said,), ended)
        except NotTaken as error:
            ended(error)

    def show(self, key: SessionKey, recovery: SessionRecovery, state: HealingState | None) -> None:
        """Show a recovery's state to the watchers, where anything of it changed."""
        states = self._states
        if recovery.state is not None:
            states[recovery.state] -= 1
        if state is not None:
            states[state] += 1
        recovery.state = state
        shown = (state, recovery.next_at, recovery.why, recovery.attempts) if state is not None else None
        if shown == recovery.shown:
            return
        recovery.shown = shown
        # Asked first: each webhook of a flood comes by here, and a change is dear to make.
        if not self._is_hushed() and (session := self._fleet.session(key)) is not None:
            self._bus.show(Change(sessions={key: session}))
