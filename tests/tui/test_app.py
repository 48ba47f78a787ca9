"""What arrives reaches the screen, a few times a second; a daemon that goes is picked up again."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.fake_daemon import FakeDaemon as SocketDaemon
from tests.tui.cursor import put_cursor
from tests.tui.fake import FakeDaemon
from tests.tui.fleet import NOW, SESSIONS, clock, event, snapshot
from tests.tui.monitor import BILLING, SALES, monitor, unstartable
from tests.tui.until import text, until
from wa_tui.client import Client, Unix
from wa_tui.tui.app import WaTuiApp
from wa_tui.tui.feed import INTERVAL, Daemon, Pacer
from wa_tui.tui.screens.details import DetailsScreen
from wa_tui.tui.screens.help import HelpScreen
from wa_tui.tui.screens.main import MainScreen
from wa_tui.tui.screens.stopped import StoppedScreen
from wa_tui.tui.widgets.grid import SessionGrid
from wa_tui.tui.widgets.log_view import EventLog
from wa_tui.wire import Delta

SIZE = (120, 40)


async def test_the_first_frame_comes_before_the_daemon() -> None:
    never = asyncio.Event()

    async def connect() -> Daemon:
        await never.wait()
        raise AssertionError

    app = WaTuiApp(connect, title="prod", where="the daemon of /var/lib/wa_tui")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "connecting to the daemon of /var/lib/wa_tui …" in text(pilot))
        assert "wa-tui   prod" in text(pilot)


def test_the_first_frame_loads_no_more_than_it_needs() -> None:
    program = """
import asyncio, sys
from wa_tui.client import Client, Unix
from wa_tui.tui.app import WaTuiApp
async def connect():
    await asyncio.Event().wait()
async def main():
    app = WaTuiApp(connect)
    async with app.run_test(size=(120, 40)):
        heavy = {"httpx", "websockets", "segno", "PIL", "uvicorn", "starlette", "wa_tui.tui.screens.qr"}
        print(sorted(heavy & sys.modules.keys()))
asyncio.run(main())
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=20
    )
    assert ended.stdout == "[]\n"


async def test_a_burst_is_painted_at_once_and_then_once_more() -> None:
    painted: list[float] = []
    loop = asyncio.get_running_loop()
    pacer = Pacer(lambda: painted.append(loop.time()), interval=0.05)
    began = loop.time()
    for _ in range(100):
        pacer.touch()
    assert len(painted) == 1
    while len(painted) < 2 and loop.time() < began + 2:
        await asyncio.sleep(0.005)
    assert painted[1] - painted[0] >= 0.05
    pacer.touch()
    pacer.stop()
    await asyncio.sleep(0.06)
    assert len(painted) == 2


async def test_a_hundred_changes_a_second_are_four_frames_a_second() -> None:
    daemon = FakeDaemon()
    app = monitor(daemon, interval_s=INTERVAL)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.state.connected)
        frames: list[float] = []
        paint, clock = app.feed.paint, asyncio.get_running_loop().time

        def counted() -> None:
            frames.append(clock())
            paint()

        app.feed._pacer._paint = counted
        began = clock()
        while clock() < began + 0.6:
            daemon.change(BILLING, status_since=NOW - timedelta(minutes=len(frames)))
            await asyncio.sleep(0.01)
        assert 2 <= len(frames) <= 4


async def test_a_lost_daemon_keeps_the_fleet_and_claims_no_proof() -> None:
    daemon = FakeDaemon()
    app = monitor(daemon)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "12 connected" in text(pilot))
        daemon.lose("the connection to the daemon was lost (closed)")
        await until(pilot, lambda: "daemon gone since" in text(pilot))
        assert "the connection to the daemon was lost (closed)" in text(pilot)
        assert "15 claimed" in text(pilot) and "● connected" not in text(pilot)
        daemon.push(snapshot())
        await until(pilot, lambda: "12 connected" in text(pilot))
        assert "the daemon is back" in text(pilot) and "daemon gone" not in text(pilot)


async def test_a_daemon_that_was_never_there_is_waited_for_with_the_reason() -> None:
    daemon = FakeDaemon(silent=True)
    app = monitor(daemon, where="https://ops.example")
    async with app.run_test(size=SIZE) as pilot:
        daemon.lose("no daemon answers at https://ops.example")
        await until(pilot, lambda: "waiting for https://ops.example: no daemon answers" in text(pilot))
        daemon.push(snapshot())
        await until(pilot, lambda: "Sessions 24" in text(pilot))
    assert daemon.closed


async def test_a_daemon_of_another_version_is_not_said_to_be_gone() -> None:
    daemon = FakeDaemon(silent=True)
    said = "the daemon is older (API 1, here 2): update wa-tui where it runs, restart it"
    async with monitor(daemon).run_test(size=(80, 24)) as pilot:
        daemon.differ(f"{said} · /run/wa_tui.sock")
        await until(pilot, lambda: "✖ another version since" in text(pilot))
        # What to do is not cut off, …
        assert said in text(pilot) and "gone" not in text(pilot)
        # … and once it is done the monitor goes on.
        daemon.push(snapshot())
        await until(pilot, lambda: "Sessions 24" in text(pilot))
        assert "the daemon speaks this version now" in text(pilot) and "is back" not in text(pilot)


async def test_an_upgrade_ends_with_the_version_and_a_restart_with_the_daemon() -> None:
    daemon = FakeDaemon()
    async with monitor(daemon).run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "12 connected" in text(pilot))
        # The old daemon, then none, then the new one: what was amiss was the version.
        daemon.differ("the daemon is older (API 1, here 2)")
        daemon.lose("daemon gone (closed)")
        daemon.push(snapshot())
        await until(pilot, lambda: "the daemon speaks this version now" in text(pilot))
        daemon.lose("daemon gone (closed)")
        daemon.push(snapshot())
        await until(pilot, lambda: "the daemon is back; it was gone since" in text(pilot))


async def test_a_daemon_that_cannot_be_started_shows_its_last_lines_and_is_tried_again() -> None:
    daemon, tries = FakeDaemon(), 0

    async def connect() -> Daemon:
        nonlocal tries
        tries += 1
        return await unstartable() if tries == 1 else daemon

    app = WaTuiApp(connect)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, StoppedScreen))
        await until(pilot, lambda: "port 8000 is held by node (pid 812)" in text(pilot))
        await pilot.press("r")
        await until(pilot, lambda: "Sessions 24" in text(pilot))
        assert isinstance(app.focused, SessionGrid)


async def test_all_ages_move_on_the_minute_in_one_frame() -> None:
    at = [datetime.fromisoformat("2026-11-23T12:41:59.95Z")]
    app = WaTuiApp(FakeDaemon().connect, clock=lambda: at[0])
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "Sessions 24" in text(pilot))
        assert row(text(pilot), "sales-eu").split()[4] == "2m"
        at[0] += timedelta(seconds=1)
        await until(pilot, lambda: row(text(pilot), "sales-eu").split()[4] == "3m")


def row(screen: str, name: str) -> str:
    """The grid's row of an instance."""
    return next(line for line in screen.splitlines() if name in line)


async def test_the_filter_follows_every_letter_and_stays_visible() -> None:
    app = monitor()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.state.connected)
        await pilot.press("slash", "b", "i", "l")
        await until(pilot, lambda: "Sessions 2 of 24" in text(pilot))
        await pilot.press("enter")
        assert isinstance(app.focused, SessionGrid) and "/ bil" in text(pilot)
        await pilot.press("slash", "z", "escape")
        await until(pilot, lambda: "Sessions 24" in text(pilot))
        assert isinstance(app.focused, SessionGrid) and not app.screen.query(Input)
        await pilot.press("slash", "z", "z")
        await until(pilot, lambda: "no session matches zz · esc clears the filter" in text(pilot))
        await pilot.press("backspace", "backspace", "enter")
        await until(pilot, lambda: not app.screen.query(Input) and isinstance(app.focused, SessionGrid))


async def test_capital_l_shows_below_the_log_of_the_session_under_the_cursor() -> None:
    app = monitor()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.state.connected)
        put_cursor(app.query_one(SessionGrid), SALES)
        await pilot.press("L")
        await until(pilot, lambda: "Log · sales-eu on eu-1 · " in text(pilot))
        assert "connection refused" not in text(pilot)
        await pilot.press("up")
        await until(pilot, lambda: "Log · sales-eu" not in text(pilot))
        await pilot.press("L")
        await until(pilot, lambda: "Log · all sessions" in text(pilot))
        await pilot.press("tab")
        assert isinstance(app.focused, EventLog)


async def test_enter_shows_facts_and_a_timeline_that_is_longer_than_the_log() -> None:
    daemon = FakeDaemon(
        snapshot(events=[event(500, timedelta(minutes=3), "heal", "action", text="reconnect 1")])
    )
    daemon.past = [event(7, timedelta(days=2), "webhook", "status", before="connected", after="disconnected",
                         reason="navigation")]  # fmt: skip
    app = monitor(daemon)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.state.connected)
        put_cursor(app.query_one(SessionGrid), SALES)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen) and "page reloaded" in text(pilot))
        await until(pilot, lambda: "browser died (Target closed)" in text(pilot))
        assert "reconnect 1" in text(pilot)
        daemon.change(SALES, status="connected", proven_at=NOW)
        await until(pilot, lambda: "● connected" in text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert isinstance(app.focused, SessionGrid)


async def test_help_opens_and_closes() -> None:
    app = monitor()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.state.connected)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert "Show the QR code to scan" in text(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))


async def test_letters_are_text_in_a_form_and_ctrl_c_leaves_from_it() -> None:
    app = monitor()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.state.connected)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("q", "question_mark", "r")
        assert isinstance(app.focused, Input) and app.focused.value == "q?r"
        await pilot.press("ctrl+c")
        assert app._exit


async def test_the_mouse_selects_and_opens() -> None:
    app = monitor()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "hr-bot" in text(pilot) or "billing" in text(pilot))
        grid = app.query_one(SessionGrid)
        await pilot.click(grid, offset=(20, 3))
        assert grid.cursor_key == grid.keys[2]
        await pilot.click(grid, offset=(20, 3), times=2)
        await until(pilot, lambda: isinstance(app.screen, DetailsScreen))


@pytest.mark.parametrize("named", [True, False])
async def test_hostile_text_stays_text(named: bool) -> None:
    hostile = "\x1b]0;owned\x07\x1b[31m[red]x[/red]\u202eevil\n[@click=app.quit]q"
    session = SESSIONS[0]
    name = hostile if named else None
    bad = type(session)(gateway="eu-1", session_id=hostile, instance_name=name, status="disconnected", reason="other",
                        detail=hostile, phone_number=hostile, user_id=hostile)  # fmt: skip
    app = monitor(FakeDaemon(snapshot(sessions=[bad], events=[])), where=hostile, title=hostile)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "Sessions 1" in text(pilot))
        for keys in (["enter"], ["escape", "x"], ["escape", "t"], ["escape", "o"], ["escape", "s"]):
            await pilot.press(*keys)
            await until(pilot, lambda: "[red]x[/red]" in text(pilot))
            assert not {"\x1b", "\u202e", "\x07"} & set(text(pilot))


async def test_what_was_removed_leaves_the_screen() -> None:
    daemon = FakeDaemon()
    app = monitor(daemon)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "sales-eu" in text(pilot))
        daemon.push(Delta(removed=[SALES]))
        await until(pilot, lambda: "Sessions 23" in text(pilot))


async def test_on_a_real_socket_a_killed_daemon_is_picked_up_again(tmp_path: Path) -> None:
    socket = tmp_path / "wa_tui.sock"
    fleet = snapshot()
    served = SocketDaemon(socket, sessions=fleet.sessions, gateways=fleet.gateways, daemon=fleet.daemon)
    client = Client(Unix(socket))

    async def connect() -> Daemon:
        return client

    async with served:
        app = WaTuiApp(connect, clock=clock)
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: "12 connected" in text(pilot))
            put_cursor(app.query_one(SessionGrid), SALES)
            await pilot.press("r")
            await until(pilot, lambda: app.notice is not None and "accepted" in app.notice.text)
            await served.kill()
            await until(pilot, lambda: "daemon gone since" in text(pilot))
            await served.start()
            await until(pilot, lambda: "12 connected" in text(pilot), timeout=40)
            served.finish(next(iter(served.receipts)), "verified", "connected, proven by getState")
            await until(pilot, lambda: app.notice is not None and "verified · connected" in app.notice.text)
