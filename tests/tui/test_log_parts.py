"""What the log is made of: its record, filters, levels, moments, attempts."""

from __future__ import annotations

import os
import time
from collections import deque
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.tui.fake import FakeDaemon
from tests.tui.fleet import EVENTS, MINUTE, NOW, ago, did, event
from tests.tui.monitor import SALES
from wa_tui.filters.events import parse
from wa_tui.filters.levels import Level, level_of
from wa_tui.text.moments import moment
from wa_tui.tui.export import save_log
from wa_tui.tui.log import LONGEST, PAGE, Reader, Record, Surroundings
from wa_tui.tui.presenters.attempts import attempts, outcome_word
from wa_tui.wire import EventView


@pytest.fixture(autouse=True)
def cet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()


def numbered(first: int, last: int) -> list[EventView]:
    return [event(n, timedelta(0), "sync", "changed", text=f"event {n}") for n in range(first, last + 1)]


def ids(record: Record) -> list[int]:
    return [one.id for one in record.events]


def test_a_record_takes_what_is_new() -> None:
    record, live = Record(), deque(numbered(1, 5), maxlen=5)
    assert record.apply(live)
    assert not record.apply(live)
    live.extend(numbered(6, 8))
    assert record.apply(live)
    assert ids(record) == [1, 2, 3, 4, 5, 6, 7, 8], "what the deque lost stays"


def test_lines_of_the_node_service_share_the_id_of_the_event_before() -> None:
    record, live = Record(), numbered(1, 2)
    line = event(2, timedelta(0), "node", "line", "", text="listening")
    record.apply([*live, line])
    record.apply([*live, line, line, *numbered(3, 3)])
    assert ids(record) == [1, 2, 2, 3] or ids(record) == [1, 2, 2, 2, 3]
    assert record.events[2] == line


def test_a_gap_begins_anew() -> None:
    record = Record()
    record.apply(numbered(1, 5))
    record.whole = True
    record.apply(numbered(90, 92))
    assert ids(record) == [90, 91, 92] and not record.whole


def test_a_database_that_was_put_back_begins_anew() -> None:
    record, around = Record(), Surroundings("eu-1")
    down = event(3, MINUTE, "health", "gateway", "", gateway="eu-1", before="up", after="down")
    line = event(5, timedelta(0), "node", "line", "", text="listening")
    for one in (record, around):
        one.apply([*numbered(1, 2), down, *numbered(4, 5), line, line])
        one.apply([*numbered(1, 2), down, *numbered(4, 5), line, line, *numbered(6, 7)])
    # Of what the copy lacks the ids are given again, fewer than before, …
    at = timedelta(seconds=1)
    for one in (record, around):
        one.apply([*numbered(1, 2), event(3, at, "webhook", "status", "sales")])
    assert [(one.id, one.kind) for one in record.events] == [(1, "changed"), (2, "changed"), (3, "status")]
    assert not around.rows(0)
    # … or more.
    again = [event(id, at, "heal", "healing", "sales") for id in range(3, 9)]
    assert record.apply([*numbered(1, 2), *again])
    assert ids(record) == list(range(1, 9)) and {one.kind for one in record.events[2:]} == {"healing"}


def test_the_record_of_one_session_has_its_events_alone() -> None:
    record = Record(SALES)
    assert record.apply(EVENTS)
    assert {one.session_id for one in record.events} == {SALES[1]}
    assert not record.apply([*EVENTS, event(10, timedelta(0), "health", "gateway", "", gateway="us-1")])


def test_a_record_does_not_grow_for_ever() -> None:
    record = Record()
    for first in range(1, 2 * LONGEST, 5000):
        record.apply(numbered(first, first + 4999))
    assert LONGEST <= len(record.events) <= LONGEST + PAGE
    assert record.events[-1].id == 2 * LONGEST


async def test_reaching_back_ends_with_the_oldest() -> None:
    record, daemon = Record(), FakeDaemon()
    daemon.past = numbered(1, PAGE + 10)
    record.apply(numbered(PAGE + 11, PAGE + 12))
    assert await record.reach_back(daemon) == PAGE and not record.whole
    assert await record.reach_back(daemon) == 10 and record.whole
    assert ids(record) == list(range(1, PAGE + 13))
    record.mark(NOW)
    assert record.events[-1].text == "mark 1"


def test_a_reader_filters_what_comes_in_once() -> None:
    reader = Reader()
    reader.apply(numbered(1, 3))
    reader.filter_by("event")
    first = reader.shown(NOW)
    reader.apply(numbered(4, 5))
    assert [one.id for one in reader.shown(NOW)] == [1, 2, 3, 4, 5]
    assert len(first) == 3, "what was given is not changed"
    reader.filter_by("!3 !4")
    assert [one.id for one in reader.shown(NOW)] == [1, 2, 5]
    reader.clear()
    reader.apply(numbered(6, 6))
    assert [one.id for one in reader.shown(NOW)] == [6]
    assert reader.reset() and not reader.reset()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("source:heal", [1, 3, 5]),
        ("source:hea", [1, 3, 4, 5]),
        ("source:list,action", [8, 9]),
        ("!source:heal,webhook", [4, 8, 9]),
        ("gateway:eu-2", [6]),
        ("session:support", [6]),
        ('session:"support-fr"', [6]),
        ('session:"support"', []),
        ('session:"a b" kind:qr', []),
        ('!gateway:"eu-2" kind:status', [2]),
        ("level:trouble", [2, 4, 5, 6, 7, 8]),
        ("kind:outcome TIMEOUT", [5]),
        ("logged out", [6]),
    ],
)
def test_filters(text: str, found: list[int]) -> None:
    chosen = parse(text)
    assert [one.id for one in EVENTS if chosen.admits(one)] == found


def test_what_is_wrong_with_a_filter() -> None:
    assert parse("sorce:heal").problem == "sorce: is no field; source: is"
    assert parse("level:loud").problem == "level:loud is no level; there are all changes trouble"
    assert parse("http://x").problem is None
    assert parse("status:down").problem == (
        "status: is asked of sessions; events have source: gateway: session: kind: level: cause:"
    )
    assert parse("cause:scn_qr").problem == "cause:scn_qr is no cause; scan_qr is"
    assert parse("cause:").unfinished == "cause: is not finished; write what the cause is to be"
    assert parse("cause:exhausted").problem == (
        "cause:exhausted no single event brings about; kind:healing has what healing says"
    )
    assert parse('user:"A b"').problem is not None and parse("!status:down").problem is not None
    assert (
        parse('session:"a b').unfinished
        == 'session:"a is not finished; end what is quoted with another quote'
    )


def test_levels() -> None:
    by_id = {one.id: level_of(one) for one in EVENTS}
    assert by_id == {1: 2, 2: 3, 3: 2, 4: 3, 5: 3, 6: 3, 7: 3, 8: 3, 9: 2}
    assert level_of(event(1, MINUTE, "sync", "changed", text="renamed")) is Level.NEWS
    assert level_of(event(1, MINUTE, "webhook", "qr", text="new QR code")) is Level.ALL
    sent = event(
        1,
        MINUTE,
        "action",
        "attempt",
        text="send not sent: connection refused",
        action=did("m", "send", "not_sent"),
    )
    assert level_of(sent) is Level.TROUBLE


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("12:40", "2026-11-23T12:40+01:00"),
        ("13:41:20", "2026-11-23T13:41:20+01:00"),
        ("23:00", "2026-11-22T23:00+01:00"),
        ("2d 9:05", "2026-11-21T09:05+01:00"),
        ("30d 9:05", "2026-10-24T09:05+02:00"),
        ("Mon 12:40", "2026-11-23T12:40+01:00"),
        ("mon 23:00", "2026-11-16T23:00+01:00"),
        ("Sun 22:19", "2026-11-22T22:19+01:00"),
        ("03 Nov 12:41", "2026-11-03T12:41+01:00"),
        ("3 Nov", "2026-11-03T00:00+01:00"),
        ("24 Dec 18:00", "2025-12-24T18:00+01:00"),
        ("29 Feb 2024", "2024-02-29T00:00+01:00"),
        ("19 Oct 2025 12:41", "2025-10-19T12:41+02:00"),
        ("90m", "2026-11-23T12:11:20+01:00"),
        ("-2h", "2026-11-23T11:41:20+01:00"),
        ("3d ago", "2026-11-20T13:41:20+01:00"),
        ("2026-11-01T08:00", "2026-11-01T08:00+01:00"),
        ("2026-07-01T08:00", "2026-07-01T08:00+02:00"),
        ("2026-11-01T08:00:00+00:00", "2026-11-01T09:00+01:00"),
    ],
)
def test_moments(text: str, meant: str) -> None:
    assert moment(text, NOW) == datetime.fromisoformat(meant)


@pytest.mark.parametrize(
    "text", ["", "25:00", "noon", "12", "999999d", "2026-13-01", "Sux 12:40", "31 Feb", "1 Jan 2099"]
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="is no time; write 12:40"):
        moment(text, NOW)


def test_attempts_have_their_ends() -> None:
    events = [
        event(1, 9 * MINUTE, "heal", "action", text="reconnect asked by healing", action=did("a")),
        event(2, 8 * MINUTE, "action", "action", text="reconnect accepted from ana@ops", action=did("b")),
        event(
            3,
            8 * MINUTE,
            "heal",
            "outcome",
            text="reconnect superseded: a person's came",
            action=did("a", outcome="superseded"),
        ),
        event(
            4,
            7 * MINUTE,
            "action",
            "outcome",
            text="reconnect no_effect: QR code generation timeout",
            action=did("b", outcome="no_effect"),
        ),
        event(
            5,
            6 * MINUTE,
            "action",
            "attempt",
            text="message not sent: connection refused",
            action=did("c", "send", "not_sent"),
        ),
        event(
            6, 5 * MINUTE, "action", "action", text="snooze accepted from ana@ops", action=did("d", "snooze")
        ),
        event(7, 4 * MINUTE, "webhook", "status", before="a", after="connected"),
    ]
    found = attempts(events)
    assert [(one.id, one.outcome) for one in found] == [
        (6, None),
        (5, "not_sent"),
        (2, "no_effect"),
        (1, "superseded"),
    ]
    assert found[2].ending == "QR code generation timeout" and found[2].ended_at == ago(7 * MINUTE)
    assert [outcome_word(one.outcome) for one in found] == [
        "under way",
        "not sent",
        "no effect",
        "superseded",
    ]


def test_saving_gives_up_where_every_name_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = {save_log(EVENTS, tmp_path / "new", NOW) for _ in range(3)}
    assert len(paths) == 3 and all(len(path.read_text("utf-8").splitlines()) == 9 for path in paths)

    def taken(*_: object) -> int:
        raise FileExistsError

    monkeypatch.setattr(os, "open", taken)
    with pytest.raises(FileExistsError, match="99 names after it are taken"):
        save_log(EVENTS, tmp_path, NOW)
