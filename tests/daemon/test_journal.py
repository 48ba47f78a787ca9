"""What the daemon keeps for monitors that come back, and what it says when that is not enough."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.store.samples import NOW, event, session
from wa_tui.daemon.recording.change import Change
from wa_tui.daemon.views import journal as journals
from wa_tui.daemon.views.journal import Cursor, Journal
from wa_tui.daemon.views.pending_delta import PendingDelta
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SessionKey
from wa_tui.store import ActionRow, Batch, Store, open_store
from wa_tui.wire import EventView, Lack, utc_now


class Past:
    """A store and the journal beside it."""

    def __init__(self, store: Store, incarnation: str) -> None:
        self.store = store
        self.incarnation = incarnation
        self.journal = Journal(store, incarnation, 0)

    async def happen(self, *names: str, silent: bool = False, **more: list[ActionRow]) -> None:
        """Sessions change, each with an event or without one."""
        sessions = [session(name) for name in names]
        events = [] if silent else [event(0, name) for name in names]
        change = Change(sessions={each.key: each for each in sessions}, events=events, **more)  # type: ignore[arg-type]
        change.number(await self.store.commit(Batch(events, sessions)))
        self.journal.listen(change)

    async def since(self, after: int) -> tuple[set[str], list[int]] | Lack:
        found = await self.journal.since(Cursor(after, self.journal.name))
        if isinstance(found, PendingDelta):
            return {key.session_id for key in found.sessions}, [each.id for each in found.events]
        return found


@pytest.fixture
async def past(tmp_path: Path) -> AsyncIterator[Past]:
    store = await open_store(tmp_path / "wa_tui.db", now=NOW)
    yield Past(store, (await store.load()).incarnation)
    await store.close()


async def test_what_changed_without_an_event_counts_to_the_one_before_it(past: Past) -> None:
    await past.happen("a")
    await past.happen("b")
    await past.happen("a", silent=True)
    assert await past.since(2) == ({"a", "b"}, [])
    await past.happen("c")
    assert await past.since(2) == ({"a", "b", "c"}, [3])
    assert await past.since(3) == ({"c"}, [])


async def test_what_the_screen_alone_knows_is_told_too(past: Past) -> None:
    await past.happen("a", "b")
    key = SessionKey("eu", "healed")
    row = ActionRow("1", "sync", None, None, "anna", "verified", "", 1, 2)
    line = EventView(id=2, at=utc_now(), source="node", kind="line", gateway="eu", text="started")
    past.journal.listen(Change(sessions={key: session("healed")}, actions=[row], lines=[line]))
    found = await past.journal.since(Cursor(2, past.journal.name))
    assert isinstance(found, PendingDelta)
    assert key in found.sessions and found.events == [line] and found.jobs_ran and found.daemon
    assert [each.id for each in found.receipts] == ["1"]


async def test_messages_that_went_through_meanwhile_are_told_beside_the_views(past: Past) -> None:
    await past.happen("a", "b")
    a, c = SessionKey("eu", "a"), SessionKey("eu", "c")
    past.journal.listen(Change(traffic=[a, c]))
    await past.happen("a")
    found = await past.journal.since(Cursor(2, past.journal.name))
    assert isinstance(found, PendingDelta)
    assert a in found.sessions and [*found.traffic] == [c], "a whole view has its own"
    later = await past.journal.since(Cursor(3, past.journal.name))
    assert isinstance(later, PendingDelta) and not later.traffic


async def test_what_is_gone_is_named_too(past: Past) -> None:
    await past.happen("a")
    past.journal.listen(Change(removed={SessionKey("eu", "a")}))
    assert await past.since(1) == ({"a"}, [])


async def test_no_more_is_kept_than_is_said(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "SESSIONS_KEPT", 3)
    for name in "abcd":
        await past.happen(name)
    assert await past.since(1) == ({"a", "b", "c", "d"}, [2, 3, 4])
    for name in "aefg":
        await past.happen(name)
    assert await past.since(4) is Lack.TOO_OLD
    assert await past.since(5) == ({"a", "e", "f", "g"}, [6, 7, 8])
    await past.happen("b")
    assert await past.since(7) == ({"f", "g", "b"}, [8, 9])


async def test_more_than_a_message_holds_is_told_by_a_snapshot(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "SESSIONS_WAITING", 2)
    for name in "abc":
        await past.happen(name)
    assert await past.since(1) is Lack.TOO_OLD
    assert await past.since(2) == ({"b", "c"}, [3])
    monkeypatch.setattr(journals, "EVENTS_WAITING", 0)
    assert await past.since(2) is Lack.TOO_OLD


async def test_events_that_were_pruned_are_not_left_out_in_silence(past: Past) -> None:
    for name in "abcd":
        await past.happen(name)
    await past.store.prune(NOW, Fleet(), NOW)
    assert await past.since(2) is Lack.TOO_OLD
    assert await past.since(4) == ({"d"}, [])


async def test_another_store_and_the_future_are_said_so(past: Past) -> None:
    await past.happen("a")
    assert await past.since(2) is Lack.NOT_YET
    assert await past.journal.since(Cursor(1, "0" * 32)) is Lack.OTHER_STORE
    nameless = Journal(past.store, "", 0)
    assert await nameless.since(Cursor(0, "")) is Lack.OTHER_STORE


async def test_what_was_before_the_daemon_started_nobody_knows(past: Past) -> None:
    await past.happen("a")
    again = Journal(past.store, past.incarnation, 1)
    assert await again.since(Cursor(1, again.name)) is Lack.TOO_OLD
    # Nor what a store held that was put back from a copy: its newest event has an id that was given before.
    back = Past(past.store, past.incarnation)
    await back.happen("a")
    assert await back.journal.since(Cursor(2, past.journal.name)) is Lack.TOO_OLD
