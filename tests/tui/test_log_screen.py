"""The log on the whole screen, by its keys."""

from __future__ import annotations

import stat
import time
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.tui.fake import FakeDaemon
from tests.tui.fleet import DAY, HOUR, MINUTE, busy, event
from tests.tui.monitor import SALES
from tests.tui.places import At, at
from tests.tui.until import text
from wa_tui.client import DaemonGone
from wa_tui.tui.log import PAGE
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.log_view import LogView
from wa_tui.wire import Delta, EventView

LOG = Place("log")


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def many(first: int, last: int, text: str = "") -> list[EventView]:
    """Events that happened just now."""
    return [
        event(n, timedelta(0), "sync", "changed", text=f"event {n} {text}".rstrip())
        for n in range(first, last + 1)
    ]


def log_of(screen: At) -> LogView:
    return screen.app.screen.query_one(LogView)


async def test_it_follows_until_somebody_reads_back_and_then_counts() -> None:
    async with at(LOG) as screen:
        await screen.shows("Log · all sessions · UTC · following")
        screen.daemon.push(Delta(events=many(100, 180)))
        await screen.shows("event 180")
        await screen.press("pageup")
        await screen.shows("reading back, end follows")
        before = screen.lines[1:30]
        screen.daemon.push(Delta(events=many(181, 192)))
        await screen.shows("+12 lines")
        assert screen.lines[1:30] == before
        await screen.press("end")
        await screen.shows("· following", "event 192")
        assert "+12" not in screen.lines[0]


async def test_it_goes_on_in_a_database_that_was_put_back_from_a_copy() -> None:
    async with at(LOG) as screen:
        screen.daemon.push(Delta(events=many(100, 103)))
        await screen.shows("event 103")
        # The copy is of before those; what happens now has ids that they had, or lower ones.
        screen.daemon.push(replace(busy(), events=many(1, 90, "kept")))
        await screen.shows("event 90 kept")
        assert "event 103" not in "\n".join(screen.lines)
        screen.daemon.push(Delta(events=many(91, 91, "anew")))
        await screen.shows("event 91 anew")


@pytest.mark.parametrize(
    ("key", "example"),
    [("slash", "what to look for"), ("f", "source:heal level:trouble"), ("@", "2d 12:40, 15m, 3 Nov")],
)
async def test_what_may_be_typed_is_said_whole_in_80_columns(key: str, example: str) -> None:
    async with at(Place("log", SALES), (80, 24)) as screen:
        await screen.press(key)
        await screen.shows(example)


async def test_s_stays_whatever_comes() -> None:
    async with at(LOG) as screen:
        await screen.press("s")
        screen.daemon.push(Delta(events=many(100, 180)))
        await screen.shows("not following, +81 lines, s follows")
        assert "event 180" not in "\n".join(screen.lines)
        await screen.press("s")
        await screen.shows("event 180", "· following")


async def test_windows_of_time() -> None:
    daemon = FakeDaemon(busy())
    daemon.past = [
        event(-30, 30 * HOUR, "sync", "changed", text="thirty hours ago"),
        event(-20, 20 * HOUR, "sync", "changed", text="twenty hours ago"),
        event(-5, 5 * HOUR, "sync", "changed", text="five hours ago"),
        event(-3, 50 * MINUTE, "sync", "changed", text="fifty minutes ago"),
        event(-2, 12 * MINUTE, "sync", "changed", text="twelve minutes ago"),
    ]
    texts = ("thirty", "twenty", "five", "fifty", "twelve", "reconnect 1 started", "reconnect accepted")
    async with at(LOG, daemon=daemon) as screen:
        await screen.shows(*texts)
        for key, count in (("1", 1), ("2", 2), ("3", 3), ("4", 4), ("5", 5), ("6", 6), ("0", 7)):
            await screen.press(key)
            found = "\n".join(screen.lines)
            assert [one for one in texts if one in found] == list(texts[len(texts) - count :]), key
        await screen.press("4")
        await screen.shows("last 1h")
        await screen.press("escape")
        await screen.hides("last 1h")
        await screen.shows("thirty hours ago")


async def test_a_window_fetches_what_is_missing_of_it() -> None:
    daemon = FakeDaemon(busy())
    daemon.past = [
        event(n - 3 * PAGE, timedelta(seconds=10 * (3 * PAGE - n)), "sync", "changed", text=f"old {n}")
        for n in range(3 * PAGE)
    ]
    async with at(LOG, daemon=daemon) as screen:
        await screen.press("5")
        await screen.press("home")
        await screen.shows("old 0")
        assert len(daemon.pages) >= 3


async def test_older_events_are_fetched_at_the_top_and_the_reader_stays() -> None:
    daemon = FakeDaemon(busy())
    daemon.past = [event(n - 2000, DAY, "sync", "changed", text=f"old {n}") for n in range(1000)]
    async with at(LOG, daemon=daemon) as screen:
        await screen.shows("reconnect accepted")
        await screen.press("home")
        await screen.shows("old 500")
        before = screen.lines[1]
        assert len(daemon.pages) in (1, 2)
        await screen.press("up")
        await screen.press("up")
        await screen.shows("old 499")
        assert before not in screen.lines[1]
        for _ in range(4):
            await screen.press("home")
        await screen.shows("old 0")
        await screen.press("up")
        assert screen.said == "nothing older is kept"


async def test_a_daemon_that_does_not_answer_is_said() -> None:
    daemon = FakeDaemon(busy())
    daemon.unreadable = DaemonGone("the daemon does not answer")
    async with at(LOG, daemon=daemon) as screen:
        await screen.shows("older events could not be read: the daemon does not answer")
        await screen.shows("reconnect accepted")


async def test_search_goes_from_place_to_place() -> None:
    async with at(LOG) as screen:
        await screen.type("slash", detail="RECONNECT")
        await screen.shows("/RECONNECT")
        log = log_of(screen)

        def found() -> str:
            return log.found.text if log.found is not None else ""

        assert found() == "reconnect accepted from ana@ops"
        await screen.press("N")
        assert found().startswith("reconnect 1 no effect")
        await screen.press("n")
        assert found() == "reconnect accepted from ana@ops"
        await screen.press("n")
        assert found().startswith("reconnect 4"), "round the end"
        await screen.press("escape")
        await screen.hides("/RECONNECT")
        assert log.found is None
        await screen.press("n")
        assert screen.said == "nothing is searched for · / looks for a text"
        await screen.type("slash", detail="zzz")
        assert screen.said == "zzz is in none of these lines"


async def test_a_filter_follows_every_letter_and_is_kept_visible() -> None:
    async with at(LOG) as screen:
        await screen.type("f", detail="source:heal !verified", enter=False)
        await screen.hides("connection refused", "reconnect 4 verified")
        await screen.shows("reconnect 1 started")
        await screen.press("enter")
        await screen.shows("· source:heal !verified")
        screen.daemon.push(Delta(events=many(100, 100)))
        await screen.press("escape")
        await screen.shows("event 100", "connection refused")
        await screen.type("f", detail="gatway:us-1", enter=False)
        assert screen.said == "gatway: is no field; gateway: is"
        await screen.press("escape")
        await screen.press("escape")
        await screen.type("f", detail="gateway:us-1 kind:gat level:trouble")
        await screen.hides("sales-eu")
        await screen.shows("connection refused")
        await screen.press("escape")
        await screen.type("f", detail="nobody")
        await screen.shows("nothing of that happened: nobody · esc shows all")


async def test_levels() -> None:
    async with at(LOG) as screen:
        screen.daemon.push(Delta(events=many(100, 100)))
        await screen.shows("event 100")
        await screen.press("v")
        await screen.shows("changes and actions", "reconnect accepted")
        await screen.hides("event 100")
        await screen.press("v")
        await screen.shows("· trouble", "no effect", "connection refused", "the list says")
        await screen.hides("reconnect accepted")
        await screen.press("v")
        await screen.shows("· all, with every QR code", "event 100")
        await screen.press("v")
        await screen.hides("with every QR code")
        await screen.shows("event 100")


async def test_of_a_wait_for_a_scan_the_first_code_alone() -> None:
    codes = [event(n, MINUTE, "webhook", "qr", "onboarding", text="new QR code") for n in range(100, 130)]
    first = event(99, MINUTE, "webhook", "status", "onboarding", before="initializing", after="qr_pending")
    last = event(130, MINUTE, "action", "action", "onboarding", text="reconnect accepted")
    async with at(Place("sessions")) as screen:
        screen.daemon.push(Delta(events=[first, *codes, last]))
        await screen.shows("→ scan QR", "reconnect accepted")
        assert "new QR code" not in text(screen.pilot)
        for place in (LOG, Place("details", ("eu-1", "user_7_instance_onboarding"))):
            screen.app.navigation.go(place)
            await screen.shows("scan QR", "reconnect accepted")
            assert "new QR code" not in text(screen.pilot)
        screen.app.navigation.go(LOG)
        await screen.press("v", "v", "v")
        await screen.shows("new QR code")
        await screen.press("escape")
        await screen.hides("new QR code")
        await screen.type("f", detail="level:all")
        await screen.shows("new QR code")


async def test_long_lines_go_on_in_the_next_and_keep_their_place() -> None:
    async with at(LOG, (80, 24)) as screen:
        screen.daemon.push(Delta(events=many(100, 160, text="which is so long " * 6 + "END")))
        await screen.shows("event 160")
        await screen.press("pageup")
        first = screen.lines[1].split("which")[0].strip()
        await screen.press("w")
        await screen.shows("END")
        assert screen.lines[1].split("which")[0].strip() == first
        assert log_of(screen).line_count() > 2 * 61
        screen.daemon.push(Delta(events=many(161, 161, text="x")))
        await screen.shows("+1 line, ")
        await screen.press("w")
        assert screen.lines[1].split("which")[0].strip() == first


async def test_times_marks_and_clearing() -> None:
    async with at(LOG) as screen:
        assert "12:41:08" in screen.line("reconnect accepted")
        await screen.press("t")
        assert "12:41:08" not in screen.line("reconnect accepted")
        await screen.press("t", "T")
        assert "2026-11-23T12:41:08+00:00" in screen.line("reconnect accepted")
        await screen.press("m")
        await screen.shows("──── mark 1 · 12:41 UTC ──")
        screen.daemon.push(Delta(events=many(100, 100)))
        await screen.shows("event 100")
        assert screen.lines.index(screen.line("mark 1")) < screen.lines.index(screen.line("event 100"))
        await screen.press("C")
        await screen.hides("event 100", "mark 1", "sales-eu")
        await screen.shows("cleared")
        screen.daemon.push(Delta(events=many(101, 101)))
        await screen.shows("event 101")
        await screen.press("0")
        await screen.shows("event 100", "reconnect accepted")


async def test_going_to_a_time() -> None:
    daemon = FakeDaemon(busy())
    daemon.past = [
        event(n - 400, MINUTE * (400 - n), "sync", "changed", text=f"past {400 - n}m") for n in range(397)
    ]
    async with at(LOG, daemon=daemon) as screen:
        await screen.type("at", detail="11:41:20")
        await screen.shows("past 60m")
        assert "past 60m" in screen.lines[1]
        await screen.press("H")
        assert "past 120m" in screen.lines[1]
        await screen.press("h")
        assert "past 60m" in screen.lines[1]
        await screen.press("D")
        assert "past 400m" in screen.lines[1]
        await screen.press("d")
        await screen.shows("reconnect accepted")
        await screen.type("at", detail="3h")
        assert "past 180m" in screen.lines[1]
        await screen.type("at", detail="noon")
        assert screen.said.startswith("noon is no time; write 12:40")


async def test_saving_never_overwrites(tmp_path: Path) -> None:
    async with at(LOG, pictures=tmp_path) as screen:
        await screen.press("S")
        await screen.press("S")
        first, second = sorted(tmp_path.iterdir(), key=lambda path: len(path.name))  # noqa: ASYNC240
        assert screen.said == f"9 events saved as {second}"
        assert first.name == "wa-tui-log-20261123T124120.txt"
        assert stat.S_IMODE(first.stat().st_mode) == 0o600
        lines = first.read_text("utf-8").splitlines()
        assert lines[1] == (
            "2026-11-23T12:38:19+00:00  webhook  eu-1/sales-eu  "
            "connected → disconnected   browser died (Target closed)"
        )
        screen.app.monitor.pictures = Path("/proc/nowhere")
        await screen.press("S")
        assert screen.said.startswith("the log was not saved")


async def test_the_log_of_a_session_and_of_a_gateway() -> None:
    async with at(Place("log", SALES)) as screen:
        await screen.shows("Log · sales-eu · UTC · following", "reconnect accepted")
        await screen.hides("connection refused")
        screen.app.navigation.go(Place("log", gateway="us-1"))
        await screen.shows("Log · us-1 · UTC · following", "connection refused")
        await screen.hides("reconnect accepted")
        await screen.press("escape")
        await screen.shows("Log · sales-eu")


async def test_after_a_gap_older_events_are_fetched_anew() -> None:
    daemon = FakeDaemon(busy())
    async with at(LOG, daemon=daemon) as screen:
        await screen.shows("reconnect accepted")
        daemon.past = many(10, 499)
        snapshot = busy()
        daemon.push(
            type(snapshot)(
                **{f: getattr(snapshot, f) for f in snapshot.__struct_fields__} | {"events": many(500, 505)}
            )
        )
        await screen.shows("event 505")
        await screen.press("home")
        await screen.shows("event 499")
        await screen.press("home")
        await screen.shows("event 10")
        assert "reconnect accepted" not in "\n".join(screen.lines)


async def test_letters_are_text_while_something_is_typed() -> None:
    async with at(LOG) as screen:
        await screen.type("slash", detail="wtmCsq", enter=False)
        assert not log_of(screen).wraps and log_of(screen).autoscroll
        await screen.press("escape")
        assert screen.view == LOG
        await screen.press("escape")
        await screen.press("escape")
        assert screen.view == Place("sessions")


async def test_an_hour_back_goes_on_through_a_gap() -> None:
    daemon = FakeDaemon(busy())
    daemon.past = [event(-9, 11 * HOUR, "sync", "changed", text="at 01:41"),
                   *[event(n - 8, 10 * HOUR, "sync", "changed", text="at 02:41") for n in range(3)]]  # fmt: skip
    async with at(LOG, (100, 8), daemon=daemon) as screen:
        await screen.type("at", detail="6h")
        assert screen.said == "nothing happened at 06:41:20, the next was at 12:31:40"
        for hour in ("05", "04", "03"):
            await screen.press("H")
            await screen.pilot.pause()
            assert screen.said == f"nothing happened at {hour}:41:20, the next was at 12:31:40"
        await screen.press("H")
        await screen.shows("at 02:41")
        assert screen.lines[1].endswith("at 02:41")
        await screen.press("H", "H")
        await screen.pilot.pause()
        assert screen.said == "nothing older is kept"
        await screen.press("h", "h")
        await screen.pilot.pause()
        assert screen.said.startswith("nothing happened at 03:41")


async def test_an_hour_back_out_of_the_window_is_said() -> None:
    async with at(LOG) as screen:
        await screen.press("1", "H")
        await screen.pilot.pause()
        assert screen.said == "only the last 1m is shown; 0 shows all"


async def test_the_search_line_opens_with_the_old_text_to_type_over() -> None:
    async with at(LOG) as screen:
        await screen.type("slash", detail="heal")
        await screen.type("slash", detail="sync")
        await screen.shows("/sync")


async def test_a_time_that_is_none_can_be_mended() -> None:
    async with at(LOG) as screen:
        await screen.type("at", detail="12:4x")
        assert "12:4x is no time" in screen.said
        await screen.shows("go to 12:4x")
        await screen.press("backspace", "1", "enter")
        await screen.hides("go to 12:4")
        assert screen.view == LOG


async def test_a_source_that_is_none_is_said_until_it_is_mended() -> None:
    async with at(LOG) as screen:
        await screen.type("f", detail="source:foo", enter=False)
        assert screen.said.startswith("source:foo is no source; there are webhook")
        await screen.shows("reconnect accepted")
        await screen.press("backspace", "backspace", "backspace", "h")
        assert screen.said == ""
