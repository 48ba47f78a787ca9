"""Events of a time, a gateway, some sources: what comes back, and that not all are read for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_tui.model.events import Event
from wa_tui.model.registers import DAY, HOUR, Source
from wa_tui.store import ActionRow, Batch, Store, event_queries, open_store

from .samples import NOW, event

SOURCES = (Source.WEBHOOK, Source.HEAL, Source.SYNC)
times = st.integers(0, 4 * DAY // HOUR).map(lambda hours: NOW + hours * HOUR)
told = st.tuples(times, st.integers(0, DAY), st.sampled_from(SOURCES), st.sampled_from(["eu", "us"]))
ranges = st.fixed_dictionaries(
    {},
    optional={
        "since": times,
        "until": times,
        "sources": st.lists(st.sampled_from(SOURCES), max_size=2),
        "gateway": st.sampled_from(["eu", "us", "zz"]),
        "after": st.integers(0, 12),
        "before": st.integers(1, 13),
        "limit": st.integers(1, 5),
        "first": st.booleans(),
    },
)


def admits(event: Event, wanted: dict[str, Any]) -> bool:
    return (
        wanted.get("after", 0) < event.id < wanted.get("before", 1 << 60)
        and event.at >= wanted.get("since", 0)
        and event.at <= wanted.get("until", 1 << 60)
        and event.gateway == wanted.get("gateway", event.gateway)
        and event.source in wanted.get("sources", SOURCES)
    )


def expected(events: Sequence[Event], wanted: dict[str, Any]) -> list[Event]:
    found, limit = [each for each in events if admits(each, wanted)], wanted.get("limit", 500)
    return found[:limit] if wanted.get("first") else found[-limit:]


@given(st.lists(told, max_size=12), st.lists(ranges, min_size=1, max_size=5))
async def test_a_range_is_what_it_says(
    drawn: list[tuple[int, int, Source, str]], wanted: list[dict[str, Any]]
) -> None:
    # Recorded in order, each some time after it happened: a day at most is looked for.
    stamped = sorted(drawn, key=lambda each: each[0] + each[1])
    events = [
        msgspec.structs.replace(event(number, "a", gateway=gateway, at=at), recorded=at + late, source=source)
        for number, (at, late, source, gateway) in enumerate(stamped, 1)
    ]
    with TemporaryDirectory(prefix="wa") as folder:
        store = await open_store(Path(folder) / "x.db", now=NOW)
        await store.commit(Batch(events=events))
        for one in wanted:
            assert await store.events(**one) == expected(events, one), one
        await store.close()


async def test_actions_are_had_by_time_gateway_and_page(store: Store) -> None:
    rows = [
        ActionRow(
            str(n), "snooze", "eu" if n % 2 else "us", "a", "anna", "verified", "", NOW + n // 2, NOW + n
        )
        for n in range(6)
    ]
    await store.commit(Batch(actions=rows))
    newest = rows[::-1]
    assert await store.actions(None) == newest
    assert await store.actions(None, since=NOW + 1, until=NOW + 1) == [rows[3], rows[2]]
    assert await store.actions(None, gateway="eu") == [rows[5], rows[3], rows[1]]
    pages, before = list[ActionRow](), None
    while page := await store.actions(2, before=before):
        pages, before = pages + page, page[-1].id
    assert pages == newest, "two of one instant are told apart by their ids"


@pytest.mark.parametrize("sql", [event_queries._FIRST_SINCE, event_queries._LAST_RECORDED])
async def test_a_time_is_found_by_its_index(store: Store, path: Path, sql: str) -> None:
    await store.commit(Batch(events=[event(number) for number in range(1, 50)]))
    with sqlite3.connect(path) as connection:
        plan = " ".join(row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", (NOW,)))
    connection.close()
    assert "USING COVERING INDEX events_recorded (recorded" in plan, plan
