"""The help page: complete, searchable, and never wider than the screen."""

from __future__ import annotations

import pytest

from tests.tui.monitor import SALES, monitor
from tests.tui.places import at
from tests.tui.until import text, until
from wa_tui.keys.table import KEYS, Context
from wa_tui.text.cells import wrap
from wa_tui.tui.presenters.guide import guide, sections, signs
from wa_tui.tui.screens.help import HelpScreen
from wa_tui.tui.style.palette import LOOKS, Palette
from wa_tui.tui.views import RESULTS, VIEWS, Place, view_of


def page(width: int, search: str = "", **keymap: str) -> list[str]:
    return guide(sections(keymap, search), width).plain.split("\n")


@pytest.mark.parametrize("width", [37, 57, 77, 117, 197])
def test_every_sign_and_key_is_there_and_no_line_is_too_wide(width: int) -> None:
    meant = guide(signs(Palette()), width).plain.split("\n")
    lines = page(width)
    assert max(len(line.rstrip()) for line in (*lines, *meant)) <= width
    told = " ".join(" ".join((*lines, *meant)).split())
    for condition, look in LOOKS.items():
        assert f"{look.glyph} {condition}" in told
    if width < 112:
        for key in KEYS:
            assert key.help in told or key.help[-1].isdigit(), key.id
            assert key.shown in told or key.shown.isdigit(), key.id


def test_what_is_broken_goes_on_under_its_own_beginning() -> None:
    lines = page(38, "session.acknowledge")
    assert [line.rstrip() for line in lines[-3:]] == [
        "  a You take care of it until it is",
        "    connected, or calm; again takes",
        "    that back",
    ]


def test_a_long_sign_has_a_line_of_its_own() -> None:
    lines = page(50, "of this view", help="ctrl+shift+f11,question_mark")
    assert lines[-3:] == [
        "  ctrl+shift+f11 ?",
        " " * 17 + "The keys of this view, then all",
        " " * 17 + "others",
    ]


def test_keys_for_one_number_after_the_other_share_a_line() -> None:
    assert [line.split("  ")[1] for line in page(80) if "Sessions of gateway" in line] == ["1 – 9"]


def test_a_wide_screen_has_two_columns() -> None:
    assert len(page(197)) < 0.7 * len(page(100))


def test_a_search_keeps_what_has_all_its_words() -> None:
    assert [line for line in page(80, "qr save") if "Save the picture" in line], "a heading's word counts"
    assert page(80, "zzz") == ["nothing has these words in it · esc shows everything"]


def test_remapped_keys_are_shown_as_they_are() -> None:
    shown = [line for line in page(80, "reconnect", **{"session.reconnect": "f5"}) if "asks first" in line]
    assert any(line.split()[0] == "f5" for line in shown)


def test_lines_are_broken_between_words_and_in_those_that_are_too_long() -> None:
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("東京 サポート", 5) == ["東京", "サポ", "ート"]
    assert wrap("abcdefgh ij", 3) == ["abc", "def", "gh", "ij"]
    assert wrap("", 5) == [""]


async def test_the_page_is_searched_as_one_types() -> None:
    app = monitor()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.connected)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and "Reconnect;" in text(pilot))
        await pilot.press("slash", *"snooze")
        await until(pilot, lambda: "Reconnect;" not in text(pilot))
        assert "Quiet it for a while" in text(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: "Reconnect;" in text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, HelpScreen))


VIEWS_AT_HAND = {
    "sessions": (
        Context.SESSION,
        Context.ACTION,
        Context.SESSIONS,
        Context.MARKS,
        Context.ORDER,
        Context.GRID,
    ),
    "gateways": (Context.GATEWAYS, Context.GRID),
    "log": (Context.LOG_VIEW, Context.LOG),
    "jobs": (Context.JOBS, Context.GRID),
    "messages": (Context.MESSAGES, Context.GRID),
    "needs": (Context.SESSION, Context.ACTION, Context.GRID),
    "details": (Context.DETAILS, Context.SESSION, Context.ACTION, Context.LOG),
    "raw": (Context.RAW, Context.LOG),
    "qr": (Context.QR,),
}


@pytest.mark.parametrize("view", [view.name for view in VIEWS if view.name not in (RESULTS, "help", "signs")])
async def test_it_opens_at_the_keys_of_the_view_at_hand(view: str) -> None:
    place = Place(view, SALES if view_of(Place(view)).of_session else None)
    async with at(place, size=(80, 24)) as there:
        mine = there.app.screen.contexts  # type: ignore[attr-defined]
        assert mine and set(mine) == set(VIEWS_AT_HAND.get(view, mine))
        await there.press("question_mark")
        await there.shows("the keys here, then all others")
        first = there.app.screen.sections("")[: len(mine)]  # type: ignore[attr-defined]
        assert {section.heading for section in first} == set(mine)
        assert there.lines[2].strip() == first[0].heading, "without scrolling"


async def test_the_signs_are_a_page_of_their_own() -> None:
    async with at(Place("gateways"), size=(80, 24)) as there:
        await there.press("question_mark")
        await there.hides("What the signs mean\n")
        await there.press("s")
        await there.shows("What the signs mean", "The last 24 hours")
        await there.press("s")
        await there.shows("the keys here, then all others")
        await there.type("slash", detail="proved it")
        await there.shows("connected, and a check or WhatsApp proved it")
        await there.press("escape", "escape")
        assert there.view == Place("gateways")
        await there.type("colon", detail="signs")
        await there.shows("What the signs mean")
