"""The actions asked for from this monitor, followed to their end: one, or one on many sessions."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping

from wa_tui.client import DaemonError, Refused
from wa_tui.tui.feed import Daemon
from wa_tui.tui.presenters.outcomes import OUTCOME_WORDS, Level, Notice, doubt_of, notice_of, refusal_of
from wa_tui.wire import ActionRequest, Receipt, SessionKey

OnUpdate = Callable[[Notice], None]


class Requests:
    """Asks for actions and tells what became of each; the ends come with the live messages."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, OnUpdate]] = {}

    async def ask(self, daemon: Daemon, request: ActionRequest, subject: str, on_update: OnUpdate) -> None:
        """Ask for an action on ``subject`` (as a person calls it) and tell of it until it ended."""
        what = f"{request.action.replace('_', ' ')} {subject}".rstrip()
        try:
            receipt = await daemon.act(request)
        except Refused as error:
            on_update(refusal_of(error, what))
        except DaemonError as error:
            # The daemon may have taken it before the connection was lost: to ask again could be a second message.
            on_update(doubt_of(f", the log will tell. {error}", what))
        else:
            if not receipt.ended:
                self._open[receipt.id] = (what, on_update)
            on_update(notice_of(receipt, what))

    def apply(self, receipts: Mapping[str, Receipt]) -> None:
        """Tell of the ends that have come in."""
        for id in self._open.keys() & receipts.keys():
            # Telling of one may paint, and a frame tells of the others.
            if receipts[id].ended and id in self._open:
                what, on_update = self._open.pop(id)
                on_update(notice_of(receipts[id], what))

    async def recover(self, daemon: Daemon, known: Mapping[str, Receipt]) -> None:
        """Look up what is still open after the daemon came back, unless its end is ``known``."""
        self.apply(known)
        for id, (what, on_update) in list(self._open.items()):
            if id in known:
                continue
            try:
                receipt = await daemon.receipt(id)
            except Refused as error:
                self._open.pop(id, None)
                on_update(doubt_of(f"; the daemon has no record of it. {error}", what))
            except DaemonError:
                return  # gone again: the next return looks it up
            else:
                self.apply({id: receipt})


_AT_ONCE = 4
"""Requests in flight: the daemon accepts at once and staggers the work itself."""


class Bulk:
    """Asks for one action on many sessions; ``changed`` is called whenever one of them has news."""

    def __init__(
        self,
        verb: str,
        subjects: Mapping[SessionKey, str],
        requests: Mapping[SessionKey, ActionRequest],
        changed: Callable[[], None],
    ) -> None:
        self.verb = verb
        self.subjects = dict(subjects)
        self.notices: dict[SessionKey, Notice] = {}
        """The newest notice of each; sessions not asked for yet are missing."""
        self._requests = dict(requests)
        self._open = set(subjects)
        self._changed = changed

    async def run(self, daemon: Daemon, requests: Requests, on_update: OnUpdate) -> None:
        """Ask for each; once the last one ends, ``on_update`` gets a line about all."""
        slots = asyncio.Semaphore(_AT_ONCE)

        async def ask(key: SessionKey) -> None:
            async with slots:
                await requests.ask(
                    daemon, self._requests[key], self.subjects[key], lambda n: self._apply(key, n, on_update)
                )

        await asyncio.gather(*(ask(key) for key in self._requests))

    def _apply(self, key: SessionKey, notice: Notice, on_update: OnUpdate) -> None:
        self.notices[key] = notice
        self._changed()
        if not notice.final or key not in self._open:
            return
        self._open.remove(key)
        if self.ended:
            on_update(
                Notice(f"{self.verb.lower()} of {len(self.subjects)} sessions: {self.summary}", self._level)
            )

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to come."""
        return not self._open

    @property
    def summary(self) -> str:
        """How many came to what: ``3 verified, 1 no effect``."""
        outcomes = Counter(_outcome(notice) for notice in self.notices.values())
        if waiting := len(self.subjects) - len(self.notices):
            outcomes["not asked for yet"] = waiting
        return ", ".join(f"{number} {outcome}" for outcome, number in outcomes.most_common())

    @property
    def _level(self) -> Level:
        levels = {notice.level for notice in self.notices.values()}
        if "bad" in levels:
            return "bad"
        return "warn" if "warn" in levels else "good"


def _outcome(notice: Notice) -> str:
    if notice.receipt is None:
        return "refused" if notice.level == "bad" else "outcome unknown"
    return OUTCOME_WORDS.get(notice.receipt.outcome, notice.receipt.outcome)
