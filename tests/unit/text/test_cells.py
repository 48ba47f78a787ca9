from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wa_tui.text.cells import cut, fit, fit_name
from wa_tui.text.cleaning import clean


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("sales-eu", "sales-eu"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1bP1;2|payload\x1b\\after", "after"),
        ("\x9b31mred", "red"),
        ("cut off \x1b[", "cut off "),
        ("two\nlines\r\n\tand a tab", "two lines   and a tab"),
        ("bell\x07 null\x00 del\x7f", "bell null del"),
        ("\u202egnp.exe\u2066x\u200fy", "gnp.exexy"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("cafe\u0301", "café"),
        ("\u0301lonely mark", "lonely mark"),
        ("a" + "\u0300\u0301\u0302\u0303", "à\u0301\u0302"),
        ("👨\u200d👩\u200d👧", "👨👩👧"),
        ("❤\ufe0f 👍🏽", "❤ 👍"),
        ("lost \ue000 \ud800", "lost � �"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क\u094d\u200dष", "क\u094dष"),
        ("\u200cx\u200c \u200cy\u200c", "x y"),
        ("\u3164\uffa0\u115f", ""),
        ("\u0903lonely", "lonely"),
    ],
)
def test_foreign_text_is_made_harmless(foreign: str, shown: str) -> None:
    assert clean(foreign) == shown


@given(st.text(alphabet=st.characters(codec=None)))
def test_nothing_that_moves_the_cursor_survives(foreign: str) -> None:
    text = clean(foreign)
    bad = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    assert not any(unicodedata.category(char) in bad for char in text.replace("\u200c", ""))
    assert clean(text) == text


@given(st.text(), st.integers(0, 40), st.booleans())
def test_fitted_text_is_as_wide_as_asked(foreign: str, width: int, right: bool) -> None:
    assert cell_len(fit(foreign, width, right=right)) == width


@given(st.text(), st.integers(0, 40))
def test_cut_text_is_no_wider_than_asked(foreign: str, width: int) -> None:
    assert cell_len(cut(foreign, width)) <= width


def test_a_cut_shows_and_wide_letters_are_not_halved() -> None:
    assert fit("billing-department", 8) == "billing…"
    assert fit("東京サポート", 6) == "東京… "
    assert fit("98.2", 6, right=True) == "  98.2"


def test_a_name_is_cut_in_its_middle() -> None:
    assert fit_name("user_1_instance_default-0", 14) == "user_1…fault-0"
    assert fit_name("user_1_instance_default-0", 30) == "user_1_instance_default-0     "
    assert fit_name("a long name of a session", 14) == "a long…session"
    assert fit_name("東京支店の予約受付", 10) == "東京…受付 "
    assert fit_name("worker-17", 7) == "worker…"
