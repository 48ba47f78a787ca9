from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.fleet import EVENTS, NOW, event, snapshot
from tests.tui.stage import Stage
from wa_tui.tui.presenters.event_line import event_line
from wa_tui.tui.presenters.times import WEEKDAY, at, room, span, when
from wa_tui.tui.style.pieces import width_of
from wa_tui.tui.widgets.log_view import EventLog
from wa_tui.wire import Delta, EventView


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def line(one: EventView, width: int = 118) -> str:
    return "".join(piece.text for piece in event_line(one, width, NOW))


def lines(log: EventLog) -> list[str]:
    return [log.render_line(y).text.rstrip() for y in range(log.size.height)]


def more(first: int, last: int) -> Delta:
    numbers = range(first, last + 1)
    return Delta(events=[event(n, timedelta(0), "sync", "status", text=f"event {n}") for n in numbers])


def test_an_event_says_when_who_and_what() -> None:
    assert line(EVENTS[1]) == (
        "12:38:19  webhook  sales-eu          connected → disconnected   browser died (Target closed)"
    )
    assert line(EVENTS[3]) == "12:38:50  health   us-1              up → down   connection refused"
    assert line(EVENTS[5]).endswith("connected → disconnected   logged out on the phone (LOGOUT)")
    assert line(EVENTS[6]).endswith("starting → scan QR")
    assert line(EVENTS[4]).endswith("reconnect 1 no effect: QR code generation timeout after 30 s")


def test_lines_are_cut_and_foreign_text_is_harmless() -> None:
    foreign = {"before": "a\x07", "after": "b\n", "detail": "\x1b[31m" * 9}
    evil = event(1, timedelta(0), "web\x1bhook", "sta\ntus", "x\x1b[2J", **foreign)
    for width in (20, 40, 80, 120):
        assert width_of(event_line(evil, width, NOW)) <= width
        assert not any(ord(char) < 32 for char in line(evil, width))


@pytest.mark.parametrize(
    ("days", "wide", "narrow"),
    [
        (0, "12:41:20", "12:41:20"),
        (2, "Sat 12:41", "Sat 12:41"),
        (6, "Tue 12:41", "Tue 12:41"),
        (7, "16 Nov 12:41", "16 Nov"),
        (300, "27 Jan 12:41", "27 Jan"),
        (400, "19 Oct 2025", "Oct 2025"),
        (-1, "Tue 12:41", "Tue 12:41"),
    ],
)
def test_times_of_other_days_have_a_weekday_or_a_date(days: int, wide: str, narrow: str) -> None:
    then = NOW - timedelta(days=days)
    assert (when(then, NOW), when(then, NOW, WEEKDAY)) == (wide, narrow)
    long = {
        "12:41:20": "12:41",
        "16 Nov": "16 Nov 12:41",
        "27 Jan": "27 Jan 12:41",
        "Oct 2025": "19 Oct 2025 12:41",
    }
    assert at(then, NOW) == long.get(narrow, narrow)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 2 * 86_400))
def test_what_the_oldest_needs_has_room_for_all_after_it(age: int, later: int, clock: int) -> None:
    now = NOW + timedelta(seconds=clock)
    oldest = now - timedelta(seconds=age)
    then = min(oldest + timedelta(seconds=later), now)
    cells = room(oldest, now)
    assert len(when(then, now, cells)) <= cells
    assert (":" in when(then, now, cells)) or then.year != now.year


async def test_the_time_is_as_wide_as_the_oldest_event_needs() -> None:
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        log = app.query_one(EventLog)
        log.show_events(EVENTS, NOW)
        await pilot.pause()
        assert lines(log)[0].startswith("  12:31:40  heal ")
        log.show_events([event(0, timedelta(days=30), "sync", "changed", text="old"), *EVENTS], NOW)
        await pilot.pause()
        assert lines(log)[0].startswith("  24 Oct 12:41  sync ")
        assert lines(log)[1].startswith("  12:31:40      heal ")


def test_a_span_names_the_day_of_each_end_that_is_another() -> None:
    night = NOW.replace(hour=0, minute=10)
    assert span(NOW - timedelta(hours=1), NOW, NOW) == "11:41–12:41"
    assert span(night - timedelta(minutes=20), night, NOW) == "Sun 23:50–00:10"
    assert span(NOW - timedelta(days=9, hours=1), NOW - timedelta(days=9), NOW) == "14 Nov 11:41–12:41"
    assert span(NOW - timedelta(days=1), None, NOW) == "since Sun 12:41"


async def test_new_events_scroll_into_view() -> None:
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        log = app.query_one(EventLog)
        assert log.following
        app.take(more(10, 30))
        await pilot.pause()
        assert "event 30" in lines(log)[-1]
        assert log.following


async def test_reading_back_never_moves_under_the_reader() -> None:
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        log = app.query_one(EventLog)
        app.take(more(10, 60))
        await pilot.pause()
        log.focus()
        await pilot.press("pageup")
        read = lines(log)
        assert not log.following
        app.take(more(61, 70))
        await pilot.pause()
        assert lines(log) == read
        await pilot.press("end")
        assert log.following
        assert "event 70" in lines(log)[-1]


async def test_reading_back_stays_when_old_events_are_dropped() -> None:
    app = Stage()
    app.state.events = type(app.state.events)(app.state.events, maxlen=50)
    async with app.run_test(size=(120, 40)) as pilot:
        log = app.query_one(EventLog)
        app.take(more(10, 80))
        await pilot.pause()
        log.focus()
        await pilot.press("pageup")
        read = lines(log)
        app.take(more(81, 90))
        await pilot.pause()
        assert len(log._events) == 50
        assert lines(log) == read


async def test_the_log_of_one_session() -> None:
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        log = app.query_one(EventLog)
        log.show(app.state, ("eu-2", "user_7_instance_support-fr"))
        await pilot.pause()
        shown = [line for line in lines(log) if line]
        assert len(shown) == 1
        assert "support-fr" in shown[0]
        log.show(app.state, ("eu-2", "nobody"))
        await pilot.pause()
        assert [line.strip() for line in lines(log) if line] == ["nothing has happened yet"]


async def test_a_snapshot_after_a_gap_keeps_following() -> None:
    app = Stage()
    async with app.run_test(size=(120, 40)) as pilot:
        log = app.query_one(EventLog)
        app.take(snapshot(events=more(500, 560).events))
        await pilot.pause()
        assert "event 560" in lines(log)[-1]
