"""A user's id is a text, whatever it came as."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_tui.identity.users import user_of_session_id, user_on_wire, user_text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("1", "1"),
        ("1.0", "1"),
        ("-0.0", "0"),
        ("1e3", "1000"),
        ("-7", "-7"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ('"007"', "007"),
        ('"7"', "7"),
        ('" 7 "', " 7 "),
        ('"\\u0663"', "\u0663"),
        ("1.5", None),
        ("1e300", None),
        ("NaN", None),
        ("true", None),
        ("null", None),
        ('""', None),
        ('" "', None),
        ("{}", None),
        ("[7]", None),
    ],
)
def test_what_json_may_write(written: str, text: str | None) -> None:
    assert user_text(json.loads(written)) == text


@pytest.mark.parametrize(
    ("user_id", "written"),
    [
        ("0", 0),
        ("7", 7),
        ("9999999999999999", 9999999999999999),
        ("10000000000000000", "10000000000000000"),
        ("007", "007"),
        ("+7", "+7"),
        ("-7", "-7"),
        ("7 ", "7 "),
        ("7\n", "7\n"),
        ("\u0663", "\u0663"),
        ("ann", "ann"),
    ],
)
def test_the_contract_has_numbers_for_what_is_one(user_id: str, written: int | str) -> None:
    assert user_on_wire(user_id) == written
    assert type(user_on_wire(user_id)) is type(written)


@given(st.one_of(st.text(min_size=1).filter(lambda text: text.strip() != ""), st.integers().map(str)))
def test_no_two_users_are_one_on_the_wire(user_id: str) -> None:
    assert user_text(json.loads(json.dumps(user_on_wire(user_id)))) == user_id


@pytest.mark.parametrize(
    ("session_id", "user_id"),
    [
        ("user_12_instance_3f9c", "12"),
        ("user_007_instance_x", "007"),
        ("user_ann_b_instance_x", "ann_b"),
        ("user_1_instance_a_instance_b", "1"),
        ("user__instance_x", None),
        ("a_user_1_instance_x", None),
        ("billing", None),
    ],
)
def test_the_user_in_a_session_id(session_id: str, user_id: str | None) -> None:
    assert user_of_session_id(session_id) == user_id
