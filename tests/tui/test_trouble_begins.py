"""Trouble begins while the monitor is open: what is on the screen then, and what a key pressed just then is about."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from tests.needing import BANNED, CONFLICT, EXHAUSTED, FLAPPING, SCAN_QR
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import DAY, GATEWAYS, NOW, ago, session, snapshot, troubled
from tests.tui.monitor import monitor
from tests.tui.until import settled, text, until
from wa_tui.cli.judging import judge
from wa_tui.config import Ui
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.output.painter import ASK, Painter
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.views import Place
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.tui.widgets.rows import Rows
from wa_tui.wire import Attention, AttentionCode, Counts, Delta, JobView, SessionKey, StatusView

SIZES = [(80, 24), (120, 40), (160, 45), (200, 60)]


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Watched:
    """A monitor that somebody looks at, and the fleet that trouble begins in."""

    def __init__(self, sessions: int, **options: Any) -> None:
        self.names = [f"shop-{number:05}" for number in range(sessions)]
        self.daemon = FakeDaemon(
            snapshot(
                gateways=GATEWAYS[:2], sessions=[session(name) for name in self.names], events=[], receipts=[]
            )
        )
        self.app: WaTuiApp = monitor(self.daemon, **options)
        self.clock = Clock()
        self.pilot: Pilot[Any]
        self.down = 0

    @asynccontextmanager
    async def open(self, size: tuple[int, int]) -> Any:
        async with self.app.run_test(size=size) as pilot:
            self.pilot = pilot
            await until(pilot, lambda: self.app.state.connected and "shop-00000" in text(pilot))
            await self.until(self.is_seen)
            self.grid.monotonic = self.clock
            yield self

    @property
    def grid(self) -> SessionGrid:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen.grid

    async def fall(self, *names: str) -> None:
        """Let these drop, the newest trouble of all, and wait until the screen counts them."""
        self.down += len(names)
        since = NOW.replace(microsecond=self.down)
        self.daemon.push(
            Delta(
                sessions=[
                    troubled(name, "disconnected", status_since=since, reason="browser_died")
                    for name in names
                ]
            )
        )
        await self.until(lambda: len(self.app.state.troubled) == self.down and self.is_seen())

    def is_seen(self) -> bool:
        """Whether the row under the cursor is on the screen, or nobody could see it, or that is for the test to say."""
        hidden = not self.grid.screen.is_current or self.app.painter is not None
        return hidden or (bool(self.grid.keys) and self.grid._seen.cursor == self.grid.cursor_key)

    async def until(self, holds: Callable[[], object]) -> None:
        await until(self.pilot, holds)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def shows(self, *texts: str) -> None:
        for one in texts:
            await self.until(lambda one=one: one in text(self.pilot))  # type: ignore[misc]

    @property
    def lines(self) -> list[str]:
        return text(self.pilot).split("\n")

    @property
    def rows(self) -> list[str]:
        """The sessions' lines on the screen."""
        region = self.grid.region
        return self.lines[region.y + 1 : region.bottom]

    @property
    def title(self) -> str:
        return next(line for line in self.lines if line.startswith(" Sessions "))

    @property
    def under_cursor(self) -> str:
        """The session whose row has the cursor on the screen."""
        found = [line for line in self.rows if line.startswith("▌")]
        return next((name for name in self.names if found and name in found[0]), "")

    @property
    def asked(self) -> list[tuple[str, str]]:
        """What was asked for: action and instance."""
        prefix = "user_7_instance_"
        return [(one.action, (one.session_id or "").removeprefix(prefix)) for one in self.daemon.asked]


def key_of(name: str) -> SessionKey:
    return ("eu-1", f"user_7_instance_{name}")


@pytest.mark.parametrize(("sessions", "down"), [(300, 96), (5000, 388)])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_what_is_in_trouble_is_what_is_on_the_screen(
    sessions: int, down: int, size: tuple[int, int]
) -> None:
    async with Watched(sessions).open(size) as watched:
        assert watched.under_cursor == watched.names[0]
        await watched.fall(*watched.names[-down:])
        await watched.shows(f"○ {down} down")
        await settled(watched.pilot)
        assert all("○ disconnected" in row for row in watched.rows), "nothing else is first"
        assert watched.rows[0].startswith("▌"), "nobody moved the cursor"
        below = down - len(watched.rows)
        assert f"▼ {below} in trouble below · J" in watched.title
        assert max(map(len, watched.lines)) <= size[0]
        await watched.press("J")
        assert watched.under_cursor == watched.app.state.label(watched.grid.keys[len(watched.rows)])
        assert f"▲ {len(watched.rows)} in trouble above · Home" in watched.title


@pytest.mark.parametrize("sessions", [300, 5000])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_cursor_that_was_moved_keeps_its_session_and_what_is_above_is_told(
    sessions: int, size: tuple[int, int]
) -> None:
    async with Watched(sessions).open(size) as watched:
        await watched.press("down", "down")
        mine = watched.under_cursor
        assert mine == watched.names[2]
        watched.clock.now += 10
        await watched.fall(*watched.names[-96:])
        above = 96 - (len(watched.rows) - 3)
        await watched.shows(f"▲ {above} in trouble above · Home" if above > 0 else "○ 96 down")
        assert watched.under_cursor == mine
        assert max(map(len, watched.lines)) <= size[0]
        await watched.press("home")
        assert all("○ disconnected" in row for row in watched.rows)
        assert "above" not in watched.title
        watched.clock.now += 10
        await watched.fall(watched.names[7])
        assert watched.under_cursor == watched.names[7], "as if nobody had moved it"


async def test_one_that_was_moved_keeps_its_session_also_after_another_view() -> None:
    async with Watched(300).open((120, 40)) as watched:
        await watched.press("down", "down", "enter")
        mine = watched.names[2]
        await watched.until(lambda: watched.app.navigation.trail[-1] == Place("details", key_of(mine)))
        watched.clock.now += 10
        await watched.fall(*watched.names[-96:])
        await watched.press("escape")
        await watched.until(lambda: watched.app.screen is watched.app.screen_stack[0])
        await watched.shows("in trouble above · Home")
        await watched.until(watched.is_seen)
        assert watched.under_cursor == mine
        await watched.press("a")
        await watched.until(lambda: watched.asked == [("acknowledge", mine)])


async def test_on_top_it_stays_there_also_after_another_view() -> None:
    async with Watched(300).open((120, 40)) as watched:
        await watched.press("enter")
        await watched.until(
            lambda: watched.app.navigation.trail[-1] == Place("details", key_of(watched.names[0]))
        )
        watched.clock.now += 10
        await watched.fall(*watched.names[-96:])
        await watched.press("escape")
        await watched.until(lambda: watched.app.screen is watched.app.screen_stack[0])
        await watched.until(lambda: all("○ disconnected" in row for row in watched.rows))
        assert watched.under_cursor == watched.app.state.label(watched.grid.keys[0])
        await watched.until(watched.is_seen)
        await watched.press("r")
        await watched.shows(f"Reconnect {watched.under_cursor} on eu-1?", "by itself just now")
        assert watched.asked == []


@pytest.mark.parametrize("how", ["filter", "order", "gateway"])
async def test_what_a_person_chooses_to_see_moves_no_cursor_and_raises_no_question(how: str) -> None:
    async with Watched(60).open((120, 40)) as watched:
        await watched.fall(watched.names[5], watched.names[40])
        watched.clock.now += 10
        keys = {"filter": ["slash", *"00040", "enter"], "order": ["I"], "gateway": ["1"]}[how]
        first = {"filter": "shop-00040", "order": "shop-00000", "gateway": "shop-00005"}[how]
        await watched.press(*keys)
        assert watched.under_cursor == first
        await watched.press("a")
        await watched.until(lambda: watched.asked == [("acknowledge", first)])


ACTIONS = {
    "r": "Reconnect",
    "a": "Acknowledge",
    "x": "Disconnect",
    "D": "Delete",
}


@pytest.mark.parametrize("key", ACTIONS)
async def test_a_row_that_came_under_the_cursor_just_now_is_named_before_anything_is_done(key: str) -> None:
    async with Watched(300).open((120, 40)) as watched:
        await watched.fall("shop-00200")
        assert watched.under_cursor == "shop-00200"
        watched.clock.now += 0.9
        await watched.press(key)
        await watched.shows(
            f"{ACTIONS[key]} shop-00200 on eu-1?", "It came under the cursor by itself just now."
        )
        await watched.press("escape")
        assert watched.asked == [] and watched.app.notice is not None
        watched.clock.now += 1
        await watched.press("a")
        await watched.until(lambda: watched.asked == [("acknowledge", "shop-00200")])


async def test_what_opens_names_the_session_itself_and_asks_nothing_more() -> None:
    async with Watched(300).open((120, 40)) as watched:
        await watched.fall("shop-00200")
        await watched.press("z")
        await watched.shows("shop-00200")
        await watched.press("enter")
        await watched.until(lambda: watched.asked == [("snooze", "shop-00200")])


async def test_a_cursor_that_was_scrolled_out_of_sight_asks_first() -> None:
    async with Watched(300).open((120, 40)) as watched:
        await watched.fall(*watched.names[:3])
        first = watched.under_cursor
        watched.clock.now += 10
        watched.grid.scroll_to_line(100)
        await watched.shows("▲ 3 in trouble above · Home")
        await watched.until(lambda: watched.grid.doubt)
        await watched.press("r")
        await watched.shows(f"Reconnect {first} on eu-1?", "which is out of sight")


class Slow(Painter):
    """What paints a terminal that answers when told."""

    def __init__(self, app: WaTuiApp, clock: Clock) -> None:
        self.written: list[str] = []
        super().__init__(self.written.append, lambda: None, app.frames.went_out, monotonic=clock)

    def has_sent_it(self) -> bool:
        """Whether the row of the session that falls went out."""
        return any("shop-00200" in one for one in self.written)

    def answer(self) -> None:
        """Answer all that it was asked."""
        while ASK in self.written:
            self.written.remove(ASK)
            self.answered(self._monotonic())


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Callable[[Watched], Slow]:
    def put(watched: Watched) -> Slow:
        painter = Slow(watched.app, watched.clock)
        monkeypatch.setattr(watched.app._driver, "painter", painter, raising=False)
        painter.begin()
        watched.app.screen.refresh(layout=True)
        return painter

    return put


@asynccontextmanager
async def on_a_slow_terminal(slow: Callable[[Watched], Slow]) -> Any:
    async with Watched(300).open((120, 40)) as watched:
        painter = slow(watched)
        while not watched.grid._seen.lines or painter.frames_sent != painter.frames_taken:
            painter.answer()
            await watched.pilot.pause(0.02)
        yield watched, painter


async def test_a_key_is_about_the_row_that_the_terminal_showed_when_it_was_pressed(
    slow: Callable[[Watched], Slow],
) -> None:
    async with on_a_slow_terminal(slow) as (watched, painter):
        await watched.fall("shop-00200")
        await watched.until(painter.has_sent_it)
        assert watched.grid.cursor_key == key_of("shop-00200"), "drawn, and on its way"
        await watched.press("a")
        await watched.until(lambda: watched.asked == [("acknowledge", "shop-00000")])
        await watched.press("enter")
        await watched.until(
            lambda: watched.app.navigation.trail[-1] == Place("details", key_of("shop-00000"))
        )


async def test_a_row_is_new_from_when_the_terminal_showed_it(slow: Callable[[Watched], Slow]) -> None:
    async with on_a_slow_terminal(slow) as (watched, painter):
        await watched.fall("shop-00200")
        await watched.until(painter.has_sent_it)
        watched.clock.now += 0.9
        painter.answer()
        await watched.press("a")
        await watched.shows("Acknowledge shop-00200 on eu-1?")


async def test_keys_that_move_go_by_the_rows_that_the_terminal_showed(
    slow: Callable[[Watched], Slow],
) -> None:
    async with on_a_slow_terminal(slow) as (watched, painter):
        await watched.fall("shop-00200")
        await watched.until(painter.has_sent_it)
        await watched.press("down", "down", "a")
        await watched.until(lambda: watched.asked == [("acknowledge", "shop-00002")])


async def test_where_the_last_row_has_gone_a_key_is_about_none() -> None:
    async with Watched(60).open((120, 40)) as watched:
        await watched.fall("shop-00020")
        await watched.press("F")
        watched.clock.now += 10
        watched.daemon.push(Delta(sessions=[session("shop-00020")]))
        await watched.shows("no session is in trouble")
        await watched.until(lambda: not watched.grid._seen.is_cursor_shown)
        await watched.press("a")
        await watched.shows("no session is under the cursor")
        assert watched.asked == []


async def test_a_frame_from_before_a_move_says_nothing_of_where_the_cursor_is() -> None:
    async with Watched(300).open((120, 40)) as watched:
        watched.grid.action_cursor_down()
        watched.app.frames.went_out()  # an answer to what was sent before, ahead of the next frame
        assert watched.grid.aimed_at == key_of(watched.names[1]) and not watched.grid.doubt
        await watched.until(lambda: watched.under_cursor == watched.names[1])
        assert watched.grid.aimed_at == key_of(watched.names[1]) and not watched.grid.doubt


@pytest.mark.parametrize("key", ["up", "home", "pageup"])
async def test_a_key_that_leads_nowhere_vouches_for_no_row_that_came_meanwhile(
    key: str, slow: Callable[[Watched], Slow]
) -> None:
    async with on_a_slow_terminal(slow) as (watched, painter):
        await watched.fall("shop-00200")
        await watched.until(painter.has_sent_it)
        await watched.press(key, "a")
        await watched.until(lambda: watched.asked == [("acknowledge", "shop-00000")])
        watched.clock.now += 10
        painter.answer()
        await watched.press("a")
        await watched.shows("Acknowledge shop-00200 on eu-1?")


async def test_a_click_is_on_the_row_that_the_terminal_showed(slow: Callable[[Watched], Slow]) -> None:
    async with on_a_slow_terminal(slow) as (watched, painter):
        await watched.fall("shop-00200")
        await watched.until(painter.has_sent_it)
        await watched.pilot.click(SessionGrid, offset=(5, 4))
        assert watched.grid.cursor_key == key_of("shop-00003")


async def test_what_needs_you_is_seen_as_it_comes_too() -> None:
    async with Watched(60, ui=Ui(ascii=True)).open((80, 24)) as watched:
        needy = [
            troubled(
                name,
                "disconnected",
                status_since=NOW,
                reason="logout",
                credentials="needs_scan",
                attention=SCAN_QR,
            )
            for name in watched.names[:40]
        ]
        watched.daemon.push(Delta(sessions=needy))
        await watched.press(*":needs", "enter")
        await watched.shows("Needs you", "40 sessions")
        table = watched.app.screen.query_one(Rows)
        table.monotonic = watched.clock
        await watched.press("enter")
        await watched.shows("need you below - End")
        watched.clock.now += 10
        assert table.cursor_key == table.keys[0]
        down = Attention(code=AttentionCode.GATEWAY_RESTARTS, text="it restarts again and again")
        watched.daemon.push(Delta(gateways=[_with(GATEWAYS[0], down)]))
        await watched.until(lambda: table.keys[0][0] == "gateway")
        assert table.cursor_key == table.keys[0]
        await watched.press("down")
        watched.clock.now += 10
        mine = table.cursor_key
        watched.daemon.push(Delta(gateways=[_with(GATEWAYS[1], down)]))
        await watched.until(lambda: table.keys[1][0] == "gateway")
        assert table.cursor_key == mine


async def test_a_job_that_came_under_the_cursor_just_now_asks_first() -> None:
    async with Watched(3).open((120, 40)) as watched:
        await watched.press(*":jobs", "enter")
        await watched.until(lambda: watched.app.navigation.trail[-1] == Place("jobs"))
        table = watched.app.screen.query_one(Rows)
        table.monotonic = watched.clock
        watched.clock.now += 10
        watched.daemon.push(Delta(jobs=[JobView(name="a-first-one", interval_s=60, next_at=NOW)]))
        await watched.until(lambda: table.cursor_key == ("a-first-one", None))
        await watched.until(lambda: table._seen.cursor == table.cursor_key)
        await watched.press("r")
        await watched.shows("Run a-first-one?", "by itself just now")


def _with(gateway: Any, need: Attention) -> Any:
    return msgspec.structs.replace(gateway, attention=[need])


async def test_rows_that_get_less_room_leave_no_lines_behind_that_keys_go_by() -> None:
    async with Watched(300).open((120, 40)) as watched:
        await watched.pilot.resize_terminal(120, 30)
        await watched.until(lambda: max(watched.grid._seen.lines) < watched.grid.size.height)
        await watched.press(*["down"] * 35)
        assert watched.under_cursor == watched.names[35]
        await watched.pilot.resize_terminal(120, 24)
        await watched.until(lambda: max(watched.grid._seen.lines) < watched.grid.size.height)
        await watched.press("down", "down", "a")
        await watched.until(lambda: watched.asked == [("acknowledge", watched.names[37])])


async def test_with_a_gateway_restarting_those_who_need_a_person_are_first_in_every_list() -> None:
    async with Watched(60).open((120, 40)) as watched:
        restarting = msgspec.structs.replace(GATEWAYS[0], state="restarting", returned_at=NOW)
        fallen = [
            troubled(name, "disconnected", status_since=NOW, reason="missing") for name in watched.names[:30]
        ]
        codes = [BANNED, CONFLICT, SCAN_QR, EXHAUSTED, FLAPPING]
        needy = [
            troubled(name, "disconnected", "eu-2", status_since=ago(9 * DAY), attention=code)
            for name, code in zip(["e", "d", "c", "b", "a"], codes, strict=True)
        ]
        quiet = troubled("quiet", "disconnected", attention=BANNED, snoozed_until=NOW + DAY)
        watched.daemon.push(Delta(gateways=[restarting], sessions=[*fallen, *needy, quiet]))
        await watched.until(lambda: len(watched.grid.keys) == 66)
        order = [watched.app.state.label(key) for key in watched.grid.keys]
        assert order[:5] == ["e", "d", "c", "b", "a"]
        assert order[5:36] == [*watched.names[:30], "quiet"]
        await watched.press(*":needs", "enter")
        await watched.until(lambda: watched.app.navigation.trail[-1] == Place("needs"))
        listed = [
            key[2].rpartition("_")[2]
            for key in watched.app.screen.query_one(Rows).keys
            if key[0] == "session"
        ]
        assert listed == [*order[:5], "quiet"]
        view = StatusView(
            daemon=snapshot().daemon,
            gateways=[restarting, GATEWAYS[1]],
            sessions=Counts(total=66, needs_person=5, by_status={}),
            now=NOW,
        )
        shuffled = sorted(watched.app.state.sessions.values(), key=lambda one: one.session_id[::-1])
        assert [each.session.label for each in judge(shuffled, view, NOW)] == order
