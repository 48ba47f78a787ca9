from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.fleet import HOUR, NOW, ago, day
from wa_tui.tui.style.ribbon import cells, uptime

Gap = tuple[int, int | None]


def gap(first: float, last: float | None) -> Gap:
    end = None if last is None else int(ago(HOUR * last).timestamp())
    return int(ago(HOUR * first).timestamp()), end


def ribbon(history: list[tuple[int, str]], *gaps: Gap, width: int = 12) -> str:
    return "".join(cells(history, gaps, NOW, width))


def test_the_worst_of_each_cell_is_shown() -> None:
    assert ribbon(day()) == "cccccccccccc"
    assert ribbon(day((5.0, "s"), (4.9, "d"), (4.2, "c"))) == "cccccccccdcc"
    assert ribbon(day((0.01, "d"))) == "cccccccccccd"
    assert ribbon(day((4.0, "q"))) == "ccccccccccqq"


def test_time_that_nobody_observed_is_never_green() -> None:
    assert ribbon([]) == "uuuuuuuuuuuu"
    assert ribbon(day(born=6.0)) == "uuuuuuuuuccc"
    assert ribbon(day(), gap(8.0, 4.0)) == "ccccccccuucc"
    assert ribbon(day(), gap(5.9, 4.0)) == "cccccccccucc"
    assert ribbon(day((10.0, "u"), (6.0, "c"))) == "cccccccuuccc"


def test_a_fresh_install_and_a_short_stop_show_what_was_observed() -> None:
    assert ribbon(day(born=0.1)) == "uuuuuuuuuuuc"
    assert ribbon(day((0.1, "s"), (0.05, "c"), born=0.1)) == "uuuuuuuuuuus"
    assert ribbon(day((0.05, "o"), born=0.1)) == "uuuuuuuuuuuc"
    assert ribbon(day(), gap(4.5, 4.0)) == "cccccccccccc"
    assert ribbon(day((6.0, "d"), (4.0, "c")), gap(5.0, 4.1)) == "cccccccccdcc"


def test_a_gateway_unseen_now_is_not_green_whatever_it_was_before() -> None:
    assert ribbon(day((0.5, "u"))) == "cccccccccccu"
    assert ribbon(day((1.9, "d"), (1.5, "c"), (0.5, "u"))) == "cccccccccccd"


def test_what_was_told_after_the_last_minute_is_the_present() -> None:
    down, back = int(ago(HOUR * 0.01).timestamp()), int(NOW.timestamp()) + 30
    assert ribbon([*day(), (down, "d"), (back, "c")]) == "cccccccccccb"


def test_a_gap_that_lasts_shows_at_once() -> None:
    assert ribbon(day(), gap(0.02, None)) == "cccccccccccu"


def test_trouble_that_was_seen_stays_beside_a_gap() -> None:
    assert ribbon(day((5.9, "d"), (5.2, "c")), gap(5.1, 4.0)) == "cccccccccdcc"


def test_a_short_outage_is_told_from_a_long_one_unless_it_lasts() -> None:
    assert ribbon(day((5.0, "d"), (4.8, "c"))) == "cccccccccbcc"
    assert ribbon(day((0.01, "d"))) == "cccccccccccd"


def test_history_from_before_the_day_counts() -> None:
    assert ribbon([(int(ago(HOUR * 90).timestamp()), "c")]) == "cccccccccccc"


def test_uptime_is_the_share_of_observed_and_wanted_time() -> None:
    assert uptime(day(), (), NOW) == 100.0
    assert uptime([], (), NOW) is None
    assert uptime(day((24.0, "o")), (), NOW) is None
    assert uptime([(int(ago(HOUR).timestamp()), "q")], (), NOW) is None
    assert uptime(day((6.0, "d")), (), NOW) == pytest.approx(75.0)
    assert uptime(day((6.0, "d"), born=12.0), (), NOW) == pytest.approx(50.0)
    assert uptime(day((6.0, "d")), (gap(6.0, 3.0),), NOW) == pytest.approx(100 * 18 / 21)
    assert uptime(day((6.0, "o")), (), NOW) == 100.0


spells = st.lists(st.tuples(st.floats(0, 30), st.sampled_from("csqdou")), max_size=8)


@given(spells, st.lists(st.tuples(st.floats(0, 30), st.floats(0, 30)), max_size=3), st.integers(1, 30))
def test_any_history_fills_the_ribbon(
    spells: list[tuple[float, str]], pairs: list[tuple[float, float]], width: int
) -> None:
    gaps = [gap(max(pair), min(pair)) for pair in pairs]
    found = cells(day(*spells), gaps, NOW, width)
    assert len(found) == width
    assert set(found) <= set("csqdoub")
    share = uptime(day(*spells), gaps, NOW)
    assert share is None or 0 <= share <= 100
