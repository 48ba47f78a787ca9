"""Views of the sessions by name: from the configuration to the grid."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.hands import SIZE, Hands
from tests.tui.until import text, until
from wa_tui.config import ConfigError, load
from wa_tui.text.columns import COLUMNS, Column
from wa_tui.tui.fleet.columns import chosen
from wa_tui.tui.fleet.order import Order
from wa_tui.tui.views import named_views

CONFIG = """
[views.qr]
filter = "status:qr"
order = "phone"
reversed = true
columns = ["instance", "phone", "status"]

[views.eu]
filter = "gateway:eu-1"
"""


def loaded(tmp_path: Path, content: str) -> tuple[object, ...]:
    path = tmp_path / "config.toml"
    path.write_text(content)
    return named_views(load({"HOME": str(tmp_path)}, path))


def wrong(tmp_path: Path, content: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, content)
    return str(caught.value)


def test_what_is_wrong_with_one_is_said_where_it_stands(tmp_path: Path) -> None:
    for content, said in {
        '[views.a]\norder = "fone"': 'views.a.order = "fone" is no column to sort by; phone is',
        '[views.a]\ncolumns = ["stat"]': 'views.a.columns: "stat" is no column; status is',
        '[views.a]\nfilter = "status:drunk"': 'views.a.filter = "status:drunk": status:drunk is no status',
        '[views.a]\nfilter = "status:"': "status: is not finished",
        "[views.a]\nfilter = 1": "views.a.filter = 1 is not a text",
        "[views.a]\ncolumns = 1": "is not a list of words",
        '[views.a]\nfliter = "x"': 'unknown key "fliter" in [views.a]; did you mean "filter"?',
        "[views.last]": "last is a view already",
        '[views."a b"]': "the name of a view is one word",
        "[views]\na = 1": "a is not a table",
        "views = 1": "views is not a table",
    }.items():
        assert said in wrong(tmp_path, content)


async def test_one_is_shown_by_its_name_and_by_its_digit(tmp_path: Path) -> None:
    under = Hands(views=loaded(tmp_path, CONFIG))
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("v")
        await under.shows(pilot, "Show which view?", "1  qr", "status:qr · by phone, reversed", "2  eu")
        await pilot.press("1")
        await under.shows(pilot, "/ status:qr", "by phone, reversed")
        await until(pilot, lambda: len(under.grid.keys) == 2)
        assert [slot.column for slot in under.grid.slots] == [
            Column.INSTANCE,
            Column.PHONE,
            Column.STATUS,
            Column.WHY,
        ]
        await pilot.press("colon", *"view eu", "enter")
        await under.shows(pilot, "/ gateway:eu-1", str(Order.TROUBLE))
        assert Column.GATEWAY in [slot.column for slot in under.grid.slots]
        await pilot.press("v", "0")
        await until(pilot, lambda: len(under.grid.keys) == 24)
        await until(pilot, lambda: "/ gateway:eu-1" not in text(pilot))
        await pilot.press("colon", *"view ue", "enter")
        await until(pilot, lambda: "ue is no named view; there are qr eu all" in under.said)
        await pilot.press("escape", "2")
        await until(pilot, lambda: under.main.sessions.gateway == "eu-2")


async def test_without_any_the_key_says_how_to_make_one() -> None:
    under = Hands()
    async with under.app.run_test(size=SIZE) as pilot:
        await under.ready(pilot)
        await pilot.press("v")
        await until(pilot, lambda: "[views.NAME] in the configuration gives one" in under.said)


@pytest.mark.parametrize("width", [20, 40, 80, 120, 200])
def test_chosen_columns_fit_and_why_is_always_there(width: int) -> None:
    for column in COLUMNS.values():
        slots = chosen((column, Column.STATUS, Column.PHONE), width)
        assert sum(slot.width + slot.gap for slot in slots) + 1 <= max(width, 40)
        assert width < 40 or slots[-1].column is Column.WHY
    every = chosen(tuple(COLUMNS.values()), width)
    assert every[0].column is Column.STATUS
