"""What is usual for a session, by its counts of a month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_tui.model.calendar import HOURS_OF_MONTH, HOURS_OF_WEEK, Calendar
from wa_tui.model.registers import DAY, HOUR, MINUTE
from wa_tui.model.rhythm import LATEST, PATIENCE, Rhythm, rhythm_of
from wa_tui.model.suspicion import Doubt, Quiet

MONDAY = 1_793_577_600_000
"""2 November 2026, 0 h UTC."""

CALENDAR = Calendar.at(MONDAY, UTC)


def month(count: Callable[[datetime], int], calendar: Calendar = CALENDAR) -> list[int]:
    """Return the counts of a month, by the UTC date of each hour."""
    return [count(datetime.fromtimestamp(hour * 3600, UTC)) for hour in calendar.hours]


def rhythm(count: Callable[[datetime], int], calendar: Calendar = CALENDAR) -> Rhythm:
    found = rhythm_of(month(count, calendar), calendar)
    assert found is not None
    return found


def office(at: datetime) -> int:
    return 20 if at.weekday() < 5 and 8 <= at.hour < 18 else 0


def at(day: int, hour: float) -> int:
    """Return an instant of the week after the month."""
    return MONDAY + day * DAY + round(hour * HOUR)


def test_by_day_a_usual_gap_is_the_median_one_and_the_night_is_no_silence() -> None:
    usual = rhythm(office)
    assert 1 * MINUTE < usual.usual(at(1, 10)) < 4 * MINUTE
    assert usual.usual(at(1, 17.99)) == pytest.approx(14 * HOUR, abs=10 * MINUTE)


def test_a_weekend_is_no_silence() -> None:
    friday = at(4, 17.99)
    assert rhythm(office).usual(friday) == pytest.approx(2 * DAY + 14 * HOUR, abs=10 * MINUTE)


def test_a_silence_is_looked_into_a_quarter_of_an_hour_after_the_usual_gap_at_the_latest() -> None:
    busy, light = rhythm(office), rhythm(lambda at: int(8 <= at.hour < 20))
    assert busy.due(at(1, 10)) <= at(1, 10) + busy.usual(at(1, 10)) + PATIENCE
    assert light.due(at(1, 10)) <= at(1, 10) + LATEST


@pytest.mark.parametrize("a_day", [1, 5, 9])
def test_a_quiet_session_has_no_rhythm(a_day: int) -> None:
    assert rhythm_of(month(lambda at: int(at.hour < a_day)), CALENDAR) is None


def test_a_young_session_has_none_and_after_some_days_it_has() -> None:
    def since(first: datetime) -> Rhythm | None:
        return rhythm_of(month(lambda at: 5 if at >= first else 0), CALENDAR)

    assert since(datetime(2026, 10, 31, tzinfo=UTC)) is None
    young = since(datetime(2026, 10, 28, tzinfo=UTC))
    assert young is not None
    # Workdays and weekends are unlike each other, whichever of their days was seen.
    assert young.expected(at(0, 10), at(0, 12)) > 1
    assert young.expected(at(5, 10), at(5, 12)) > 1


def test_a_holiday_and_a_campaign_change_nothing() -> None:
    def odd(at: datetime) -> int:
        if at.day in (14, 26):
            return 0
        return 5_000 if at.day == 20 and at.hour == 11 else office(at)

    plain, strange = rhythm(office), rhythm(odd)
    assert strange.rates == plain.rates
    assert strange.longest == pytest.approx(plain.longest, rel=0.05)


def test_who_is_closed_on_mondays_is_not_silent_then() -> None:
    closed = rhythm(lambda at: office(at) if at.weekday() != 0 else 0)
    assert closed.expected(at(0, 8), at(0, 18)) == 0
    assert closed.expected(at(1, 8), at(1, 18)) > 20


def test_who_closes_earlier_on_fridays_is_not_silent_then() -> None:
    early = rhythm(lambda at: 0 if at.weekday() == 4 and at.hour >= 15 else office(at))
    assert early.expected(at(3, 15), at(3, 18)) > 3
    assert early.expected(at(4, 15), at(4, 18)) < 1


def test_conversations_are_counted_not_their_messages() -> None:
    in_tens = rhythm(lambda at: (0, 10, 40, 20)[(at.day * 7 + at.hour * 3) % 4] if 8 <= at.hour < 18 else 0)
    assert in_tens.usual(at(1, 10)) > 10 * MINUTE


def test_people_write_by_the_clock_on_their_wall() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    # The clock was set back on 25 October.
    calendar = Calendar.at(MONDAY, berlin)
    counts = month(lambda at: office(at.astimezone(berlin)), calendar)
    found = rhythm_of(counts, calendar)
    assert found is not None
    assert found.expected(calendar.local(at(1, 7)), calendar.local(at(1, 8))) > 10
    assert found.expected(calendar.local(at(1, 6)), calendar.local(at(1, 7))) == 0


def test_every_day_has_its_hours_where_the_clock_is_set() -> None:
    for zone in ("Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kolkata"):
        for monday in (1_774_828_800_000, MONDAY):
            calendar = Calendar.at(monday, ZoneInfo(zone))
            assert 28 <= len(calendar.days) <= 30
            assert all(len(day.places) == 24 for day in calendar.days)
            assert all(before.first < after.first for before, after in pairwise(calendar.days))


def quiet(since: int, now: int, *, server: bool, share: float = 1.0, **fields: int) -> Doubt:
    """Return how strange a silence of the office is by now, on a day that has such a share of its usual traffic."""
    usual = rhythm(office)
    return Quiet(usual, since, server, usual.expected(since, now) * share, **fields).doubt(now)


def test_where_the_server_can_be_asked_a_silence_calls_nobody_that_it_explained() -> None:
    noon = at(1, 12)
    assert quiet(noon, noon + 10 * MINUTE, server=True) is Doubt.NONE
    assert quiet(noon, noon + 16 * MINUTE, server=True) is Doubt.STRANGE
    explained = {"explained_at": noon + 16 * MINUTE, "times": 1}
    assert quiet(noon, noon + 20 * MINUTE, server=True, **explained) is Doubt.NONE
    assert quiet(noon, noon + 5 * HOUR, server=True, **explained) is Doubt.STRANGE


def test_a_person_is_called_after_three_times_the_longest_gap_and_not_within_an_hour() -> None:
    morning, usual = at(1, 9), rhythm(office)
    lasting = max(morning + HOUR + 3 * MINUTE, usual.reached(morning, 3.01 * usual.longest))
    assert quiet(morning, morning + 59 * MINUTE, server=False) is Doubt.STRANGE
    assert quiet(morning, lasting, server=False) is Doubt.LASTING


def test_a_night_is_no_part_of_that_hour() -> None:
    assert quiet(at(0, 17.99), at(1, 8.9), server=False) is Doubt.STRANGE


def test_on_a_holiday_a_silence_calls_nobody() -> None:
    morning = at(1, 9)
    assert quiet(morning, morning + 9 * HOUR, server=False, share=0.05) is Doubt.STRANGE


@given(st.lists(st.integers(0, 1_000_000), min_size=HOURS_OF_MONTH, max_size=HOURS_OF_MONTH))
def test_any_counts_have_a_rhythm_that_can_be_used(counts: list[int]) -> None:
    found = rhythm_of(counts, CALENDAR)
    if found is None:
        return
    assert len(found.rates) == HOURS_OF_WEEK
    assert all(0 <= rate <= 1_000_001 for rate in found.rates)
    assert found.due(at(2, 3)) > at(2, 3)
    assert found.longest > 0
