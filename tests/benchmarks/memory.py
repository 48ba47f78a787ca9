"""A daemon with 10,000 sessions and a million stored events: `python -m tests.benchmarks.memory [EVENTS]`.

Its start and its memory beside a bare server's; what an event costs then, beside a store that holds ten thousand.
"""

from __future__ import annotations

import asyncio
import http.client
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from wa_tui.model.apply import apply
from wa_tui.model.events import Event
from wa_tui.model.facts import Webhook
from wa_tui.model.fleet import Draft, Fleet
from wa_tui.model.registers import DAY, SessionKey, Status
from wa_tui.store import Batch, Store, open_store

from .daemons import Served, bare, daemon
from .load import session_id
from .table import Row, at_most, show, title

EVENTS = 1_000_000
FEW = 10_000
SESSIONS = 10_000
SPAN = 30 * DAY
BATCH = 5_000
STARTS = 3
ROUNDS = 9
CONTROL_KEY = "control"


class Life:
    """Sessions that go down and come back by turns, as their webhooks tell it to a store."""

    def __init__(self, store: Store, began: int) -> None:
        self.store = store
        self.fleet = Fleet()
        self.at = began
        self.chance = random.Random(7)

    async def tell(self, events: int, step: int) -> float:
        """Commit some events in one batch, ``step`` ms apart, each of another session; return the seconds it took."""
        draft, batch = Draft(self.fleet), Batch()
        for number in self.chance.sample(range(SESSIONS), events):
            batch.events.append(self._next(draft, session_id(number), step))
        batch.sessions, batch.alive_at = [*draft.sessions.values()], self.at
        began = time.perf_counter()
        await self.store.commit(batch)
        took = time.perf_counter() - began
        draft.swap()
        return took

    def _next(self, draft: Draft, name: str, step: int) -> Event:
        self.at += step
        outcome = apply(draft, self._webhook(draft, name))
        draft.apply(outcome)
        assert outcome.event is not None, "a webhook that changes nothing"
        return outcome.event

    def _webhook(self, draft: Draft, name: str) -> Webhook:
        known = draft.session(SessionKey("default", name))
        up = known is None or known.status is not Status.CONNECTED
        return Webhook(
            gateway="default",
            session_id=name,
            status=Status.CONNECTED if up else Status.DISCONNECTED,
            timestamp=self.at,
            received=self.at,
            user_id="1",
            phone_number="15550001234" if up else None,
            detail=None if up else "NAVIGATION",
        )


async def fill(path: Path, events: int) -> None:
    """Store so many events of the last 30 days."""
    now = time.time_ns() // 1_000_000
    store = await open_store(path, now=now)
    life = Life(store, now - SPAN)
    for _ in range(events // BATCH):
        await life.tell(BATCH, SPAN // events)
    await store.copy_aside(life.fleet, now)
    await store.close()


async def cost(many: Path, few: Path) -> tuple[float, float]:
    """Return the seconds an event takes in batches of 32, in either store by turns: the median of the rounds."""
    lives = []
    for path in (many, few):
        store = await open_store(path, now=time.time_ns() // 1_000_000)
        loaded = await store.load()
        life = Life(store, time.time_ns() // 1_000_000)
        life.fleet = loaded.fleet
        lives.append(life)
    found: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for life, seconds in zip(lives, found, strict=True):
            seconds.append(sum([await life.tell(32, 1) for _ in range(100)]) / 3200)
    for life in lives:
        await life.store.close()
    return statistics.median(found[0]), statistics.median(found[1])


def start(state: Path) -> tuple[float, float]:
    """Run a daemon on a state directory; return the seconds until it answers, and its MB once it is calm."""
    began = time.perf_counter()
    with daemon(state, WA_TUI_API_KEY=CONTROL_KEY) as served:
        answer(served)
        seconds = time.perf_counter() - began
        time.sleep(3)  # the jobs that run at the start
        answer(served)
        return seconds, served.resident()


def answer(served: Served) -> None:
    """Ask for the daemon's status."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    connection.request("GET", "/api/v1/status", headers={"x-api-key": CONTROL_KEY})
    response = connection.getresponse()
    body = response.read()
    assert response.status == 200, body
    connection.close()


def bare_start() -> tuple[float, float]:
    """Return the same of a bare server."""
    began = time.perf_counter()
    with bare() as served:
        return time.perf_counter() - began, served.resident()


def rows(events: int = EVENTS) -> Iterator[Row]:
    """Yield start, memory and the cost of an event."""
    with tempfile.TemporaryDirectory() as folder:
        many, few = Path(folder) / "many", Path(folder) / "few"
        asyncio.run(fill(many / "wa_tui.db", events))
        asyncio.run(fill(few / "wa_tui.db", FEW))
        nothing = [bare_start() for _ in range(STARTS)]
        ours = [start(many) for _ in range(STARTS)]
        (bare_seconds, bare_memory), (seconds, memory) = (
            [statistics.median(values) for values in zip(*found, strict=True)] for found in (nothing, ours)
        )
        held = f"{SESSIONS} sessions, {events} events"
        yield at_most(
            f"memory: {held}",
            f"{memory:.0f} MB",
            f"150 MB (bare server {bare_memory:.0f})",
            memory / 150,
            1.0,
        )
        yield at_most(
            f"start: {held}", f"{seconds:.2f} s", f"2 s (bare server {bare_seconds:.2f})", seconds / 2, 1.0
        )
        late, early = asyncio.run(cost(many / "wa_tui.db", few / "wa_tui.db"))
        yield at_most(
            f"cost of an event after {events}",
            f"{late * 1e6:.0f} us",
            f"after {FEW}: {early * 1e6:.0f} us",
            late / early,
            1.5,
        )


def main(events: int = EVENTS) -> None:
    """Print the rows."""
    title()
    for row in rows(events):
        show(row)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
