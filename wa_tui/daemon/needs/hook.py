"""Has a program called when something begins to need a person and when that ends: once each, in few runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from wa_tui.model.registers import SECOND
from wa_tui.wire import Attention, AttentionCode
from wa_tui.wire.needs import NeedChange, NeedsReport

from ..background import Background
from ..clock import Clock
from ..dates import time_of
from . import program
from .ledger import Holds, Ledger
from .memory import Memory
from .source import Source

log = logging.getLogger("wa_tui.needs")

MOST = 1_000
"""Changes in one report; the rest is in the next."""

CALLING = 2
"""Failures in a row after which a person must look at the program: one alone may be a network's."""

_SHOWN = 300
"""Characters of a program's output in a sentence."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two looks, and between two runs; after a failure twice as long each time, up to ``longest``."""

    look: float = 2.0
    run: float = 10.0
    longest: float = 300.0
    deadline: float = program.DEADLINE
    holds: Holds = field(default_factory=Holds)


class Hook:
    """Runs ``command``, one run at a time, with what changed since the last run that it ended well.

    A run that fails is repeated with what holds then. What was told by a run of which nobody knows how it ended (the
    daemon was killed, or it was) is repeated too, its end as well: what is told twice has the same key.
    """

    def __init__(
        self,
        command: Sequence[str],
        title: str,
        source: Source,
        ledger: Ledger,
        memory: Memory,
        clock: Clock,
        directory: Path,
        pace: Pace,
    ) -> None:
        self._command = command
        self._title = title
        self._source = source
        self._ledger = ledger
        self._memory = memory
        self._clock = clock
        self._directory = directory
        self._pace = pace
        self._failures = 0
        self._trouble = ""
        self._next_at = clock.monotonic()
        self._is_kept = True
        self._keep_at = clock.monotonic()
        self._background = Background("needs hook", self._run)

    def start(self) -> None:
        """Begin; a program that cannot be run needs a person at once, not when the first one is to be called."""
        if (why := program.refusal(self._command)) is not None:
            # A person's pager that is missing is no reason to repair nothing: its disk may yet be mounted.
            self._failures, self._trouble = CALLING, f"it cannot be run: {why}"
            log.error("%s, the program of [hooks] needs, cannot be run: %s", self._command[0], why)
        self._background.start()

    def begin(self) -> None:
        """Look at gateways and sessions too from now on; till then at the daemon alone."""
        self._source.begin()

    async def stop(self) -> None:
        """End; a run under way is killed, and repeated by the next daemon."""
        await self._background.stop()

    def attention(self) -> list[Attention]:
        """Return whether the program needs a person, since it calls none."""
        if self._failures < CALLING:
            return []
        return [
            Attention(
                code=AttentionCode.HOOK_FAILED,
                text=f"the program of [hooks] needs fails: {self._trouble}",
                action=f"nobody is called by it till it works; see {self._command[0]}",
            )
        ]

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._pace.look)
            await self._source.look()
            if self._clock.monotonic() >= self._next_at:
                await self._announce()
            if not self._is_kept and self._clock.monotonic() >= self._keep_at:
                await self._keep()

    async def _announce(self) -> None:
        due = self._ledger.due(self._clock.monotonic())
        if not due and self._failures < CALLING:
            self._failures = 0
            return
        # With nothing left to tell it is run all the same: nothing else shows that it works again.
        changes = due[:MOST]
        report = NeedsReport(
            title=self._title,
            at=time_of(self._clock.now()),
            calling=self._ledger.calling,
            more=len(due) - len(changes),
            changes=changes,
        )
        given = msgspec.json.encode(report) + b"\n"
        # First of all: a daemon that is killed meanwhile must not forget what the program goes on to tell.
        self._ledger.give(changes)
        await self._keep()
        run = await program.run(self._command, given, self._directory, self._pace.deadline)
        if run.trouble is None:
            await self._took(changes, run.said)
        else:
            if not run.cut:
                self._ledger.refused(changes)
            await self._keep()
            self._failed(run)

    async def _took(self, changes: list[NeedChange], said: str) -> None:
        begins = sum(change.event == "begins" for change in changes)
        summary = f"{begins} began to need a person, {len(changes) - begins} do no more"
        log.info(
            "%s was told: %s%s", self._command[0], summary, f" (it said: {said[:_SHOWN]})" if said else ""
        )
        now = self._clock.monotonic()
        self._failures, self._next_at = 0, now + int(self._pace.run * SECOND)
        self._ledger.took(changes, now)
        await self._keep()

    async def _keep(self) -> None:
        """Keep what was told; where the disk does not take it, once it does."""
        self._is_kept = await self._memory.write(self._ledger.announced(), self._ledger.unsure())
        self._keep_at = self._clock.monotonic() + int(self._pace.run * SECOND)

    def _failed(self, run: program.Run) -> None:
        self._failures += 1
        wait = min(self._pace.run * 2 ** min(self._failures, 16), self._pace.longest)
        self._next_at = self._clock.monotonic() + int(wait * SECOND)
        said = f' (it said "{run.said[:_SHOWN]}")' if run.said else ""
        self._trouble = f"{run.trouble}{said}"
        log.error("%s could not be told what needs a person: %s", self._command[0], self._trouble)
