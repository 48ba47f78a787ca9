"""A single value of a populated database is anything: the store opens, all other rows are there, and it is said.

``WA_TUI_DAMAGE=all`` tries every value in every column; every day each column gets two of them.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.effort import everything
from tests.unit.store.samples import EVENTS, FULL_GATEWAY, NOW, event, full_session, session
from wa_tui.daemon.receiving.webhook_metrics import WebhookMetrics
from wa_tui.daemon.recording.history import Histories
from wa_tui.daemon.views.wire_views import (
    Extent,
    event_view,
    gateway_view,
    message_view,
    receipt,
    session_view,
)
from wa_tui.model.events import Event, Kind
from wa_tui.model.fleet import Fleet
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import Credentials, Desired
from wa_tui.store import ActionRow, ApiKey, Attempt, Batch, Count, JobRun, Message, Store, open_store
from wa_tui.wire import EventView, GatewayView, MessageView, Receipt, SessionView

pytestmark = pytest.mark.soak

EVERYTHING = everything("WA_TUI_DAMAGE")

BAD = {
    "null": "NULL",
    "blob": "x'00ff10'",
    "word": "'nonsense'",
    "empty": "''",
    "half JSON": '\'{"fact": {"type":\'',
    "other JSON": "'[1, null]'",
    "no UTF-8": "CAST(x'61fffe62' AS TEXT)",
    "surrogate": "CAST(x'eda080' AS TEXT)",
    "zero": "0",
    "negative": "-5",
    "largest": "9223372036854775807",
    "smallest": "-9223372036854775808",
    "year 300000": "9404850000000000",
    "year 9000": "221845000000000",
    "fraction": "3.5",
    "itself": "{id}",
    "the next": "{id} + 1",
    "long": "printf('%.*c', 3000000, 'x')",
}
TABLES = {
    "events": "id",
    "sessions": "rowid",
    "gateways": "rowid",
    "actions": "rowid",
    "messages": "action_id",
    "attempts": "action_id",
    "job_runs": "id",
    "snapshots": "rowid",
    "meta": "key",
    "heads": "event_id",
    "backlog": "id",
    "api_keys": "name",
}
NAMES = [f"user_{n}_instance_x" for n in range(40)]


@pytest.fixture(scope="module")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database whose every table has several rows, as a crash leaves it, in one file."""
    return asyncio.run(populate(tmp_path_factory.mktemp("populated") / "wa_tui.db"))


async def populate(path: Path) -> Path:
    store = await open_store(path, now=NOW)
    sessions = [session(name, created_at=NOW + n) for n, name in enumerate(NAMES)]
    whole = msgspec.structs.replace(full_session("whole"), deleted_at=None, user_id="7")
    wanted = [msgspec.structs.replace(each, credentials=Credentials.STORED) for each in sessions[:8]]
    gateways = [FULL_GATEWAY, Gateway("eu"), Gateway("us")]
    attempts = (
        Attempt("eu", NAMES[0], "not_sent", "x", NOW, NOW),
        Attempt("eu", NAMES[1], "sent", "", NOW, NOW, "m"),
    )
    actions = [
        ActionRow(
            f"send-{n}",
            "send",
            "eu",
            NAMES[0],
            "me",
            "verified",
            "sent",
            NOW + n,
            NOW + n if n else None,
            message=Message("15550001", "text", 4, "7", attempts),
        )
        for n in range(4)
    ]
    runs = [JobRun("health", name, NOW, NOW + 5, True, "fine") for name in ("eu", "us", None)]
    stamped = [msgspec.structs.replace(each, at=NOW + each.id, recorded=NOW + each.id) for each in EVENTS]
    last = len(stamped)
    await store.commit(Batch(stamped, [whole, *wanted], [], gateways, actions, runs, NOW))
    await store.copy_aside(Fleet([whole, *wanted], gateways), NOW)
    await store.prune(0, Fleet([whole, *wanted], gateways), NOW)
    first = [ev(last + n, name, Kind.ADOPTED) for n, name in enumerate(NAMES[:10], 1)]
    await store.commit(Batch(first[:6], sessions[:6], alive_at=NOW))
    await store.commit(Batch(first[6:], sessions[6:10], alive_at=NOW))
    for start in (20, 60, 100):
        later = [
            ev(last + start + n, name, Kind.STATUS if start > 20 else Kind.ADOPTED)
            for n, name in enumerate(NAMES[10:])
        ]
        await store.commit(Batch(later, sessions[10:], alive_at=NOW))
    await store.keep_counts(
        [Count("eu", "duplicate", NOW // 60_000, 3), Count("us", "stale", NOW // 60_000, 1)]
    )
    for n in range(4):
        key = ApiKey(f"key-{n}", bytes(32), ("read",), ("eu",), "7", NOW + n, "me", NOW + 9, "me")
        await store.keep_api_key(key)
    copy = path.parent / "copy.db"
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
    await store.close()
    shell = sqlite3.connect(copy)
    assert all(shell.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES)
    shell.execute("PRAGMA journal_mode = DELETE")
    shell.close()
    shutil.copy(f"{path}.side", f"{copy}.side")
    return copy


def ev(id: int, name: str, kind: Kind) -> Event:
    return event(id, name, kind=kind, at=NOW + id)


@dataclass
class Held:
    """What a store answers, by what was asked, as a person would tell rows apart."""

    lists: dict[str, list[Any]]
    wishes: dict[Any, tuple[Desired, Credentials]]


async def held(store: Store) -> Held:
    """Ask for everything that the daemon asks for, and show it as the API does."""
    loaded = await store.load()
    fleet = loaded.fleet
    lists: dict[str, list[Any]] = {
        "sessions": [each.key for each in fleet.everything()],
        "gateways": sorted(each.name for each in fleet.gateways()),
        "events": [each.id for each in await told(store)],
        "first": [each.id for each in await told(store, first=True, limit=5)],
        "newest": [each.id for each in await told(store, limit=5)],
        "since": [each.id for each in await told(store, since=NOW)],
        "kinds": [each.id for each in await told(store, kinds=[Kind.ADOPTED])],
        "of eu": [each.id for each in await told(store, gateway="eu")],
        "runs": [(each.job, each.gateway) for each in await store.job_runs()],
        "kept": list(await store.kept_counts()),
        "actions": [row.id for row in shown(Receipt, receipt, await store.actions())],
        "messages": [row.action_id for row in shown(MessageView, message_view, await store.messages())],
        "tried": [
            row.action_id
            for row in shown(MessageView, message_view, await store.messages(session_id=NAMES[1]))
        ],
        "attempts": [
            each for row in await store.messages() for each in (row.message or Message("")).attempts
        ],
        "keys": [each.name for each in await store.api_keys()],
        "tail": [each.id for each in (await store.snapshot_and_tail())[1]],
    }
    for name in (NAMES[0], NAMES[12], NAMES[39]):
        lists[f"of {name}"] = [each.id for each in await told(store, session_id=name)]
    transitions = await store.transitions(NOW + 60)
    lists["transitions"] = [(each.kind, each.session_id) for each in transitions]
    histories, webhook_metrics = Histories(), WebhookMetrics()
    histories.load(transitions, fleet.gateways())
    webhook_metrics.load(await store.counts(NOW), await store.kept_counts(), NOW)
    lists["counted"] = sorted(webhook_metrics.hour("eu", NOW))
    shown(SessionView, lambda each: session_view(each, histories.of(each.key, NOW)), fleet.everything())
    shown(GatewayView, lambda each: gateway_view(each, EXTENT), fleet.gateways())
    return Held(lists, {each.key: (each.desired, each.credentials) for each in fleet.everything()})


EXTENT = Extent("", None, None, "client", [], None, False, 0, 300.0, 0, {}, [], {}, [], None, [])


async def told(store: Store, **wanted: Any) -> list[EventView]:
    return shown(
        EventView, lambda each: event_view(each, None), await store.events(**({"limit": 1000} | wanted))
    )


def shown(kind: Any, view: Any, things: Any) -> list[Any]:
    """Return things as a monitor reads them."""
    return [msgspec.json.decode(msgspec.json.encode(view(each)), type=kind) for each in things]


@dataclass(frozen=True)
class Case:
    table: str
    column: str
    bad: str
    row: Any

    @property
    def is_another_name(self) -> bool:
        """Whether the value is a name like any other: a number in a column of texts is a text."""
        named = self.column in (
            "id",
            "action_id",
            "session_id",
            "gateway",
            "key",
            "name",
            "job",
            "kind",
            "message_id",
        )
        return (named and self.table != "events") or self.column in ("session_id", "gateway")

    def damage(self, path: Path) -> bool:
        """Set the value; tells whether SQLite itself lets it be."""
        shell = sqlite3.connect(path)
        try:
            trigger = shell.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'").fetchone()[0]
            shell.execute("DROP TRIGGER events_append_only")
            key = TABLES[self.table]
            value = BAD[self.bad].replace("{id}", key)
            shell.execute(f"UPDATE {self.table} SET {self.column} = {value} WHERE {key} = ?", (self.row,))
            shell.execute(trigger)
            shell.commit()
        except sqlite3.Error:
            return False
        finally:
            shell.close()
        return True


def cases(path: Path, table: str) -> Iterator[Case]:
    """Every value for every column of a table, in a row of the middle and in the last; or some of them."""
    chance = random.Random(table)
    shell = sqlite3.connect(path)
    columns = [row[1] for row in shell.execute(f"PRAGMA table_info({table})")]
    key = TABLES[table]
    rows = [row for (row,) in shell.execute(f"SELECT DISTINCT {key} FROM {table} ORDER BY {key}")]
    shell.close()
    chosen = rows if table == "meta" else [rows[len(rows) // 2], rows[-1]]
    for column in columns:
        for row in chosen if EVERYTHING or table == "meta" else [chance.choice(chosen)]:
            for bad in BAD if EVERYTHING else chance.sample([*BAD], 2):
                yield Case(table, column, bad, row)


@pytest.fixture(scope="module")
def sound(populated: Path, tmp_path_factory: pytest.TempPathFactory) -> Held:
    """What it holds while nothing is wrong."""
    return asyncio.run(all_there(copied(populated, tmp_path_factory.mktemp("sound"))))


async def all_there(path: Path) -> Held:
    store = await open_store(path, now=NOW)
    found = await held(store)
    assert not store.damage
    await store.close()
    assert all(found.lists.values()), [name for name, each in found.lists.items() if not each]
    return found


def copied(populated: Path, directory: Path) -> Path:
    path = directory / "wa_tui.db"
    for suffix in ("", ".side"):
        shutil.copy(f"{populated}{suffix}", f"{path}{suffix}")
    return path


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("table", TABLES)
async def test_one_bad_value_costs_its_row_alone(
    populated: Path, sound: Held, table: str, tmp_path: Path
) -> None:
    wrong: list[str] = []
    for number, case in enumerate(cases(populated, table)):
        directory = tmp_path / str(number)
        directory.mkdir()
        path = copied(populated, directory)
        if not case.damage(path):
            continue
        try:
            wrong += [f"{case}: {each}" async for each in faults(case, path, sound)]
        except Exception as error:
            wrong.append(f"{case}: {type(error).__name__}: {error}")
        shutil.rmtree(directory)
    assert not wrong, "\n".join(wrong)


async def faults(case: Case, path: Path, sound: Held) -> AsyncIterator[str]:
    """What is wrong with how a store copes."""
    store = await open_store(path, now=NOW)
    try:
        loaded = await store.load()
        if loaded.provenance != "intact":
            yield f"it was not taken as it is: {loaded.notices}"
        found = await held(store)
        for name, rows in sound.lists.items():
            gone = [row for row in rows if row not in found.lists[name]]
            # The newest and the first few have others in the place of the one that is gone.
            if len(gone) > 1 and name != "kept":
                yield f"{len(gone)} of {len(rows)} {name} are gone, {gone[:3]} among them"
            if gone and not store.damage and len(found.lists[name]) < len(rows) and not case.is_another_name:
                yield f"nobody says that {gone} are gone from {name}"
            if name in ("first", "newest") and len(found.lists[name]) != len(rows):
                yield f"{name} are {len(found.lists[name])}"
        for key, (desired, credentials) in found.wishes.items():
            # Of a backlog that is gone the events tell: these say that all are connected.
            if (
                case.table != "backlog"
                and credentials is Credentials.STORED
                and sound.wishes.get(key) != (desired, credentials)
            ):
                yield f"{key} would be started"
        next_id = loaded.last_event_id + 1
        await store.commit(Batch([event(next_id, NAMES[3], at=NOW)], [session(NAMES[3])], alive_at=NOW))
        await store.commit(
            Batch([event(next_id + n, name, at=NOW) for n, name in enumerate(NAMES, 1)], alive_at=NOW)
        )
    finally:
        await store.close()
    again = await open_store(path, now=NOW)
    try:
        if [each.id for each in await again.events(session_id=NAMES[3], after=next_id - 1)][:1] != [next_id]:
            yield "what is committed then is not there"
        if (await again.load()).notices:
            yield f"it is damaged again: {(await again.load()).notices}"
    finally:
        await again.close()
