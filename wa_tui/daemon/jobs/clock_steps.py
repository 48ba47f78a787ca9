"""Notices when the wall clock was set and when the host slept, and declares it (see `wa_tui.daemon.clock`)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from wa_tui.model.facts import ClockStepped, Fact, HostSlept
from wa_tui.model.registers import MINUTE, SECOND, length
from wa_tui.model.stepping import step_words
from wa_tui.store import StoreError

from ..background import Background
from ..clock import Timeline
from ..recording.recorder import NotTaken, Recorder

log = logging.getLogger("wa_tui.daemon")

LOOK = 1.0
"""Seconds between two looks at the clocks."""

STEP = 2 * SECOND
"""How far the wall clock is off before that is a step, in milliseconds; less harms nothing but what is shown."""

NAP = 2 * SECOND
"""How long the host slept before that counts."""

LONGEST = 5 * MINUTE
"""The longest wait between two steps that are declared: where two set the clock against each other, it waits longer."""


class Steps:
    """Watches the clocks; ``replan`` is called after a step and after a sleep: everything is asked anew."""

    def __init__(self, timeline: Timeline, recorder: Recorder, replan: Callable[[], None]) -> None:
        self._timeline = timeline
        self._recorder = recorder
        self._replan = replan
        self._asleep = self._gap()
        self._pause = SECOND
        self._again_at = timeline.monotonic()
        self._background = Background("clocks", self._run)

    def start(self) -> None:
        """Begin to watch."""
        self._background.start()

    async def stop(self) -> None:
        """Watch no more."""
        await self._background.stop()

    async def caught_up(self, alive_at: int | None) -> None:
        """Where the clock is behind the last sign of life in the store, it was set back while no daemon ran."""
        behind = 0 if alive_at is None else alive_at - self._timeline.now()
        if behind > 0:
            await self._recorder.record(ClockStepped(self._timeline.now(), -behind))
            log.warning("%s", step_words(-behind))

    async def look(self) -> None:
        """Look once, and declare what happened since the last look."""
        gap, before = self._gap(), self._asleep
        slept = gap - before
        if slept > NAP:
            now = self._timeline.now()
            self._asleep = gap
            await self._say(HostSlept(now, now - slept), f"this host slept for {length(slept)}")
            self._replan()
        by = self._timeline.off()
        if abs(by) > STEP and self._timeline.monotonic() >= self._again_at:
            await self._take_over(by)

    async def _take_over(self, by: int) -> None:
        """Move the line and, with it, what the fleet holds: nothing may come in between that is dated otherwise."""
        now = self._timeline.monotonic()
        self._pause = min(2 * self._pause, LONGEST) if now - self._again_at < LONGEST else SECOND
        self._again_at = now + self._pause
        self._timeline.move(by)
        if await self._say(ClockStepped(self._timeline.now(), by), step_words(by)):
            self._replan()
        else:
            self._timeline.move(-by)

    async def _say(self, fact: Fact, detail: str) -> bool:
        try:
            await self._recorder.record(fact)
        except (NotTaken, StoreError) as error:
            log.warning("%s, which could not be recorded yet: %s", detail, error)
            return False
        log.warning("%s", detail)
        return True

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    def _gap(self) -> int:
        """How long the host has slept since it was started, as far as the clocks tell."""
        return self._timeline.monotonic() - self._timeline.awake()
