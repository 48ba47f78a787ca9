"""The one way in: facts are deduplicated, applied, committed in groups, swapped in, then acknowledged.

A failed commit changes nothing in memory and is answered as a failure; the queue is bounded (design §3).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from wa_tui.model.apply import apply
from wa_tui.model.events import Kind
from wa_tui.model.facts import Fact, SessionFact, Webhook, key_of, stripped
from wa_tui.model.fleet import Draft, Fleet
from wa_tui.model.transition import Transition, Verdict
from wa_tui.store import ActionRow, Batch, JobRun, RefusedValue, Store, StoreError

from ..clock import Clock
from .change import Change
from .entry import Ending, Entry, answer
from .intake import SEVERAL, Intake
from .repeats import Repeats, fingerprint

T = TypeVar("T")

log = logging.getLogger("wa_tui.recorder")

CAPACITY = 20_000
"""Entries that may wait for the store before a webhook is told to come again."""

WAY = 0.005
"""Seconds that long work waits for a commit at most."""


class NotTaken(Exception):
    """Facts were not taken in: nothing has changed."""


class QueueFull(NotTaken):
    """The store does not keep up: come again."""


class Stopped(NotTaken):
    """The recorder has stopped."""


class Inapplicable(NotTaken):
    """A fact could not be applied, or not be stored, which is a mistake of ours: the log has it."""


class Recorder:
    """Takes facts in; ``publish`` is called with every committed `Change` and must not wait."""

    def __init__(
        self,
        store: Store,
        fleet: Fleet,
        clock: Clock,
        publish: Callable[[Change], None],
        *,
        capacity: int = CAPACITY,
    ) -> None:
        self.fleet = fleet
        self._store = store
        self._clock = clock
        self._publish = publish
        self._intake: Intake[Entry] = Intake(capacity)
        self._unpublished: tuple[int, Change] | None = None
        """What is committed, and nobody but its senders knows yet; and the id of its first event."""
        self._repeats = Repeats()
        self._task: asyncio.Task[None] | None = None
        self.trouble: str | None = None
        """Why the last commit failed."""
        self.committing_since: int | None = None
        """`Clock.monotonic` when the commit began that is under way."""

    @property
    def waiting(self) -> int:
        """How many entries wait for the store."""
        return len(self._intake)

    @property
    def is_running(self) -> bool:
        """Whether it takes anything in."""
        return self._task is not None and not self._task.done()

    def start(self) -> asyncio.Task[None]:
        """Start the writer and return its task: whoever starts it watches it, since all waiting depends on it."""
        self._task = asyncio.create_task(self._write(), name="recorder")
        self._task.add_done_callback(self._ended)
        return self._task

    async def record(
        self,
        *facts: Fact,
        actions: Sequence[ActionRow] = (),
        job_runs: Sequence[JobRun] = (),
    ) -> list[Transition]:
        """Take facts in, in order, and return their outcomes once they are committed.

        Raises `NotTaken`, and `StoreError` when the commit failed: in each case nothing has changed.
        """
        done: asyncio.Future[list[Transition]] = asyncio.get_running_loop().create_future()
        self.submit(facts, partial(answer, done), actions, job_runs)
        outcomes = await done
        self.publish()
        return outcomes

    def submit(
        self,
        facts: Sequence[Fact],
        ending: Ending,
        actions: Sequence[ActionRow] = (),
        job_runs: Sequence[JobRun] = (),
    ) -> None:
        """Take facts in as `record` does; ``ending`` is called before anybody else is told, and must not wait.

        Raises `Stopped` and `QueueFull`: then it is not called.
        """
        if not self.is_running:
            raise Stopped("the recorder is not running")
        if self._intake.full:
            raise QueueFull(f"{len(self._intake)} entries wait for the store")
        self._intake.put(Entry(facts, actions, job_runs, ending))

    async def drain(self) -> None:
        """Wait until everything taken in is committed (or has failed)."""
        if self._task is not None and not self._task.done():
            idle = asyncio.create_task(self._intake.idle())
            await asyncio.wait({idle, self._task}, return_when=asyncio.FIRST_COMPLETED)
            idle.cancel()

    async def give_way(self) -> None:
        """Let what came in meanwhile go first; for work that takes long, between its stretches."""
        # Received with the first, on its way to the store with the second: its thread needs the interpreter's lock.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAY):
                await self._intake.done()

    async def stretches(self, items: Sequence[T], length: int) -> AsyncIterator[Sequence[T]]:
        """Yield so many items at a time, and give way between two of these stretches."""
        for first in range(0, len(items), length):
            if first:
                await self.give_way()
            yield items[first : first + length]

    async def stop(self) -> None:
        """Drain, then end the writer."""
        await self.drain()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            await self._intake.linger()
            if not self._intake:
                self.publish()
            entries = await self._intake.next_group()
            self.committing_since = self._clock.monotonic()
            try:
                await self._commit(entries)
            finally:
                self.committing_since = None
                # All are answered, unless the writer dies in the middle: then nobody may wait for it.
                _give_up(entries)

    async def _commit(self, entries: list[Entry]) -> None:
        while True:
            draft, change, fresh = Draft(self.fleet), Change(), set[bytes]()
            outcomes, failed = self._compute(entries, draft, change, fresh)
            if failed is None:
                break
            # What it did to the draft goes with it: the others are computed anew.
            entries.remove(failed)
        if not entries:
            return
        change.sessions, change.gateways, change.removed = draft.sessions, draft.gateways, draft.removed
        try:
            first_id = await self._store.commit(
                self._batch(change), self.publish if self._unpublished is not None else None
            )
        except RefusedValue as error:
            await self._sift(entries, error)
            return
        except StoreError as error:
            self._fail(entries, error)
            return
        finally:
            self.publish()
        if self.trouble is not None:
            log.warning("The store takes writes again")
            self.trouble = None
        self._repeats.remember(fresh)
        draft.swap()
        self._unpublished = first_id, change
        for entry, results in zip(entries, outcomes, strict=True):
            entry.end(results)
        if len(entries) < SEVERAL:
            self.publish()

    async def _sift(self, entries: list[Entry], error: RefusedValue) -> None:
        """Commit entries of which the store refuses one or more, by halves: only who brought such a value fails."""
        if len(entries) > 1:
            middle = len(entries) // 2
            await self._commit(entries[:middle])
            await self._commit(entries[middle:])
            return
        [entry] = entries
        log.error("A fact could not be stored, and was not taken in: %s: %r", error, _shown(entry))
        entry.end(Inapplicable(str(error)))

    def publish(self) -> None:
        """Tell everybody of the last commit, if that is not done: in a flood it waits until the disk has the next one.

        The router calls it before each request: a sender that was answered 200 finds what that changed.
        """
        untold, self._unpublished = self._unpublished, None
        if untold is not None:
            first_id, change = untold
            change.number(first_id)
            self._publish(change)

    def _compute(
        self, entries: list[Entry], draft: Draft, change: Change, fresh: set[bytes]
    ) -> tuple[list[list[Transition]], Entry | None]:
        """Apply the entries to the draft; returns their outcomes, and the entry that could not be applied."""
        outcomes = []
        for entry in entries:
            try:
                outcomes.append([self._apply(draft, change, fact, fresh) for fact in entry.facts])
            except Exception as error:
                log.exception("A fact could not be applied, and was not taken in: %r", _shown(entry))
                entry.end(Inapplicable(f"{type(error).__name__}: {error}"))
                return outcomes, entry
            change.actions.extend(entry.actions)
            change.job_runs.extend(entry.job_runs)
        return outcomes, None

    def _apply(self, draft: Draft, change: Change, fact: Fact, fresh: set[bytes]) -> Transition:
        if isinstance(fact, Webhook):
            mark = fingerprint(fact)
            if mark in fresh or mark in self._repeats:
                change.webhooks.append((fact, Verdict.DUPLICATE))
                return Transition(Verdict.DUPLICATE)
            fresh.add(mark)
        outcome = apply(draft, fact)
        draft.apply(outcome)
        if outcome.event is not None:
            change.events.append(outcome.event)
        if isinstance(fact, Webhook):
            change.webhooks.append((fact, outcome.verdict))
        event = outcome.event
        if outcome.verdict is Verdict.CONTRADICTION and event is not None and event.kind is Kind.STATUS:
            change.contradictions.append(event)
        if outcome.check and isinstance(fact, SessionFact):
            change.checks.add(key_of(fact))
        return outcome

    def _batch(self, change: Change) -> Batch:
        return Batch(
            events=change.events,
            sessions=list(change.sessions.values()),
            removed=list(change.removed),
            gateways=list(change.gateways.values()),
            actions=change.actions,
            job_runs=change.job_runs,
            alive_at=self._clock.now(),
        )

    def _fail(self, entries: list[Entry], error: StoreError) -> None:
        if self.trouble is None:
            log.error("%s: nothing is taken in until it does", error)
        self.trouble = str(error)
        for entry in entries:
            entry.end(error)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Let nobody wait for a writer that is gone."""
        self.publish()
        _give_up(self._intake)
        self._intake.clear()


def _shown(entry: Entry) -> list[Fact]:
    """Return an entry's facts as a log may have them: who reads a QR code's payload can pair with it."""
    return [stripped(fact) for fact in entry.facts]


def _give_up(entries: Iterable[Entry]) -> None:
    for entry in entries:
        entry.end(Stopped("the recorder ended"))
