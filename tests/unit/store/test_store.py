"""What goes in comes out: every type of the model, every question, over a real file."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import threading
from pathlib import Path

import msgspec
import pytest

from wa_tui.model.events import Event, Kind
from wa_tui.model.facts import DaemonStarted, QrCode, Unhealthy
from wa_tui.model.fleet import Fleet
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import MINUTE, Reason, SessionKey, Source, Status
from wa_tui.model.session import Qr, Session
from wa_tui.store import (
    ActionRow,
    Batch,
    Count,
    JobRun,
    Provenance,
    RefusedValue,
    Store,
    StoreError,
    Transition,
    open_store,
)

from .samples import EVENTS, FULL_GATEWAY, NOW, UNWRITABLE, WORDS, event, full_session, session


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def with_code(session: Session, payload: str) -> Session:
    return msgspec.structs.replace(session, qr=Qr(QrCode(WORDS, payload), NOW))


def open_to_all(path: Path) -> None:
    path.chmod(0o644)


async def reopened(path: Path) -> tuple[list[Session], list[Gateway]]:
    store = await open_store(path, now=NOW)
    fleet = (await store.load()).fleet
    await store.close()
    return list(fleet.everything()), fleet.gateways()


async def test_everything_the_model_can_hold_comes_back_as_it_was(path: Path, store: Store) -> None:
    sample = full_session()
    await store.commit(Batch(events=EVENTS, sessions=[sample, session("b")], gateways=[FULL_GATEWAY]))
    assert await store.events() == EVENTS
    await store.close()
    assert await reopened(path) == ([sample, session("b")], [FULL_GATEWAY])


async def test_a_new_database_is_fresh_and_then_intact(path: Path, store: Store) -> None:
    loaded = await store.load()
    assert (loaded.provenance, loaded.last_event_id, loaded.alive_at) == (Provenance.FRESH, 0, None)
    assert (loaded.notices, loaded.open_actions, list(loaded.fleet.everything())) == ([], [], [])
    await store.commit(Batch(events=[event(1), event(2)], alive_at=NOW + 5))
    await store.close()
    again = await open_store(path, now=NOW)
    loaded = await again.load()
    await again.close()
    assert (loaded.provenance, loaded.last_event_id, loaded.alive_at) == (Provenance.INTACT, 2, NOW + 5)


async def test_rows_are_replaced_and_removed(path: Path, store: Store) -> None:
    await store.commit(Batch(sessions=[session("a"), session("b")], gateways=[Gateway(WORDS)]))
    changed = msgspec.structs.replace(session("a"), status=Status.CONNECTED, instance_name="sales")
    await store.commit(Batch(sessions=[changed], removed=[SessionKey("eu", "b")], gateways=[FULL_GATEWAY]))
    await store.close()
    assert await reopened(path) == ([changed], [FULL_GATEWAY])


async def test_qr_payloads_are_kept_with_the_session_alone(path: Path, store: Store) -> None:
    sample = with_code(full_session(), "2@a-payload")
    await store.commit(Batch(events=EVENTS, sessions=[sample]))
    await store.copy_aside(Fleet([sample]), NOW)
    await store.prune(0, Fleet([sample]), NOW)
    many = [with_code(session(f"s{n}"), "2@another-payload") for n in range(40)]
    await store.commit(Batch(sessions=many))
    with sqlite3.connect(path) as shell:
        (waiting,) = shell.execute("SELECT group_concat(body) FROM backlog").fetchone()
    shell.close()
    assert "s39" in waiting and "payload" not in waiting
    fleet, _ = await store.snapshot_and_tail()
    assert [s.qr.code for s in fleet.everything() if s.qr] == [QrCode(digest=WORDS)]
    await store.close()
    with sqlite3.connect(path) as shell:
        (events,) = shell.execute("SELECT group_concat(body) FROM events").fetchone()
        (sessions,) = shell.execute("SELECT group_concat(body) FROM sessions").fetchone()
    shell.close()
    assert "2@a-payload" in sessions and sessions.count("2@another-payload") == 40
    assert "2@a-payload" not in events


async def test_an_operator_can_read_it_with_the_sqlite_shell(path: Path, store: Store) -> None:
    await store.commit(Batch(events=EVENTS[:1], sessions=[full_session()], gateways=[FULL_GATEWAY]))
    shell = sqlite3.connect(path)
    row = shell.execute(
        "SELECT kind, after, reason, body ->> '$.fact.type' FROM events WHERE source = 'heal'"
    ).fetchone()
    assert row == ("contradiction", "auth_failed", "banned", "webhook")
    query = "SELECT status, credentials, desired, is_primary, proven_at FROM sessions WHERE gateway = 'eu'"
    assert shell.execute(query).fetchone() == (
        "auth_failed",
        "needs_scan",
        "offline",
        1,
        full_session().proven_at,
    )
    assert shell.execute("SELECT state, restarts FROM gateways").fetchone() == (
        "unauthorised",
        FULL_GATEWAY.restarts,
    )
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        shell.execute("UPDATE events SET text = 'nothing happened'")
    shell.close()


async def test_a_commit_gives_ids_without_a_gap_and_one_that_fails_gives_none_away(
    path: Path, store: Store
) -> None:
    assert await store.commit(Batch(events=[event(1), event(2)])) == 1
    assert await store.commit(Batch(sessions=[session()])) == 3
    for _ in range(3):
        with pytest.raises(RefusedValue):
            await store.commit(Batch(events=[event(3), UNWRITABLE]))
    several = await asyncio.gather(*(store.commit(Batch(events=[event(n), event(n)])) for n in range(5)))
    assert several == [3, 5, 7, 9, 11]
    assert [each.id for each in await store.events()] == [*range(1, 13)]
    await store.close()
    again = await open_store(path, now=NOW)
    assert await again.commit(Batch(events=[event(0)])) == 13
    await again.close()


async def test_a_batch_that_fails_leaves_nothing_behind(path: Path, store: Store) -> None:
    await store.commit(Batch(events=[event(1)]))
    with pytest.raises(StoreError, match=r"surrogates.*: committing 2 events failed.* \(.*wa_tui\.db\)$"):
        await store.commit(Batch(events=[event(2), UNWRITABLE], sessions=[session()], alive_at=NOW))
    bad = msgspec.structs.replace(session(), instance_name="\ud800")
    with pytest.raises(StoreError, match="surrogates"):
        await store.commit(Batch(events=[event(2)], sessions=[bad]))
    await store.commit(Batch(events=[event(2)]))
    assert [e.id for e in await store.events()] == [1, 2]
    await store.close()
    assert await reopened(path) == ([], [])


async def test_a_closed_store_says_so_and_closes_twice(store: Store) -> None:
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.commit(Batch(events=[event(1)]))


async def test_events_are_found_by_what_is_asked(store: Store) -> None:
    await store.commit(
        Batch(
            events=[
                event(1),
                event(2, "b"),
                event(3, kind=Kind.STALE),
                event(4, gateway="us"),
                event(5, at=1),
                event(6, kind=Kind.QR),
            ]
        )
    )

    def ids(events: list[Event]) -> list[int]:
        return [e.id for e in events]

    assert ids(await store.events()) == [1, 2, 3, 4, 5, 6]
    assert ids(await store.events(limit=2)) == [5, 6]
    assert ids(await store.events(gateway="eu", session_id="a")) == [1, 3, 5, 6]
    assert ids(await store.events(session_id="a")) == [1, 3, 4, 5, 6]
    assert ids(await store.events(gateway="us")) == [4]
    assert ids(await store.events(after=2, before=5)) == [3, 4]
    assert ids(await store.events(since=3)) == [3, 4, 6]
    assert ids(await store.events(since=7)) == []
    assert ids(await store.events(kinds={Kind.STALE, Kind.QR})) == [3, 6]
    assert ids(await store.events(kinds=[])) == []
    assert ids(await store.events(after=1, limit=2, first=True)) == [2, 3]


async def test_transitions_begin_with_each_sessions_last_one_before(store: Store) -> None:
    refused = Unhealthy("eu", 70, "refused")
    down = msgspec.structs.replace(
        event(70, kind=Kind.GATEWAY),
        recorded=71,
        fact=refused,
        session_id=None,
        after="down",
        reason=Reason.OTHER,
    )
    started = Event(80, 80, Source.TIMER, Kind.DAEMON, DaemonStarted(80), "started", id=80)
    await store.commit(
        Batch(
            events=[
                event(10, "a", kind=Kind.ADOPTED),
                event(20, "a"),
                event(30, "b"),
                event(40, "b", kind=Kind.STALE),
                event(50, "a", gateway="us"),
                event(60, "a"),
                event(65, "a", kind=Kind.CHANGED),
                down,
                started,
            ],
            sessions=[session("a"), session("b"), session("c"), session("a", "us")],
        )
    )
    found = await store.transitions(55)
    assert [(row.at, row.gateway, row.session_id) for row in found] == [
        (20, "eu", "a"),
        (30, "eu", "b"),
        (50, "us", "a"),
        (60, "eu", "a"),
        (70, "eu", None),
        (80, None, None),
    ]
    assert found[0] == Transition(20, 20, "eu", "a", Kind.STATUS, Status.CONNECTED, None)
    assert found[4] == Transition(70, 71, "eu", None, Kind.GATEWAY, "down", Reason.OTHER)
    assert [at for at, *_ in await store.transitions(1000)] == [30, 50, 60]


async def test_events_are_counted_by_gateway_kind_and_minute(path: Path, store: Store) -> None:
    started = Event(MINUTE, MINUTE, Source.TIMER, Kind.DAEMON, DaemonStarted(MINUTE), "started", id=10)
    # An event counts in the minute in which it was recorded, whenever it happened.
    late = msgspec.structs.replace(event(30, at=1), recorded=3 * MINUTE)
    await store.commit(
        Batch(
            events=[
                started,
                event(11, at=MINUTE + 1),
                event(12, "b", at=2 * MINUTE - 1),
                event(13, at=2 * MINUTE, kind=Kind.STALE),
                event(14, gateway="us", at=2 * MINUTE),
                late,
            ]
        )
    )
    recent = [
        Count("eu", Kind.STALE, 2, 1),
        Count("us", Kind.STATUS, 2, 1),
        Count("eu", Kind.STATUS, 3, 1),
    ]
    assert await store.counts(MINUTE) == [
        Count(None, Kind.DAEMON, 1, 1),
        Count("eu", Kind.STATUS, 1, 2),
        *recent,
    ]
    assert await store.counts(2 * MINUTE) == recent
    assert await store.counts(3 * MINUTE + 1) == []
    await store.close()
    again = await open_store(path, now=NOW)
    assert await again.counts(2 * MINUTE) == recent
    await again.close()


async def test_actions_are_open_until_they_end(path: Path, store: Store) -> None:
    first = ActionRow("1", "reconnect", "eu", "a", "anna", "accepted", "", 10, None)
    second = ActionRow("2", "send_text", None, None, "api", "unknown", "timed out", 20, 30, "3EB0")
    await store.commit(Batch(actions=[first, second]))
    assert await store.actions() == [second, first]
    assert await store.actions(limit=1) == [second]
    assert await store.actions(None, since=11) == await store.actions(names=("send_text",)) == [second]
    assert await store.actions(None, since=11, names=("reconnect", "restore")) == []
    assert (await store.action("2"), await store.action("3")) == (second, None)
    await store.close()
    again = await open_store(path, now=NOW)
    assert (await again.load()).open_actions == [first]
    ended = ActionRow("1", "reconnect", "eu", "a", "anna", "verified", "connected", 10, 40)
    await again.commit(Batch(actions=[ended]))
    assert await again.action("1") == ended
    await again.close()


async def test_the_newest_run_of_each_job_is_known(store: Store) -> None:
    runs = [
        JobRun("health", "eu", 1, 2, True, ""),
        JobRun("health", "us", 1, 2, True, ""),
        JobRun("clean", None, 1, 2, True, "0 deleted"),
        JobRun("health", "eu", 3, 4, False, "refused"),
    ]
    await store.commit(Batch(job_runs=runs))
    assert await store.job_runs() == [runs[2], runs[3], runs[1]]


async def test_reading_does_not_hold_up_commits(store: Store) -> None:
    await store.commit(Batch(events=[event(i) for i in range(1, 20_001)]))
    reading = asyncio.create_task(store.events(limit=20_000))
    await asyncio.sleep(0)
    await store.commit(Batch(events=[event(20_001)]))
    assert not reading.done()
    assert len(await reading) == 20_000


@pytest.mark.parametrize("umask", [0o000, 0o277])
async def test_files_are_private_whatever_the_umask(path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        store = await open_store(path, now=NOW)
        await store.commit(Batch(events=[event(1)], sessions=[session()]))
        await store.copy_aside(Fleet([session()]), NOW)
        modes = {entry.name: mode_of(entry) for entry in path.parent.iterdir()}
        await store.close()
    finally:
        os.umask(before)
    assert mode_of(path.parent) == 0o700
    assert len(modes) == 5
    assert set(modes.values()) == {0o600}, modes


async def test_a_file_that_others_could_read_is_made_private(path: Path, store: Store) -> None:
    await store.close()
    open_to_all(path)
    await reopened(path)
    assert mode_of(path) == 0o600


async def test_the_event_loop_is_told_when_only_the_disk_has_work_still(store: Store) -> None:
    calls: list[threading.Thread] = []

    def meanwhile() -> None:
        calls.append(threading.current_thread())

    await store.commit(Batch(events=[event(1)]), meanwhile)
    assert calls == [threading.main_thread()]
    with pytest.raises(StoreError):
        await store.commit(Batch(events=[UNWRITABLE]), meanwhile)
    assert len(calls) == 1, "what cannot be written is not on its way to the disk"
    await store.commit(Batch(events=[event(2)]), meanwhile)
    assert len(calls) == 2 and [each.id for each in await store.events()] == [1, 2]
