from __future__ import annotations

from datetime import timedelta

import pytest

from tests.tui.fleet import EVENTS, NOW, event, snapshot
from tests.tui.stage import Stage
from wa_tui.tui.look.pieces import width_of
from wa_tui.tui.widgets.log import EventLog
from wa_tui.tui.words.event_line import event_line, when
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
    foreign = {"before": "a\x07", "after": "b\n", "words": "\x1b[31m" * 9}
    evil = event(1, timedelta(0), "web\x1bhook", "sta\ntus", "x\x1b[2J", **foreign)
    for width in (20, 40, 80, 120):
        assert width_of(event_line(evil, width, NOW)) <= width
        assert not any(ord(char) < 32 for char in line(evil, width))


def test_times_of_other_days_say_so_in_as_many_cells() -> None:
    assert when(NOW, NOW) == "12:41:20"
    assert when(NOW - timedelta(days=2), NOW) == "2d 12:41"
    assert when(NOW - timedelta(days=20), NOW) == "03 Nov  "


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
