"""A session's own rhythm: how often it has traffic at which time of the week, and how long it is usually silent.

All is robust: medians, and how often an hour had any traffic at all, so that neither a burst nor a holiday counts for
more than it is. What is counted are *stirs*: messages that do not come together. Twelve messages of one conversation
are one stir; of a session whose messages come singly each is one. Between stirs gaps have no memory, so that a silence
is measured by how many stirs were to be expected in it, whatever the hour, and half of all gaps expect less than ln 2.

Instants are local ones: milliseconds since the epoch by the wall clock of the `Calendar`'s zone.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Container, Iterable, Mapping, Sequence
from statistics import fmean, median, pstdev

import msgspec

from .calendar import HOURS_OF_DAY, HOURS_OF_WEEK, WORKDAYS, Calendar, LocalDay, slot_of
from .registers import DAY, HOUR, MINUTE

FEWEST_A_DAY = 10
"""Messages a day under which a session is quiet: its silence says nothing."""

YOUNG = 3
"""Days of history under which nothing is usual yet."""

COMPARABLE = 2
"""Days alike (workdays, or weekends) under which nothing is usual in them."""

HOLIDAY = 0.25
"""Of the usual traffic of days alike: a day with less was a holiday or an outage, and is no example."""

BUSY = 4
"""Messages that an hour has nearly always, from which on their number tells more than that there were any."""

FEWEST_PAIRS = 20
"""Pairs of busy hours from which on they tell how messages cluster."""

LARGEST_CLUSTER = 50.0

NEVER_SEEN = 3.0
"""The rule of three: what none of n hours had is not more than 3 / n an hour, in 19 of 20 cases."""

HALF = math.log(2)
"""Stirs expected in the median gap."""

_MEDIAN_OF_SQUARE = 0.455
"""The median of a squared standard normal deviate."""

PATIENCE = 12 * MINUTE
"""How much longer than usual a silence lasts before it is looked into: noticed within 15 minutes, a look a minute."""

LATEST = 55 * MINUTE
"""After so long a silence is looked into at the latest, in hours that usually have traffic."""

USUALLY = 0.5
"""Stirs expected until `LATEST` from which on these are hours that usually have traffic."""

HORIZON = 7 * DAY
"""How far ahead a gap is sought: whatever is silent for longer than a week is so usually."""


class Rhythm(msgspec.Struct, frozen=True, gc=False):
    """What is usual for a session, by the hour of the week (`wa_tui.model.calendar.slot_of`)."""

    rates: array[float]
    """Stirs in each hour of the week."""
    volumes: array[float]
    """Messages in each hour of the week."""
    longest: float
    """Stirs expected in the longest gap of a usual week."""

    def expected(self, since: int, until: int) -> float:
        """Return how many stirs a time usually has."""
        return _sum(self.rates, since, until)

    def volume(self, since: int, until: int) -> float:
        """Return how many messages a time usually has."""
        return _sum(self.volumes, since, until)

    def usual(self, since: int) -> int:
        """Return the usual gap after an instant, in milliseconds."""
        return self.reached(since, HALF) - since

    def reached(self, since: int, amount: float) -> int:
        """Return when so many stirs were to be expected; a `HORIZON` later at the latest."""
        at, end = since, since + HORIZON
        while at < end:
            until = at - at % HOUR + HOUR
            rate = self.rates[slot_of(at)]
            expected = rate * (until - at) / HOUR
            if expected >= amount and rate > 0:
                return min(end, at + math.ceil(amount / rate * HOUR))
            amount -= expected
            at = until
        return end

    def due(self, since: int) -> int:
        """Return when a silence is to be looked into that began at an instant."""
        at = since + self.usual(since) + PATIENCE
        if at > since + LATEST and self.expected(since, since + LATEST) >= USUALLY:
            return since + LATEST
        return at


def rhythm_of(counts: Sequence[int], calendar: Calendar) -> Rhythm | None:
    """Return a session's rhythm; ``None`` for one that is quiet, or too young.

    ``counts``: messages received and sent in each hour of `Calendar.hours`.
    """
    first = next((index for index, count in enumerate(counts) if count), len(counts))
    days = [day for day in calendar.days if day.first >= first]
    if len(days) < YOUNG or sum(counts) < FEWEST_A_DAY * YOUNG:
        return None
    totals = {day.first: sum(day.of(counts)) for day in days}
    alike = [[day for day in days if (day.weekday in WORKDAYS) is workday] for workday in (True, False)]
    examples = [_examples(kind, totals) for kind in alike]
    usual = {day.first for kind in examples for day in kind}
    if _daily([totals[first] for first in usual]) < FEWEST_A_DAY:
        return None
    rates, volumes = array("f", bytes(4 * HOURS_OF_WEEK)), array("f", bytes(4 * HOURS_OF_WEEK))
    for kind, all_alike in zip(examples, alike, strict=True):
        if len(kind) >= COMPARABLE:
            _fill(rates, volumes, counts, kind, _hours_with_traffic(all_alike, counts))
    return Rhythm(rates, volumes, _longest(rates, counts, days, totals.keys() - usual))


def _examples(days: Sequence[LocalDay], totals: Mapping[int, int]) -> list[LocalDay]:
    """Return those of days alike that show what is usual: neither holidays nor outages."""
    least = HOLIDAY * median([totals[day.first] for day in days]) if days else 0
    return [day for day in days if totals[day.first] >= least]


def _daily(totals: Sequence[int]) -> float:
    """Return how many messages a day has: the busiest days left out, and in doubt as many as so few days allow."""
    usual = sorted(totals)[: len(totals) - len(totals) // 10]
    return fmean(usual) + pstdev(usual) / math.sqrt(len(usual)) if usual else 0.0


def _fill(
    rates: array[float],
    volumes: array[float],
    counts: Sequence[int],
    days: Sequence[LocalDay],
    seen: Mapping[int, tuple[int, int]],
) -> None:
    """Fill in what is usual in the hours of days that are alike; ``seen`` is of `_hours_with_traffic`."""
    rows = [day.of(counts) for day in days]
    columns = [sorted(column) for column in zip(*rows, strict=True)]
    middles = [float(median(column)) for column in columns]
    busy = [column[len(column) // 5] >= BUSY for column in columns]
    cluster = _cluster(rows, middles, busy)
    stirs = [
        _stirs(column, middle / cluster if is_busy else 0.0)
        for column, middle, is_busy in zip(columns, middles, busy, strict=True)
    ]
    means = [sum(column) / len(column) for column in columns]
    for weekday in {day.weekday for day in days} | _unseen(days):
        hours, number = seen.get(weekday, (~0, COMPARABLE))
        for hour in range(HOURS_OF_DAY):
            # Closed on Mondays: on none of them, nor in the hours beside it.
            if not hours >> hour & 0b111:
                continue
            # Closed earlier on Fridays: what so many of them never had is not more than three by so many (19 of 20).
            most = math.inf if hours >> hour & 0b010 else NEVER_SEEN / number
            slot = weekday * HOURS_OF_DAY + hour
            rates[slot] = min(most, stirs[hour])
            volumes[slot] = min(most, means[hour], middles[hour] or means[hour])


def _stirs(column: Sequence[int], by_number: float) -> float:
    """Return the stirs of an hour by how often it had any, or by their number where it nearly always has many."""
    some = len(column) - column.count(0)
    if not some:
        return 0.0
    by_presence = -math.log(1 - (some + 0.1) / (len(column) + 0.4))
    return max(by_number, min(by_presence, sum(column) / len(column)))


def _cluster(rows: Sequence[Sequence[int]], rates: Sequence[float], busy: Sequence[bool]) -> float:
    """Return how many messages come together: by how much hours one after the other differ.

    Two hours of one day, so that how busy that day was is the same in both; 1 where messages come singly.
    """
    pairs = [h for h in range(HOURS_OF_DAY - 1) if busy[h] and busy[h + 1]]
    found: list[float] = []
    for row in rows:
        for h in pairs:
            here, there, both = rates[h], rates[h + 1], row[h] + row[h + 1]
            if both:
                found.append((row[h] * there - row[h + 1] * here) ** 2 / (here * there * both))
    if len(found) < FEWEST_PAIRS:
        return 1.0
    return min(max(1.0, median(found) / _MEDIAN_OF_SQUARE), LARGEST_CLUSTER)


def _hours_with_traffic(days: Sequence[LocalDay], counts: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return the bits of the hours that a weekday ever had traffic in, from bit 1 on, and how many of it there were.

    Days without traffic count here: who is closed on Mondays has one each week.
    """
    bits: dict[int, int] = {}
    number: dict[int, int] = {}
    for day in days:
        row = day.of(counts)
        number[day.weekday] = number.get(day.weekday, 0) + 1
        bits[day.weekday] = bits.get(day.weekday, 0) | sum(2 << h for h, count in enumerate(row) if count)
    return {weekday: (bits[weekday], n) for weekday, n in number.items() if n >= COMPARABLE}


def _unseen(days: Sequence[LocalDay]) -> set[int]:
    """Return the weekdays of a young session that have no example yet: they are as the others alike."""
    workdays = days[0].weekday in WORKDAYS
    return {weekday for weekday in range(7) if (weekday in WORKDAYS) is workdays}


def _longest(
    rates: array[float], counts: Sequence[int], days: Sequence[LocalDay], holidays: Container[int]
) -> float:
    """Return what the longest gap of a usual week expects: as chance has it, and no less than it was."""
    stirs = sum(rates)
    by_chance = math.log(stirs) - math.log(HALF) if stirs > 1 else 1.0
    weeks = [days[-7 - n : len(days) - n] for n in range(0, len(days) - 6, 7)]
    usual = ([day for day in week if day.first not in holidays] for week in weeks)
    longest = [max(_empty_runs(rates, counts, week), default=0.0) for week in usual]
    return max(by_chance, median(longest) if longest else 0.0)


def _empty_runs(rates: array[float], counts: Sequence[int], week: Iterable[LocalDay]) -> Iterable[float]:
    """Yield what each run of hours without traffic expected."""
    run = 0.0
    for day in week:
        for hour, count in enumerate(day.of(counts)):
            if count:
                yield run
                run = 0.0
            else:
                run += rates[day.weekday * HOURS_OF_DAY + hour]
    yield run


def _sum(hourly: array[float], since: int, until: int) -> float:
    total, at = 0.0, max(since, until - HORIZON)
    while at < until:
        end = min(until, at - at % HOUR + HOUR)
        total += hourly[slot_of(at)] * (end - at) / HOUR
        at = end
    return total
