from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wa_tui.text.ages import age, minute, since


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "<1m"),
        (0, "<1m"),
        (59.9, "<1m"),
        (60, "1m"),
        (3599, "59m"),
        (3600, "1h"),
        (14 * 3600 + 59 * 60, "14h"),
        (86400, "1d"),
        (6 * 86400 + 4 * 3600, "6d 4h"),
        (9 * 86400 + 23 * 3600, "9d 23h"),
        (10 * 86400 + 3600, "10d"),
        (400 * 86400, "400d"),
    ],
)
def test_ages(seconds: float, shown: str) -> None:
    assert age(seconds) == shown
    assert len(shown) <= 6


def test_ages_stand_still_within_a_minute() -> None:
    then = datetime(2026, 11, 23, 12, 38, 8, tzinfo=UTC)
    instants = [datetime(2026, 11, 23, 12, 41, second, tzinfo=UTC) for second in range(60)]
    assert {since(then, minute(now)) for now in instants} == {"2m"}
    assert since(then, minute(instants[0] + timedelta(minutes=1))) == "3m"
    assert since(None, instants[0]) == "–"
