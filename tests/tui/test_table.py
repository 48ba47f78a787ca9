"""Tables: which columns there is room for; and text in several lines."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.tui.fleet import NOW, busy
from tests.tui.test_needs import needs_of
from wa_tui.tui.presenters.attempts import COLUMNS as ATTEMPTS
from wa_tui.tui.presenters.gateways import COLUMNS as GATEWAYS
from wa_tui.tui.presenters.messages import COLUMNS as MESSAGES
from wa_tui.tui.presenters.needs import need_columns
from wa_tui.tui.screens.jobs import _COLUMNS as JOBS
from wa_tui.tui.style.pieces import Piece, Pieces, width_of, wrapped
from wa_tui.tui.style.tables import Column, Field, beside, columns, fact_lines, fitted

NEEDS = need_columns(needs_of(busy()), NOW)
A, B, C = Column("A", 10), Column("B", 8, most=12, shed=1), Column("C", 20, most=None)


def titles(width: int) -> list[tuple[str, int]]:
    return [(column.title, cells) for column, cells in fitted((A, B, C), width)]


def test_columns_grow_and_go() -> None:
    assert titles(43) == [("A", 10), ("B", 8), ("C", 20)]
    assert titles(47) == [("A", 10), ("B", 10), ("C", 22)]
    assert titles(100) == [("A", 10), ("B", 12), ("C", 73)]
    assert titles(42) == [("A", 10), ("C", 29)]
    assert titles(25) == [("A", 10), ("C", 12)]
    assert titles(9) == [("A", 8)], "what stays is cut"


@pytest.mark.parametrize("table", [JOBS, NEEDS, ATTEMPTS, GATEWAYS, MESSAGES])
@pytest.mark.parametrize("width", [1, 20, 40, 60, 79, 80, 100, 119, 120, 160, 200, 300])
def test_no_table_is_wider_than_its_screen(table: Sequence[Column], width: int) -> None:
    shown = fitted(table, width)
    taken = 1 + sum(cells for _, cells in shown) + 2 * (len(shown) - 1)
    assert taken <= max(width, 2)
    if width >= 200:
        assert [column for column, _ in shown] == list(table)


def texts(lines: list[Pieces]) -> list[str]:
    return ["".join(piece.text for piece in line) for line in lines]


def test_text_is_broken_between_words_and_keeps_its_inks() -> None:
    pieces = (Piece("one two"), Piece(" ", bold=True), Piece("three", bold=True))
    assert texts(wrapped(pieces, 20, 20)) == ["one two three"]
    assert texts(wrapped(pieces, 7, 20)) == ["one two", "three"]
    assert texts(wrapped(pieces, 4, 9)) == ["one", "two three"]
    assert wrapped(pieces, 7, 20)[1] == (Piece("three", bold=True),)


def test_long_words_are_broken_and_kept_ones_stay_together() -> None:
    assert texts(wrapped((Piece("abcdefghij"),), 4, 4)) == ["abcd", "efgh", "ij"]
    assert texts(wrapped((Piece("a bcdefgh"),), 4, 10)) == ["a", "bcdefgh"]
    assert texts(wrapped((Piece("in 3 min\u00a0utes"),), 8, 10)) == ["in 3", "min\u00a0utes"]
    assert texts(wrapped((Piece("東京東京"),), 4, 4)) == ["東京", "東京"]
    assert texts(wrapped((), 4, 4)) == [""]


def test_facts_go_on_under_their_own_beginning() -> None:
    lines = fact_lines([Field("Why", "the browser died and nobody knows"), Field("User", "7")], 32)
    assert texts(lines) == [
        "Why          the browser died",
        "             and nobody knows",
        "User         7",
    ]


def test_groups_stand_side_by_side_where_there_is_room() -> None:
    groups = [[Field("A", "1"), Field("B", "2"), Field("C", "3")], [Field("D", "4")], [Field("E", "5")]]
    assert len(columns(groups, 40)) == 5
    two = texts(columns(groups, 100))
    assert two[0].split() == ["A", "1", "D", "4"] and two[2].split() == ["C", "3", "E", "5"]
    assert len(two) == 3
    assert texts(columns(groups, 150))[0].split() == ["A", "1", "D", "4", "E", "5"]
    assert all(width_of(line) <= 100 for line in columns(groups, 100))
    assert texts(beside([(Piece("a"),)], [(Piece("b"),), (Piece("c"),)], 3)) == ["a  b", "   c"]
