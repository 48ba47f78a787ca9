"""Watches sessions that are well and flap: that is shown, calls a person once, and is over when they were calm.

No task looks after each of them, as one does after a session that is down: a burst of webhooks makes them by thousands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from wa_tui.model.registers import SECOND, SessionKey

from ..clock import Clock
from .recovery_status import RecoveryStatus
from .session_recovery import SessionRecovery
from .waits import Wait


class FlapWatch:
    """The restless; ``look`` is called with one that may have become calm."""

    def __init__(
        self, clock: Clock, recovery_status: RecoveryStatus, look: Callable[[SessionKey], None]
    ) -> None:
        self._clock = clock
        self._recovery_status = recovery_status
        self._look = look
        self._timers: dict[SessionKey, asyncio.TimerHandle] = {}

    def watch(self, key: SessionKey, recovery: SessionRecovery) -> None:
        """Show that a session flaps, and call a person where nobody was called for that."""
        now = self._clock.monotonic()
        until = recovery.flapping_until(now)
        if key not in self._timers:
            # Not moved when it drops again: a session that is looked at too early is watched on.
            seconds = max(0.0, (until - now) / SECOND)
            self._timers[key] = asyncio.get_running_loop().call_later(seconds, self._over, key)
        call = self._recovery_status.note(key, recovery, Wait("flapping", until, recovery.flapping_words()))
        if call is not None:
            self._recovery_status.announce(call)

    def forget(self, key: SessionKey) -> None:
        """Watch a session no more."""
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def stop(self) -> None:
        """Watch nobody any more."""
        for key in [*self._timers]:
            self.forget(key)

    def _over(self, key: SessionKey) -> None:
        del self._timers[key]
        self._look(key)
