"""Sends each check to the gateway of its session."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from wa_tui.gateways import GatewayClient
from wa_tui.model.events import Kind
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SessionKey, Source
from wa_tui.model.transition import Transition

from ..clock import Clock
from ..recording.change import Change
from ..recording.recorder import Recorder
from .checks import GatewayChecks, ended
from .slots import Urgency


class Checker:
    """The checks of every gateway; ``look`` asks one for its health and records that."""

    def __init__(
        self, fleet: Fleet, recorder: Recorder, clock: Clock, look: Callable[[str], Awaitable[None]]
    ) -> None:
        self._fleet = fleet
        self._recorder = recorder
        self._clock = clock
        self._look = look
        self._gateways: dict[str, GatewayChecks] = {}

    def add(self, gateway: str, client: GatewayClient) -> None:
        """Begin to check a gateway's sessions when asked to."""
        self._gateways[gateway] = GatewayChecks(
            gateway, client, self._fleet, self._recorder, self._clock, self._look
        )

    async def remove(self, gateway: str) -> None:
        """Give up every check of a gateway, and forget what is known of its answers."""
        await self._gateways.pop(gateway).stop()

    def listen(self, change: Change) -> None:
        """Check what a committed change asks to check, soon; one without an answer may well hang again."""
        if change.checks:
            unanswered = {(e.gateway, e.session_id) for e in change.events if e.kind is Kind.UNANSWERED}
            for key in change.checks:
                checks = self._gateways.get(key.gateway)
                if checks is not None:
                    checks.check_again(key, Urgency.ROUTINE if key in unanswered else Urgency.PROMPT)
        for key in change.removed:
            checks = self._gateways.get(key.gateway)
            if checks is not None:
                checks.forget(key)

    def check_again(self, key: SessionKey) -> None:
        """Check a session because a list hints at something: each time after a longer wait."""
        checks = self._gateways.get(key.gateway)
        if checks is not None:
            checks.check_again(key, Urgency.PROMPT)

    def request(
        self, key: SessionKey, source: Source = Source.SYNC, *, urgency: Urgency | None = None
    ) -> asyncio.Task[Transition | None]:
        """Ask for a check that begins after this call; the task gives its outcome, ``None`` for no answer."""
        checks = self._gateways.get(key.gateway)
        if checks is None:
            return asyncio.create_task(_nobody(), name=f"check {key}")
        return checks.request(key, source, urgency=urgency)

    async def check(self, key: SessionKey, source: Source = Source.SYNC) -> Transition | None:
        """Check a session now and return what was recorded; ``None`` when there was no answer."""
        # Not to be cancelled with its caller: others may wait for the same check.
        return await ended(self.request(key, source))

    def answer_time(self, gateway: str) -> float:
        """Return the median time that a gateway's last answers took, in seconds; 0 before the first."""
        checks = self._gateways.get(gateway)
        return checks.answer_time() if checks is not None else 0.0

    async def look_after_loss(self, key: SessionKey, since: int) -> None:
        """Where a gateway lacks a session that was up: ask whether it restarted; see `GatewayChecks`."""
        checks = self._gateways.get(key.gateway)
        if checks is not None:
            await checks.look_after_loss(key, since)


async def _nobody() -> None:
    """Check nothing: there is no such gateway."""
