"""What healing shows of its patients, and says of them."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from wa_tui.model.facts import Fact, HealingSaid
from wa_tui.model.registers import SessionKey
from wa_tui.wire import Attention, GatewayHealingView, HealingState, HealingView

from ..clock import dated
from ..core import Core
from ..recording.change import Change
from ..recording.recorder import NotTaken
from ..views.wire_views import instant
from .breaker import Breaker
from .pauses import attention, cause
from .session_recovery import SessionRecovery
from .waits import Wait

log = logging.getLogger("wa_tui.heal")

CALLING = ("flapping", "exhausted")
"""States that call a person."""

KEPT_DOWN: tuple[HealingState, ...] = ("waiting", "starting", "held", "exhausted")
"""States of those that a pause keeps down."""


@dataclass(slots=True)
class GatewayRecovery:
    """One gateway's breaker, its patients by state, and who of them is looked at before its start."""

    breaker: Breaker
    looks: asyncio.Semaphore
    states: Counter[HealingState] = field(default_factory=Counter)


class RecoveryStatus:
    """Shows where every patient stands; what calls a person, or ends that, is an event too."""

    def __init__(self, core: Core, gateway_recoveries: Mapping[str, GatewayRecovery]) -> None:
        self._core = core
        self._gateway_recoveries = gateway_recoveries
        self._hushed = False

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

    def gateway_view(self, name: str, *, enabled: bool) -> GatewayHealingView:
        """Return what healing does on a gateway."""
        gateway_recovery, starts = self._gateway_recoveries[name], self._core.starts
        paused_until = gateway_recovery.breaker.paused_until(self._core.clock.monotonic())
        return GatewayHealingView(
            enabled=enabled,
            at_once=starts.at_once,
            starting=starts.running(name),
            waiting=gateway_recovery.states["waiting"] + gateway_recovery.states["held"],
            paused_until=self._instant(paused_until),
            why=cause(gateway_recovery.breaker, self._url(name)) if paused_until is not None else "",
        )

    def _instant(self, monotonic: int | None) -> datetime | None:
        return None if monotonic is None else instant(dated(self._core.clock, monotonic))

    async def publish(self, key: SessionKey, recovery: SessionRecovery, wait: Wait) -> None:
        """Show where a patient stands, and call a person where that has become needed."""
        call = self.note(key, recovery, wait)
        if call is not None:
            await self.say(call)

    def note(self, key: SessionKey, recovery: SessionRecovery, wait: Wait) -> HealingSaid | None:
        """Show where a patient stands; returns what is to be said where a person has become needed."""
        recovery.why = wait.why
        self.show(key, recovery, wait.state)
        if wait.state not in CALLING or wait.state in recovery.called:
            return None
        recovery.called |= {wait.state}
        log.warning("Session %s: %s", key, wait.why)
        return HealingSaid(key.gateway, self._core.clock.now(), wait.why, key.session_id)

    def attention(self, name: str) -> list[Attention]:
        """Return whether a gateway needs a person since healing stays paused there."""
        gateway_recovery = self._gateway_recoveries.get(name)
        waits = gateway_recovery is not None and any(gateway_recovery.states[state] for state in KEPT_DOWN)
        return (
            attention(gateway_recovery.breaker, self._url(name))
            if gateway_recovery is not None and waits
            else []
        )

    def _url(self, gateway: str) -> str:
        return self._core.clients[gateway].url

    async def pauses(self, gateway: str) -> None:
        """Say that a pause begins, and show it at once."""
        breaker = self._gateway_recoveries[gateway].breaker
        many = len(breaker.failing)
        sessions = "one session" if many == 1 else f"{many} sessions in a row"
        detail = f"healing pauses: {sessions} did not start, the last: {breaker.detail}"
        await self.say(HealingSaid(gateway, self._core.clock.now(), detail))
        self._core.bus.show(Change(shown={gateway}))

    def goes_on(self, gateway: str) -> None:
        """Say that a pause is over, and show it at once."""
        detail = "starts work again: healing goes on"
        self.announce(HealingSaid(gateway, self._core.clock.now(), detail))
        self._core.bus.show(Change(shown={gateway}))

    async def say(self, fact: Fact) -> None:
        """Record what healing says."""
        await self._core.recorder.record(fact)

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
            self._core.recorder.submit((said,), ended)
        except NotTaken as error:
            ended(error)

    @contextmanager
    def hushed(self) -> Iterator[None]:
        """Show nothing to who watches for a while: they are told of the same sessions next."""
        self._hushed = True
        try:
            yield
        finally:
            self._hushed = False

    def show(self, key: SessionKey, recovery: SessionRecovery, state: HealingState | None) -> None:
        """Show a patient's state to who watches, where anything of it changed."""
        states = self._gateway_recoveries[key.gateway].states
        if recovery.state is not None:
            states[recovery.state] -= 1
        if state is not None:
            states[state] += 1
        recovery.state = state
        shown = (state, recovery.next_at, recovery.why, recovery.attempts) if state is not None else None
        if shown == recovery.shown:
            return
        recovery.shown = shown
        session = self._core.fleet.session(key)
        if session is not None and not self._hushed:
            self._core.bus.show(Change(sessions={key: session}))
