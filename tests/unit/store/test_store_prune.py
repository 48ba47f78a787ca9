"""Retention: a snapshot first, then the old events go; snapshot and tail still make the fleet."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import msgspec
import pytest

from wa_tui.model.apply import apply
from wa_tui.model.events import Event
from wa_tui.model.facts import ActionAccepted, ActionEnded, Checked, Fact, Healthy, QrCode, Unhealthy, Webhook
from wa_tui.model.fleet import Draft, Fleet
from wa_tui.model.registers import Desired, Status
from wa_tui.model.replay import replay
from wa_tui.store import ActionRow, Batch, JobRun, Store, open_store

from .samples import NOW, event, session

STATUSES = [status for status in Status if status is not Status.UNKNOWN]
REGISTERS = (
    "status",
    "reason",
    "detail",
    "credentials",
    "desired",
    "user_id",
    "is_primary",
    "deleted_at",
    "action",
)


class Life:
    """A fleet to which things happen, and a store that is told of them as the recorder would."""

    def __init__(self, store: Store, seed: int) -> None:
        self.fleet = Fleet()
        self.store = store
        self.chance = random.Random(seed)
        self.now = NOW
        self.last = 0

    def fact(self) -> Fact:
        self.now += self.chance.randrange(1, 20_000)
        name, at = self.chance.choice("abcd"), self.now
        status = self.chance.choice(STATUSES)
        code = QrCode.of(f"2@{at}") if status is Status.QR_PENDING else None
        detail = self.chance.choice(["LOGOUT", "NAVIGATION", None]) if status is Status.DISCONNECTED else None
        desired = self.chance.choice([Desired.ONLINE, Desired.OFFLINE])
        return self.chance.choice(
            (
                Webhook(
                    "eu", name, status, at - self.chance.randrange(9_000), at, "7", qr=code, detail=detail
                ),
                Checked("eu", name, at - self.chance.randrange(9_000), at, status, qr=code),
                Checked("eu", name, at - 5, at, Status.CONNECTED),
                ActionAccepted("eu", name, at, "reconnect", "anna", "act", desired),
                ActionEnded("eu", name, at, "reconnect", "anna", "act", "verified", ""),
                Healthy("eu", at - 5, at, 1_000_000, at),
                Unhealthy("eu", at, "refused", True),
            )
        )

    async def goes_on(self, facts: int) -> None:
        for _ in range(facts):
            draft = Draft(self.fleet)
            outcome = apply(draft, self.fact())
            draft.apply(outcome)
            events: list[Event] = []
            if outcome.event is not None:
                self.last += 1
                events = [_numbered(outcome.event, self.last)]
            await self.store.commit(
                Batch(
                    events, [*draft.sessions.values()], gateways=[*draft.gateways.values()], alive_at=self.now
                )
            )
            draft.swap()


def _numbered(event: Event, id: int) -> Event:
    return msgspec.structs.replace(event, id=id)


def registers(fleet: Fleet) -> dict[str, tuple[object, ...]]:
    return {
        str(s.key): tuple(getattr(s, name) for name in REGISTERS)
        for s in sorted(fleet.everything(), key=lambda s: s.key)
    }


@pytest.mark.parametrize("seed", range(5))
async def test_snapshot_and_tail_make_the_fleet(store: Store, seed: int) -> None:
    life = Life(store, seed)
    await life.goes_on(60)
    deleted = await store.prune(life.now - 200_000, life.fleet, life.now)
    assert deleted > 0
    await life.goes_on(60)
    fleet, tail = await store.snapshot_and_tail()
    assert tail
    assert registers(replay(fleet, tail)) == registers(life.fleet)


async def test_without_a_snapshot_all_events_are_the_tail(store: Store) -> None:
    await store.commit(Batch(events=[event(1), event(2)]))
    fleet, tail = await store.snapshot_and_tail()
    assert list(fleet.everything()) == []
    assert tail == [event(1), event(2)]


async def test_only_what_is_old_goes(path: Path, store: Store) -> None:
    await store.commit(
        Batch(
            events=[event(i) for i in range(1, 1001)],
            sessions=[session()],
            actions=[
                ActionRow("1", "new", "eu", "a", "anna", "verified", "", 1, 2),
                ActionRow("2", "new", "eu", "a", "anna", "accepted", "", 3, None),
                ActionRow("3", "new", "eu", "a", "anna", "verified", "", 900, 901),
            ],
            job_runs=[JobRun("old", None, 1, 2, True, ""), JobRun("new", None, 900, 901, True, "")],
        )
    )
    assert await store.prune(800, Fleet([session()]), NOW) == 799
    assert [e.id for e in await store.events(limit=1000)] == list(range(800, 1001))
    assert [a.id for a in await store.actions()] == ["3", "2"]
    assert [r.job for r in await store.job_runs()] == ["new"]
    assert await store.prune(5000, Fleet([session()]), NOW) == 201
    await store.close()
    again = await open_store(path, now=NOW)
    assert (await again.load()).last_event_id == 1000, "ids are not used twice"
    await again.close()


async def test_commits_get_in_between(store: Store) -> None:
    await store.commit(Batch(events=[event(i) for i in range(1, 20_001)]))
    pruning = asyncio.create_task(store.prune(20_000, Fleet(), NOW))
    between = 0
    while not pruning.done():
        between += 1
        await store.commit(Batch(events=[event(20_000 + between, at=30_000)]))
    assert await pruning == 19_999
    assert between > 5
    _, tail = await store.snapshot_and_tail()
    assert [e.id for e in tail] == list(range(20_001, 20_001 + between))
