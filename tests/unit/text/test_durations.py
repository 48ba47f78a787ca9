"""Durations and moments as somebody types them: one rule, wherever that is."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_tui.cli.parser import build
from wa_tui.filters.fields import age_wanted
from wa_tui.text.durations import is_begun, minutes_of, seconds_of
from wa_tui.text.moments import moment
from wa_tui.text.nearest import nearest, or_nearest
from wa_tui.wire import LONGEST_SNOOZE

NOW = datetime(2026, 11, 23, 12, 41, 20, tzinfo=UTC)
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
parts = st.lists(st.tuples(st.integers(0, 99), st.sampled_from(list(UNITS))), min_size=1, max_size=4)


@given(parts)
def test_a_duration_is_the_same_everywhere(written: list[tuple[int, str]]) -> None:
    text = "".join(f"{number}{unit}" for number, unit in written)
    seconds = sum(number * UNITS[unit] for number, unit in written)
    assert seconds_of(text) == seconds_of(text.upper()) == seconds
    assert moment(text, NOW) == moment(f"-{text} ago", NOW) == NOW - timedelta(seconds=seconds)
    wanted = age_wanted("for", f">{text}")
    assert wanted is not None and wanted.seconds == seconds
    assert all(is_begun(text[:end]) for end in range(len(text)))
    if seconds % 60 == 0:
        assert minutes_of(text) == seconds // 60
    if seconds % 60 == 0 and seconds <= LONGEST_SNOOZE * 60:
        snooze: argparse.Namespace = build().parse_args(["snooze", "a", "--for", text])
        assert snooze.minutes == seconds // 60


@pytest.mark.parametrize("text", ["", "3", "h", "3x", "-3h", "3 h", "٣h", "1.5h", "1234567m"])
def test_what_is_no_duration(text: str) -> None:
    assert seconds_of(text) is None


@pytest.mark.parametrize(
    "text", ["99999w", "0001-01-01", "9999-12-31T23:59:59-12:00", "12:40\n13:00", "٣h", "2d"]
)
def test_a_moment_is_one_or_is_refused_in_words(text: str) -> None:
    try:
        assert moment(text, NOW).tzinfo is not None
    except ValueError as error:
        assert "is no time; write 12:40" in str(error)


def test_a_day_begins_at_its_local_midnight() -> None:
    assert moment("2026-11-01", NOW) == datetime(2026, 11, 1).astimezone()


def test_the_nearest_name_is_suggested() -> None:
    assert nearest("gatway", ["gateway", "session"]) == ["gateway"]
    assert or_nearest("heel", ["heal", "list"]) == "heal is"
    assert or_nearest("zzz", ["heal", "list"]) == "there are heal list"
