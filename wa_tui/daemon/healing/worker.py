"""Looks after one session that is down, until it is well: waits for its turn, starts it, and waits again.

It looks before each start whether the session is still wanted and still down. A person's action always goes first:
healing yields to it and looks again after it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from wa_tui.config import Healing
from wa_tui.model.facts import Calmed
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SECOND, SessionKey, Status
from wa_tui.model.session import Session
from wa_tui.store import StoreError

from ..checking.checker import Checker
from ..clock import Clock
from ..eligibility import ailing
from ..recording.recorder import NotTaken
from ..results import Ended
from ..starts import Starts
from . import waits
from .attempts import Attempts
from .breaker import Breaker
from .recovery_status import RecoveryStatus
from .session_recovery import SessionRecovery
from .waits import Wait

log = logging.getLogger("wa_tui.heal")


class Starter(Protocol):
    """Starts sessions, and knows of the actions that change them."""

    async def start(self, key: SessionKey, session: Session, attempt: int) -> Ended | None:
        """Start a session for the nth time and follow it; ``None`` when another action was under way."""

    async def stop(self, key: SessionKey) -> Ended | None:
        """Stop a session that is to be offline; ``None`` when another action was under way."""

    def busy(self, key: SessionKey) -> bool:
        """Whether an action changes this session now."""

    async def idle(self, key: SessionKey) -> None:
        """Wait until no action changes this session."""


class Worker:
    """Looks after the sessions of one gateway, each in a task of its own.

    ``look`` asks the gateway for its health, ``wake`` wakes all its tasks, ``limit`` returns how many sessions it holds
    at most, where it told.
    """

    def __init__(
        self,
        gateway: str,
        policy: Healing,
        breaker: Breaker,
        recovery_status: RecoveryStatus,
        fleet: Fleet,
        clock: Clock,
        checker: Checker,
        starts: Starts,
        look: Callable[[str], Awaitable[None]],
        starter: Starter,
        wake: Callable[[], None],
        limit: Callable[[], int | None],
    ) -> None:
        self._gateway = gateway
        self._policy = policy
        self._breaker = breaker
        self._recovery_status = recovery_status
        self._fleet = fleet
        self._clock = clock
        self._starter = starter
        self._wake = wake
        self._limit = limit
        self._attempts = Attempts(
            breaker,
            recovery_status,
            self._needs,
            fleet,
            clock,
            checker,
            starts,
            look,
            starter.start,
            policy.at_once,
        )

    async def run(self, key: SessionKey, recovery: SessionRecovery) -> None:
        """Look after a session until it is well, or nothing can be done for it."""
        recovery.wake = wake = asyncio.Event()
        try:
            while await self._round(key, recovery, wake):
                pass
        except (NotTaken, StoreError) as error:
            # The next change of the session takes it up again.
            log.warning("Healing of %s could not be recorded: %s", key, error)
        except Exception:
            log.exception("Healing of %s failed, which is a mistake of ours", key)
        finally:
            recovery.wake = None

    async def _round(self, key: SessionKey, recovery: SessionRecovery, wake: asyncio.Event) -> bool:
        """Wait for a session's turn or start it; tells whether it still needs looking after."""
        wake.clear()
        session, now = ailing(self._fleet.session(key)), self._clock.monotonic()
        restless = recovery.restless(now)
        if session is None:
            if not restless:
                await self._calm(key)
            return False
        wait = self._wait(session, recovery) or waits.paused(self._breaker, self._gateway, now)
        if wait is None:
            await self._attempts.make(key, recovery, self._wake)
            await self._starter.idle(key)
        else:
            await self._recovery_status.publish(key, recovery, wait)
            await self._sleep(key, wake, wait.until)
        return True

    def _wait(self, session: Session, recovery: SessionRecovery) -> Wait | None:
        """Return why a session is not started now; ``None`` when it is its turn."""
        now = self._clock.monotonic()
        if self._starter.busy(session.key):
            return Wait(None)
        if (wait := waits.settling(session, self._clock, self._policy)) is not None:
            return wait
        why = waits.closed(self._fleet.gateway(self._gateway))
        if why is not None:
            recovery.next_at = None
            return Wait("held", None, why)
        full = waits.full(self._fleet, session.key, self._limit(), now)
        return full if full is not None else waits.turn(recovery, now)

    def _needs(self, key: SessionKey, recovery: SessionRecovery) -> Session | None:
        """Return the session if nothing speaks against starting it now."""
        session = ailing(self._fleet.session(key))
        return session if session is not None and self._wait(session, recovery) is None else None

    async def _calm(self, key: SessionKey) -> None:
        """Say that a session flaps no more, where somebody took care of that."""
        session = self._fleet.session(key)
        if session is not None and waits_for_calm(session):
            await self._recovery_status.say(Calmed(*key, self._clock.now()))

    async def _sleep(self, key: SessionKey, wake: asyncio.Event, until: int | None) -> None:
        if self._starter.busy(key):
            await self._starter.idle(key)
            return
        seconds = None if until is None else max(0.0, (until - self._clock.monotonic()) / SECOND)
        try:
            # Not wait_for: a task that is woken and cancelled at once would go on, and the daemon would never end.
            async with asyncio.timeout(seconds):
                await wake.wait()
        except TimeoutError:
            return


def waits_for_calm(session: Session) -> bool:
    """Tell whether somebody took care of a session that flaps, until it is calm."""
    told = session.acknowledged
    return session.status is Status.CONNECTED and told is not None and told.until_calm
