"""One attempt to bring a session back: it is looked at again, waits for a slot, is started, and teaches something."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from wa_tui.model.facts import StartFailure
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import Reason, SessionKey, Source
from wa_tui.model.session import OBSTACLES, Session

from ..checking.checker import Checker
from ..clock import Clock
from ..eligibility import ailing
from ..results import Ended
from ..starts import Starts
from .breaker import Breaker
from .recovery_status import RecoveryStatus
from .session_recovery import SessionRecovery
from .waits import Wait

log = logging.getLogger("wa_tui.heal")

Start = Callable[[SessionKey, Session, int], Awaitable[Ended | None]]
"""Starts a session for the nth time and follows it; ``None`` when another action was under way."""

Needs = Callable[[SessionKey, SessionRecovery], Session | None]
"""Returns the session if nothing speaks against starting it now, as far as is known."""


class Attempts:
    """Starts one gateway's sessions once each; at most ``at_once`` are looked at before that.

    ``look`` asks a gateway for its health, ``start`` starts a session.
    """

    def __init__(
        self,
        breaker: Breaker,
        recovery_status: RecoveryStatus,
        needs: Needs,
        fleet: Fleet,
        clock: Clock,
        checker: Checker,
        starts: Starts,
        look: Callable[[str], Awaitable[None]],
        start: Start,
        at_once: int,
    ) -> None:
        self._breaker = breaker
        self._recovery_status = recovery_status
        self._needs = needs
        self._fleet = fleet
        self._clock = clock
        self._checker = checker
        self._starts = starts
        self._look = look
        self._start = start
        self._looks = asyncio.Semaphore(at_once)

    async def make(self, key: SessionKey, recovery: SessionRecovery, wake: Callable[[], None]) -> None:
        """Start a session if after all the waiting it still needs it; ``wake`` is called when others waited for it."""
        breaker, before = self._breaker, None
        async with AsyncExitStack() as turn:
            if not await self._has_its_turn(key, recovery, turn):
                return
            session = self._needs(key, recovery)
            if session is None or breaker.waits(self._clock.monotonic()):
                return
            breaker.enter(key)
            before = session.failure
            ended, tried = None, False
            try:
                recovery.tried(self._clock.monotonic())
                await self._recovery_status.publish(key, recovery, Wait("starting"))
                if recovery.attempts:
                    ended = await self._start(key, session, recovery.attempts)
                if ended is None or ended.outcome == "superseded":
                    # It recovered meanwhile, or a person took over.
                    recovery.untried()
            finally:
                tried = breaker.leave(key)
                if tried:
                    wake()
        # Not in its turn any more: a person who took over may be waiting for it.
        if ended is not None:
            await self._learn(key, recovery, ended, before, tried=tried)
        recovery.next_at = recovery.due(self._clock.monotonic())

    async def _has_its_turn(self, key: SessionKey, recovery: SessionRecovery, turn: AsyncExitStack) -> bool:
        """Look at a session, then wait for its slot, which ``turn`` holds; tells whether it still needs it.

        A gateway that leaves the look unanswered keeps no slot from anybody. Few look at once, and each goes on to
        wait while it is still among them: what was seen is then hardly older than one start.
        """
        await self._recovery_status.publish(
            key, recovery, Wait("waiting", None, "waits for its turn on the gateway")
        )
        async with self._looks:
            paused = self._breaker.waits(self._clock.monotonic())
            if paused or self._needs(key, recovery) is None:
                return False
            # A webhook may have been lost: what works is not started anew.
            await self._checker.check(key, Source.HEAL)
            session = self._needs(key, recovery)
            if session is not None and await self._may_have_restarted(session):
                session = self._needs(key, recovery)
            if session is None:
                return False
            await turn.enter_async_context(self._starts.slot(key.gateway, urgent=False))
        return True

    async def _may_have_restarted(self, session: Session) -> bool:
        """Ask a gateway for its health if it dropped the session since: what restarts restores by itself first."""
        gateway = session.key.gateway
        if (self._fleet.gateway(gateway).seen_at or 0) >= session.status_since:
            return False
        await self._look(gateway)
        return True

    async def _learn(
        self,
        key: SessionKey,
        recovery: SessionRecovery,
        ended: Ended,
        before: StartFailure | None,
        *,
        tried: bool,
    ) -> None:
        """Learn from an attempt; one that a person took over, or has to go on with, teaches nothing.

        ``before`` is what the session's last start had failed of until then.
        """
        now, breaker = self._clock.monotonic(), self._breaker
        if ended.outcome == "verified":
            if breaker.succeeded():
                self._recovery_status.goes_on()
            return
        session = ailing(self._fleet.session(key))
        if session is None or ended.outcome == "superseded":
            return
        failure = session.failure if session.failure != before else None
        detail, reason = (
            (ended.cause or ended.text, None) if failure is None else (failure.detail, failure.reason)
        )
        if reason in OBSTACLES and not recovery.obstructed:
            log.warning("Session %s: %s", key, ended.text)
        recovery.failed(now, detail, obstructed=reason in OBSTACLES)
        # A profile that is in use says nothing of other sessions, and nothing was started.
        if reason is not Reason.PROFILE_IN_USE and breaker.failed(key, now, detail, reason, tried=tried):
            await self._recovery_status.pauses()
