"""What was shown last is taken up again; its filter only when a person asks, and saying what it hides."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.tui.fleet import NOW
from tests.tui.hands import SIZE, Hands
from tests.tui.until import until
from wa_tui.config import Config, ConfigError, load
from wa_tui.filters.sessions import Filter
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.presenters.times import at
from wa_tui.tui.remembered import NAME, Remembered, Resume, read, resumed, write
from wa_tui.tui.views import Place

LEFT = Remembered(
    theme="light",
    view="gateways",
    order="phone",
    backwards=True,
    wide=True,
    where="the daemon",
    filter="booking",
    at=NOW - timedelta(hours=3),
    filtered=True,
)

TROUBLED = Filter().within(None, trouble=True)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "state" / NAME
    assert read(path) == (Remembered(), "")
    assert write(path, Remembered(), LEFT) == ""
    assert read(path) == (LEFT, "")
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.stat().st_mtime_ns
    assert write(path, LEFT, LEFT) == "" and path.stat().st_mtime_ns == before, "nothing changed"


def test_two_monitors_keep_what_each_of_them_changed(tmp_path: Path) -> None:
    path = tmp_path / NAME
    write(path, Remembered(), Remembered(theme="light"))
    before, _ = read(path)
    write(path, before, Remembered(theme="ansi", order="status"))
    write(path, before, Remembered(theme="light", order="phone", backwards=True))
    assert read(path)[0] == Remembered(theme="ansi", order="phone", backwards=True)


DAMAGES: dict[str, Any] = {
    "empty": b"",
    "no JSON": b"{",
    "another type": b'{"theme": 1}',
    "a list": b"[]",
    "not UTF-8": b"\xff",
    "too long": b'{"filter": "' + b"x" * 100_000 + b'"}',
    "deep": b"[" * 60_000,
}


@pytest.mark.parametrize("damage", [*DAMAGES, "a directory", "a pipe", "unreadable"])
async def test_a_damaged_file_costs_one_notice_and_is_mended_by_the_next(tmp_path: Path, damage: str) -> None:
    path = tmp_path / NAME
    if damage == "a directory":
        path.mkdir()
    elif damage == "a pipe":
        os.mkfifo(path)
    else:
        path.write_bytes(DAMAGES.get(damage, b"{}"))
    if damage == "unreadable":
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("root reads everything")
    found, problem = read(path)
    assert found == Remembered()
    assert problem.startswith("what was shown last is not known, the monitor begins anew: ")
    under = Hands(resume=Resume(found, problem))
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await until(pilot, lambda: under.said == problem)
    assert (write(path, Remembered(), LEFT) == "") is (damage != "a directory")
    if damage != "a directory":
        assert read(path) == (LEFT, "")


def test_what_nobody_can_have_chosen_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(
        '{"theme": "drak", "order": "?", "backwards": true, "filter": "a\\u001b[31m", "view": "x", "more": 1,'
        ' "filtered": true, "at": "2999-01-01T00:00:00Z"}'
    )
    assert read(path) == (Remembered(view="x"), "")


def test_a_directory_that_takes_nothing_costs_one_line(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    said = write(tmp_path / "state" / NAME, Remembered(), LEFT)
    assert said.startswith("what was shown is not remembered: ") and "state" in said
    assert list(tmp_path.iterdir()) == [tmp_path / "state"]


def configured(tmp_path: Path, content: str = "", **environ: str) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(content)
    return load({"HOME": str(tmp_path), "WA_TUI_STATE_DIR": str(tmp_path), **environ}, path)


def test_configuration_and_environment_win(tmp_path: Path) -> None:
    write(tmp_path / NAME, Remembered(), LEFT)
    ui, resume = resumed(configured(tmp_path), ())
    assert (ui.theme, ui.wide, resume.before) == ("light", True, LEFT)
    ui, _ = resumed(configured(tmp_path, '[ui]\ntheme = "dark"\nwide = false\n'), ())
    assert (ui.theme, ui.wide) == ("dark", False)
    ui, resume = resumed(configured(tmp_path, WA_TUI_THEME="ansi", WA_TUI_VIEW="needs"), ())
    assert (ui.theme, resume.view) == ("ansi", "needs")
    with pytest.raises(ConfigError, match="nedes is no view to begin with; needs is"):
        resumed(configured(tmp_path, WA_TUI_VIEW="nedes"), ())


async def test_view_and_order_are_taken_up_again_and_the_filter_is_not() -> None:
    under = Hands(resume=Resume(LEFT))
    async with under.app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: under.app.navigation.trail[-1] == Place("gateways"))
        await until(
            pilot, lambda: ":view last brings back the filter booking · by phone, reversed" in under.said
        )
        await pilot.press("escape")
        await until(pilot, lambda: len(under.grid.keys) == 24)
        assert (under.main.sessions.order, under.main.sessions.backwards) == (Order.PHONE, True)


def said(under: Hands) -> list[str]:
    return under.main.sessions.said(under.app.state, NOW, "esc")


async def test_the_last_filter_comes_back_when_asked_for_and_says_what_it_hides() -> None:
    under = Hands(resume=Resume(LEFT))
    async with under.app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: under.app.navigation.trail[-1] == Place("gateways"))
        await pilot.press("colon", *"view last", "enter")
        await under.shows(pilot, "/ booking", "in trouble, 4 need you · esc · filter from")
        assert "· filter from 09:41" in " ".join(said(under))
        troubled = sum(
            key not in under.grid.keys for key in under.app.state.rows(TROUBLED, Order.TROUBLE, NOW)
        )
        assert f"hides {troubled} in trouble" in " ".join(said(under))
        await pilot.press("escape")
        await until(pilot, lambda: len(under.grid.keys) == 24)
        assert "filter from" not in " ".join(said(under))


async def test_another_daemons_filter_is_not_offered() -> None:
    under = Hands(resume=Resume(LEFT), where="elsewhere")
    async with under.app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: under.app.navigation.trail[-1] == Place("gateways"))
        assert "view last" not in under.said
        await pilot.press("colon", *"view last", "enter")
        await until(pilot, lambda: "no filter was left here the last time" in under.said)


@pytest.mark.parametrize(
    ("begin", "there"), [("needs", "needs"), ("sessions", "sessions"), ("all", "sessions")]
)
async def test_it_begins_with_what_it_is_told_to(begin: str, there: str) -> None:
    under = Hands(resume=Resume(LEFT, view=begin))
    async with under.app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: under.app.state.connected and under.app.navigation.trail[-1].view == there)
        await until(pilot, lambda: len(under.grid.keys) == 24)


@pytest.mark.parametrize(("text", "comes"), [("booking", False), ("!connected", True)])
async def test_by_itself_the_last_filter_comes_back_only_where_it_hides_nobody_who_needs_a_person(
    text: str, comes: bool
) -> None:
    left = msgspec.structs.replace(LEFT, filter=text, view="sessions")
    under = Hands(resume=Resume(left, view="last"))
    async with under.app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: under.app.state.connected and under.grid.keys)
        if comes:
            await under.shows(pilot, f"/ {text}", "filter from")
        else:
            await until(pilot, lambda: "the last filter hides who needs you" in under.said)
            assert len(under.grid.keys) == 24


async def test_what_is_shown_is_noted_when_the_monitor_is_left() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("1", "P", "P", "w", "slash", *"sales", "enter")
        await under.shows(pilot, "/ sales", "on eu-1")
        under.app.appearance.choose_theme("light")
        await pilot.press("l", "q")
        await pilot.pause()
    left = under.app.resuming.left
    assert left == Remembered(
        "light", "log", "phone", True, True, "the daemon", "sales", "eu-1", False, left.at, True
    )


async def test_a_filter_that_was_taken_off_is_still_the_last_one() -> None:
    under = Hands(resume=Resume(LEFT))
    async with under.app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: under.app.navigation.trail[-1] == Place("gateways"))
        await pilot.press("q")
        await pilot.pause()
    left = under.app.resuming.left
    assert (left.filter, left.at, left.filtered) == ("booking", LEFT.at, False)


def test_times_before_today_carry_their_day() -> None:
    now = datetime.fromisoformat("2026-11-23T12:00").astimezone()
    assert [at(now - timedelta(hours=hours), now) for hours in (2, 24, 24 * 9)] == [
        "10:00",
        "Sun 12:00",
        "14 Nov 12:00",
    ]
