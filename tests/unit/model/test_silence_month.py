"""A simulated month: every ghost is noticed in time, and hardly anybody is called for nothing.

In the gate a week of one fleet, after four weeks in which nobody looks; `make test-long` runs four weeks of twenty.
"""

from __future__ import annotations

import statistics

import pytest

from tests.effort import chosen_seed, effort
from wa_tui.model.registers import HOUR, MINUTE

from .month import Month, Watched

SEED = chosen_seed("WA_TUI_MONTH_SEED", sample=20)
MONTHS = effort("WA_TUI_MONTHS", sample=1, full=20)
WATCHED = effort("WA_TUI_MONTH_DAYS", sample=7, full=28)
GHOSTS = 40


@pytest.mark.soak
@pytest.mark.parametrize("number", range(MONTHS))
def test_every_ghost_is_noticed_in_time_and_hardly_anybody_is_called_for_nothing(number: int) -> None:
    month = Month(SEED + number, watched=WATCHED)
    month.haunt(GHOSTS)
    tally = month.run()
    print(report(SEED + number, month, tally))  # noqa: T201
    assert len(tally.ghosts) == GHOSTS
    for ghost in tally.ghosts:
        assert ghost.noticed is not None, ghost.account
        assert ghost.noticed <= ghost.limit or ghost.delay <= HOUR, ghost.account
        if ghost.expected >= 1:
            # Hours in which there nearly always is something.
            assert ghost.delay <= HOUR, ghost.account
    # Where nobody can ask the server, somebody is called in the end, of those with few messages after some days.
    unasked = [ghost for ghost in tally.ghosts if not month.server[ghost.account.gateway]]
    assert sum(ghost.called is not None for ghost in unasked) * 2 >= len(unasked)
    assert len(tally.calls) * 7 / WATCHED < 1, tally.calls


def report(seed: int, month: Month, tally: Watched) -> str:
    """Return a month's numbers in a line."""
    delays = sorted(ghost.delay / MINUTE for ghost in tally.ghosts if ghost.noticed is not None)
    by_day = [each.delay / MINUTE for each in tally.ghosts if each.noticed and each.expected >= 1]
    calls = sorted((each.called - each.began) / HOUR for each in tally.ghosts if each.called is not None)
    unasked = sum(not month.server[each.account.gateway] for each in tally.ghosts)
    weeks, asked = WATCHED / 7, [each for each in tally.suspicions if month.server[each[0].gateway]]
    return (
        f"seed {seed}: {len(delays)} ghosts after {statistics.median(delays):.0f} min (median), "
        f"{delays[len(delays) * 9 // 10]:.0f} (nine of ten), {delays[-1]:.0f} (last), in busy hours "
        f"{max(by_day, default=0):.0f} at most; {len(calls)} of {unasked} nobody can ask about called somebody, after "
        f"{statistics.median(calls or [0]):.0f} h (median); a week: "
        f"{tally.looks / weeks:.0f} questions to the server, "
        f"{len(asked) / weeks:.0f} false suspicions where it can be asked, "
        f"{(len(tally.suspicions) - len(asked)) / weeks:.0f} where not, {len(tally.calls) / weeks:.2f} false calls"
    )
