"""A month of a simulated fleet: who writes when, and when the watch looks, notes and calls; no real time passes.

The traffic knows nothing of how a rhythm is read from it: each session has a zone, opening hours, a weekend of its own,
days that are busier than others, conversations in place of single messages, holidays, campaigns, and outages of its
gateway. A ghost is a session whose messages stop while it says connected; the server denies it when it is asked.
"""

from __future__ import annotations

import bisect
import math
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC

from wa_tui.model.calendar import HOURS_OF_MONTH, Calendar
from wa_tui.model.registers import DAY, HOUR, MINUTE
from wa_tui.model.rhythm import Rhythm, rhythm_of
from wa_tui.model.suspicion import LATELY, WINDOWS, Doubt, Quiet, own_share, share_of

START = 1_790_553_600_000
"""A Monday, 0 h UTC."""

HISTORY = 28
"""Days before anybody looks; the watched ones follow."""

ZONES = (-6, 0, 1, 2, 8)
"""Hours ahead of UTC; the daemon's is UTC."""

OUTAGE = (5 * MINUTE, 3 * HOUR)
HEALS = 10 * MINUTE
"""From a denial until a ghost's messages go on."""


@dataclass
class Account:
    """One session: what it is, and its messages."""

    gateway: int
    per_day: float
    zone: int
    opens: int
    closes: int
    weekend: float
    cluster: float
    country: int
    messages: list[int] = field(default_factory=list)
    hourly: dict[int, int] = field(default_factory=dict)
    ghost_at: int | None = None

    def rate(self, at: int, holidays: dict[tuple[int, int], float]) -> float:
        """Return the conversations an hour at an instant, of a usual day but for weekends and holidays."""
        local = at + self.zone * HOUR
        day, hour = (local - START) // DAY, local % DAY / HOUR
        middle, half = (self.opens + self.closes) / 2, (self.closes - self.opens) / 2
        off = abs((hour - middle + 12) % 24 - 12)
        shape = max(0.02, 1 - (off / half) ** 4)
        share = self.weekend if day % 7 >= 5 else 1.0
        share *= holidays.get((self.country, day), 1.0)
        return self.per_day / self.cluster / (2 * half * 0.8) * shape * share


@dataclass
class Noticed:
    """A ghost: when it began, when its last message was, and when it was noticed."""

    account: Account
    began: int
    last: int
    limit: int
    """When it is to be noticed: a quarter of an hour after the usual gap, counted from when it could be seen."""
    expected: float
    """The conversations of its first hour, had it not been one."""
    noticed: int | None = None
    called: int | None = None
    """When it called a person, where nobody can ask the server."""

    @property
    def delay(self) -> int:
        """How long it took, from its beginning."""
        assert self.noticed is not None
        return self.noticed - self.began


@dataclass
class Watched:
    """What came of a month."""

    ghosts: list[Noticed] = field(default_factory=list)
    looks: int = 0
    suspicions: list[tuple[Account, int, int]] = field(default_factory=list)
    """Those of sessions that are no ghosts: since when, and when noted."""
    calls: list[tuple[Account, int, int]] = field(default_factory=list)
    """Those of sessions that are no ghosts, where nobody can ask the server."""


class Month:
    """A fleet, its past, and the days that are watched."""

    def __init__(self, seed: int, sessions: int = 200, gateways: int = 4, watched: int = 28) -> None:
        self.rng = random.Random(seed)
        self.days = HISTORY + watched
        self.end = START + self.days * DAY
        self.begin = START + HISTORY * DAY
        self.server = [gateway % 2 == 0 for gateway in range(gateways)]
        self.holidays = self._holidays()
        self.outages = [list(self._outages()) for _ in range(gateways)]
        self.accounts = [self._account(number % gateways) for number in range(sessions)]
        for account in self.accounts:
            self._write(account)
        self._calendars: dict[int, Calendar] = {}
        self._rhythms: dict[tuple[int, int], Rhythm | None] = {}
        self._shares: dict[tuple[int, int], float] = {}

    def _holidays(self) -> dict[tuple[int, int], float]:
        """Each of two countries has two holidays in four weeks, the last ones of the year among them."""
        days = ((c, self.rng.randrange(self.days)) for c in (0, 1) for _ in range(self.days // 14))
        return {each: self.rng.choice((0.0, 0.05, 0.15, 0.3)) for each in days}

    def _outages(self) -> Iterator[tuple[int, int]]:
        for _ in range(self.days // 7):
            at = START + self.rng.randrange(self.days * DAY)
            yield at, at + int(math.exp(self.rng.uniform(*map(math.log, OUTAGE))))

    def _account(self, gateway: int) -> Account:
        rng = self.rng
        per_day = rng.choice(
            (rng.uniform(2, 7), rng.uniform(12, 30), rng.uniform(12, 60), rng.uniform(60, 600))
        )
        opens, closes = rng.choice(((8, 18), (9, 17), (7, 22), (10, 23), (0, 24), (18, 28)))
        weekend = rng.choice((0.0, 0.1, 0.3, 0.8, 1.0))
        if per_day > 7:
            per_day *= 7 / (5 + 2 * weekend) if per_day * (5 + 2 * weekend) / 7 < 12 else 1
        zone, cluster = rng.choice(ZONES), rng.choice((1.0, 1.0, 2.0, 5.0))
        return Account(gateway, per_day, zone, opens, closes, weekend, cluster, rng.randrange(2))

    def _write(self, account: Account) -> None:
        """Have its messages come and go: those of a conversation within some minutes."""
        rng, found = self.rng, []
        campaign = START + rng.randrange(self.days * DAY) if rng.random() < 0.3 else None
        for hour in range(START, self.end, HOUR):
            if (hour - START) % DAY == 0:
                busy = math.exp(rng.gauss(0, 0.2))
            rate = account.rate(hour + HOUR // 2, self.holidays) * busy * math.exp(rng.gauss(0, 0.1))
            if campaign is not None and hour <= campaign < hour + HOUR:
                rate += 300
            for _ in range(_poisson(rng, rate)):
                at = hour + rng.randrange(HOUR)
                for _ in range(1 + _poisson(rng, account.cluster - 1)):
                    found.append(at)
                    at += int(rng.expovariate(1 / (1.5 * MINUTE)))
        out = self.outages[account.gateway]
        account.messages = sorted(at for at in found if not any(a <= at < b for a, b in out))
        hourly: dict[int, int] = defaultdict(int)
        for at in account.messages:
            hourly[at // HOUR] += 1
        account.hourly = dict(hourly)

    def haunt(self, number: int) -> None:
        """Turn some of the busier sessions into ghosts, each once, at any hour."""
        able = [a for a in self.accounts if _per_day(a) >= 10 and a.rate(0, {}) >= 0]
        for account in self.rng.sample(able, min(number, len(able))):
            account.ghost_at = self.begin + self.rng.randrange(self.end - self.begin - 4 * DAY)

    def run(self) -> Watched:
        """Watch each session minute by minute, where anything is to be looked at."""
        tally = Watched()
        for number, account in enumerate(self.accounts):
            self._watch(number, account, tally)
        return tally

    def _watch(self, number: int, account: Account, tally: Watched) -> None:
        messages, ghost = account.messages, account.ghost_at
        out = self.outages[account.gateway]
        place = bisect.bisect_left(messages, self.begin)
        since = messages[place - 1] if place else START
        while since < self.end:
            upcoming = messages[place] if place < len(messages) else self.end
            if ghost is not None and since <= ghost < upcoming:
                since, ghost = self._haunted(number, account, since, ghost, tally), None
                place = bisect.bisect_right(messages, since)
                continue
            returned = [b for a, b in out if since < b < upcoming]
            for at in (since, *returned):
                # What happens while its gateway is away, nobody sees; then silence is counted anew.
                until = min([a for a, _ in out if a >= at] + [upcoming])
                if until - at > 10 * MINUTE:
                    self._silent(number, account, at, min(until, self.end), tally)
            since, place = upcoming, place + 1

    def _haunted(self, number: int, account: Account, last: int, began: int, tally: Watched) -> int:
        rates = (account.rate(began + minute * MINUTE, {}) for minute in range(60))
        found = Noticed(account, began, last, 0, sum(rates) / 60)
        tally.ghosts.append(found)
        since = last
        server, over = self.server[account.gateway], False
        while not over and since < self.end:
            cut = min([a for a, b in self.outages[account.gateway] if b > since] + [self.end])
            self._silent(number, account, since, min(cut, self.end), tally, found)
            over = found.noticed is not None and (server or found.called is not None)
            since = min([b for _, b in self.outages[account.gateway] if b > since] + [self.end])
        seen = max([began] + [b for _, b in self.outages[account.gateway] if b < (found.noticed or self.end)])
        # What is usual changes a little with each day that comes in.
        ends = [
            self._usual_end(number, since, at)
            for since in (last, seen)
            for at in (since, found.noticed or since)
        ]
        found.limit = max(ends) + 15 * MINUTE
        return (found.called or self.end if not server else found.noticed or self.end) + HEALS

    def _usual_end(self, number: int, since: int, at: int) -> int:
        rhythm = self.rhythm(number, at)
        return since + (rhythm.usual(self.calendar(at).local(since)) if rhythm else 0)

    def _silent(
        self,
        number: int,
        account: Account,
        since: int,
        until: int,
        tally: Watched,
        ghost: Noticed | None = None,
    ) -> None:
        """Watch one silence."""
        server, now = self.server[account.gateway], since - since % MINUTE + 11 * MINUTE
        explained, times, noted = None, 0, False
        stirs, counted = 0.0, since
        while now < until:
            rhythm, calendar = self.rhythm(number, now), self.calendar(now)
            if rhythm is None:
                return
            local = calendar.local
            # Each hour counts by what it had: a holiday in the silence is no part of it, and what follows is.
            stirs += rhythm.expected(local(counted), local(now)) * self.share(number, since, now)
            counted = now
            quiet = Quiet(
                rhythm, local(since), server, stirs, None if explained is None else local(explained), times
            )
            due = quiet.due_at() - calendar.offset
            if now < due:
                now = min(due - due % MINUTE + MINUTE, now + HOUR)
                continue
            doubt, is_ghost = quiet.doubt(local(now)), ghost is not None and now >= ghost.began
            if is_ghost and ghost is not None and ghost.noticed is None:
                ghost.noticed = now
            if server:
                tally.looks += 1
                if is_ghost:
                    return
                explained, times = now, times + 1
                if doubt >= Doubt.STRANGE:
                    tally.suspicions.append((account, since, now))
                continue
            if not noted and ghost is None:
                tally.suspicions.append((account, since, now))
            noted = True
            if doubt is Doubt.LASTING:
                if ghost is None:
                    tally.calls.append((account, since, now))
                    return
                if is_ghost:
                    ghost.called = now
                    return
            now += 5 * MINUTE

    def calendar(self, now: int) -> Calendar:
        """Return the month before a day's beginning: rhythms are those of whole days."""
        day = now // DAY
        if day not in self._calendars:
            self._calendars[day] = Calendar.at(day * DAY, UTC)
        return self._calendars[day]

    def rhythm(self, number: int, now: int) -> Rhythm | None:
        """Return a session's rhythm as of an instant."""
        key = number, now // DAY
        if key not in self._rhythms:
            calendar = self.calendar(now)
            hourly = self.accounts[number].hourly
            counts = [hourly.get(hour, 0) for hour in calendar.hours]
            assert len(counts) == HOURS_OF_MONTH
            self._rhythms[key] = rhythm_of(counts, calendar)
        return self._rhythms[key]

    def share(self, number: int, since: int, now: int) -> float:
        """Return how much of its usual traffic a session can have."""
        account, rhythm = self.accounts[number], self.rhythm(number, now)
        assert rhythm is not None
        first, last = since // HOUR - LATELY, since // HOUR + 1
        was = sum(account.hourly.get(hour, 0) for hour in range(first, last))
        local = self.calendar(now).local
        own = own_share(was, rhythm.volume(local(first * HOUR), local(since)))
        return min(own, self._share(account.gateway, now // HOUR))

    def _share(self, gateway: int, hour: int) -> float:
        """Return how much of their usual traffic the sessions of a gateway have."""
        if (gateway, hour) not in self._shares:
            self._shares[gateway, hour] = min(
                share_of(self._fleet(gateway, hour, window)) for window in WINDOWS
            )
        return self._shares[gateway, hour]

    def _fleet(self, gateway: int, hour: int, window: int) -> Iterator[tuple[int, float]]:
        local = self.calendar(hour * HOUR).local
        for number, account in enumerate(self.accounts):
            rhythm = self.rhythm(number, hour * HOUR) if account.gateway == gateway else None
            if rhythm is not None:
                was = sum(account.hourly.get(each, 0) for each in range(hour - window, hour))
                yield was, rhythm.volume(local((hour - window) * HOUR), local(hour * HOUR))


def _per_day(account: Account) -> float:
    """Return its messages on an average day of the week."""
    return account.per_day * (5 + 2 * account.weekend) / 7


def _poisson(rng: random.Random, expected: float) -> int:
    if expected > 50:
        return max(0, round(rng.gauss(expected, math.sqrt(expected))))
    limit, product, number = math.exp(-expected), rng.random(), 0
    while product > limit:
        product *= rng.random()
        number += 1
    return number
