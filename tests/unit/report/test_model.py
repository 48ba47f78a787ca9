"""Outages and needs of any sequence of events, against a model that looks at every second."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from wa_tui.report import make_report
from wa_tui.report.phases import need_of
from wa_tui.wire import SessionView

from .memory import Memory, at

LAST = 60
"""The second it is."""

states = st.sampled_from(
    [
        ("connected", None),
        ("disconnected", "browser_died"),
        ("disconnected", "logout"),
        ("disconnected", "operator"),
        ("qr_pending", None),
        ("initializing", None),
        ("auth_failed", None),
    ]
)
lives = st.lists(
    st.tuples(st.integers(0, LAST), states), min_size=1, max_size=8, unique_by=lambda step: step[0]
)


class Stretch(NamedTuple):
    begin: int
    end: int | None
    what: str


def changes(life: list[tuple[int, tuple[str, str | None]]]) -> list[tuple[int, str, str | None]]:
    """Return what changes, in order: the same status again is no event."""
    found: list[tuple[int, str, str | None]] = []
    for second, (status, reason) in sorted(life):
        if not found or found[-1][1] != status:
            found.append((second, status, reason))
    return found


def outages(life: list[tuple[int, str, str | None]], until: int) -> list[Stretch]:
    """Look at every second: down is what was connected since it was last wanted offline, and is not."""
    down = [""] * (until + 1)
    was_connected = False
    for second in range(until + 1):
        now = next((change for change in reversed(life) if change[0] <= second), None)
        if now is None:
            continue
        if now[1] == "connected":
            was_connected = True
        elif now[2] == "operator":
            was_connected = False
        elif was_connected:
            down[second] = "down"
    return runs(down)


def needs(life: list[tuple[int, str, str | None]], until: int) -> list[Stretch]:
    """Look at every second: what its state alone needs a person for."""
    needed = [""] * (until + 1)
    for second in range(until + 1):
        now = next((change for change in reversed(life) if change[0] <= second), None)
        if now is not None and now[2] != "operator":
            needed[second] = need_of(now[1], now[2]) or ""
    return runs(needed)


def runs(marks: list[str]) -> list[Stretch]:
    found: list[Stretch] = []
    for second, mark in enumerate(marks):
        before = marks[second - 1] if second else ""
        if mark == before:
            continue
        if before:
            found[-1] = found[-1]._replace(end=second)
        if mark:
            found.append(Stretch(second, None, mark))
    return found


def within(stretches: list[Stretch], since: int) -> list[tuple[int, int | None]]:
    return [(each.begin, each.end) for each in stretches if each.end is None or each.end >= since]


def second(moment: datetime | None) -> int | None:
    return None if moment is None else round((moment - at(0)).total_seconds())


@given(st.lists(lives, min_size=1, max_size=3), st.integers(0, LAST), st.integers(0, LAST))
async def test_a_report_is_what_was_seen_second_by_second(
    drawn: list[list[tuple[int, tuple[str, str | None]]]], since: int, until: int
) -> None:
    since, until = sorted((since, until))
    memory = Memory(at(LAST))
    alive = {f"s{number}": changes(life) for number, life in enumerate(drawn)}
    told = sorted(
        (second, name, index) for name, life in alive.items() for index, (second, *_) in enumerate(life)
    )
    for moment, name, index in told:
        _, status, reason = alive[name][index]
        before = alive[name][index - 1][1] if index else None
        kind = "status" if index else "adopted"
        memory.say(moment, "eu", name, kind, before=before, after=status, reason=reason)
    for name, life in alive.items():
        moment, status, reason = life[-1]
        desired = "offline" if reason == "operator" else "online"
        memory.views.append(
            SessionView(
                gateway="eu",
                session_id=name,
                status=status,
                status_since=at(moment),
                reason=reason,
                desired=desired,
            )
        )
    made = await make_report(memory, at(since), at(until))
    for name, life in alive.items():
        found = [each for each in made.outages if each.session_id == name]
        expected = within(outages(life, until), since)
        assert [(second(each.begin), second(each.end)) for each in found] == expected
        lengths = [(end if end is not None else until) - max(begin, since) for begin, end in expected]
        assert [each.down_s for each in found] == lengths
        needed = [(second(each.begin), second(each.end)) for each in made.needs if each.session_id == name]
        assert needed == within(needs(life, until), since)
    assert sum(each.down_s for each in made.outages) == sum(each.session_down_s for each in made.by_gateway)
    assert sum(each.down_s for each in made.outages) == sum(each.down_s for each in made.by_user)
