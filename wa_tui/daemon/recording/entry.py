"""What somebody wants taken in, and how they learn what became of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wa_tui.model.facts import Fact
from wa_tui.model.transition import Transition
from wa_tui.store import ActionRow, JobRun

log = logging.getLogger("wa_tui.recorder")

Ending = Callable[[list[Transition] | Exception], None]
"""Is called once with the outcomes of what was taken in, or with `NotTaken` or `StoreError`; must not wait."""


@dataclass(slots=True)
class Entry:
    """Facts that are taken in together, with what is stored beside them."""

    facts: Sequence[Fact]
    actions: Sequence[ActionRow]
    job_runs: Sequence[JobRun]
    ending: Ending
    ended: bool = False

    def end(self, result: list[Transition] | Exception) -> None:
        """Tell how it ended, if that is not told yet."""
        if self.ended:
            return
        self.ended = True
        try:
            self.ending(result)
        except Exception:
            log.exception("The sender of facts could not be told of their end, which is a mistake of ours")


def answer(done: asyncio.Future[list[Transition]], result: list[Transition] | Exception) -> None:
    """Let a future have the result, unless nobody waits for it any more."""
    if done.done():
        return
    if isinstance(result, Exception):
        done.set_exception(result)
    else:
        done.set_result(result)
