"""Sums of messages are exact, whatever comes twice, late, or after a restart."""

from __future__ import annotations

import random
from array import array
from collections import defaultdict

import pytest

from wa_tui.daemon.traffic.marks import Mark, Marks
from wa_tui.daemon.traffic.repetitions import KEPT, Repetitions
from wa_tui.daemon.traffic.window import WIDTH, Ring
from wa_tui.model.registers import SessionKey
from wa_tui.model.traffic import Counters, FlowCounts

KEY = SessionKey("g", "sales")
SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_ring_has_what_was_counted_in_its_steps(seed: int) -> None:
    chance = random.Random(seed)
    shown = chance.choice((3, 5, 24, 60))
    ring, counted = Ring(shown), defaultdict[int, list[int]](lambda: [0] * WIDTH)
    newest = now = 1000
    ring.advance(newest)
    for _ in range(150):
        now += chance.choice((0, 0, 1, 1, 2, 7, 2 * shown + 3))
        step = now - chance.choice((0, 0, 1, 2, 2 * shown - 1))
        counts = [chance.randrange(3) for _ in range(WIDTH)]
        newest = max(newest, step)
        ring.add(step, counts)
        counted[step] = [known + more for known, more in zip(counted[step], counts, strict=True)]
        first, length = newest - chance.randrange(3 * shown), chance.randrange(1, 2 * shown)
        remembered = range(newest - 2 * shown + 1, newest + 1)
        expected = [
            number
            for step in range(first, first + length)
            for number in (counted[step] if step in remembered else [0] * WIDTH)
        ]
        assert ring.row(first, length).tolist() == expected
        assert ring.shown() == ring.row(newest - shown + 1, shown)
        later = newest + chance.choice((0, 1, 2, shown))
        gone = range(newest - shown + 1, min(later, newest + shown) - shown + 1)
        assert ring.advance(later) == any(any(counted[step]) for step in gone if step in remembered)
        newest, now = later, max(now, later)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_loaded_is_added_to_what_was_counted_meanwhile(seed: int) -> None:
    chance = random.Random(seed)
    one, other = Ring(60), Ring(60)
    now = 120_000 + chance.randrange(60)
    for _ in range(chance.randrange(4)):
        step, counts = now - chance.randrange(3), [chance.randrange(3) for _ in range(WIDTH)]
        one.add(step, counts)
        other.add(step, counts)
    for hour in (1998, 1999, 2000):
        row = array("I", bytes(4 * 60 * WIDTH))
        for _ in range(chance.randrange(5)):
            minute = chance.randrange(now % 60 + 1 if hour == 2000 else 60)
            counts = [chance.randrange(3) for _ in range(WIDTH)]
            row[minute * WIDTH : (minute + 1) * WIDTH] = array("I", counts)
        one.load(hour * 60, row)
        for minute in range(60):
            step = hour * 60 + minute
            if other.newest - 2 * 60 < step and any(found := row[minute * WIDTH : (minute + 1) * WIDTH]):
                other.add(step, found)
    one.advance(now)
    other.advance(now)
    assert one.row(now - 119, 120) == other.row(now - 119, 120)


def test_a_clock_that_is_set_back_far_leaves_nothing_in_the_future() -> None:
    ring = Ring(60)
    ring.add(10_000, [1] * WIDTH)
    ring.add(5_000, [2] * WIDTH)
    assert sum(ring.shown()) == 2 * WIDTH
    assert not any(ring.row(9_990, 20))


@pytest.mark.parametrize("seed", SEEDS)
def test_cumulative_counters_are_counted_once_in_any_order(seed: int) -> None:
    chance, marks = random.Random(seed), Marks()
    marks.is_loaded = True
    marks.since_last(KEY, Counters(KEY.session_id, "before", FlowCounts(7, 7)))
    told: list[Counters] = []
    truth, total = FlowCounts(), FlowCounts()
    for boot in ("one", "two", "three"):
        counts = FlowCounts()
        life = []
        for _ in range(6):
            counts += FlowCounts(*(chance.randrange(4) for _ in range(WIDTH)))
            life.append(Counters(KEY.session_id, boot, counts))
        truth += counts
        # Within one life in any order and any number of times; of an earlier one nothing comes that is news.
        last = life[-1:] + chance.choices(life, k=8)
        chance.shuffle(last)
        told += last + chance.choices(told or life[:1], k=3) if boot != "one" else last
    for each in told:
        total += marks.since_last(KEY, each)
    assert total == truth


def test_a_restart_counts_what_was_missed_meanwhile_and_nothing_twice() -> None:
    def counters(number: int, boot: str = "one") -> Counters:
        return Counters(KEY.session_id, boot, FlowCounts(number))

    # What was kept is here before the gateway tells, or after.
    for kept_first in (True, False):
        marks, found = Marks(), FlowCounts()
        if kept_first:
            found += marks.load(KEY, "one", FlowCounts(5))
        found += marks.since_last(KEY, counters(8))
        if not kept_first:
            found += marks.load(KEY, "one", FlowCounts(5))
        found += marks.since_last(KEY, counters(8))
        found += marks.since_last(KEY, counters(9))
        assert found == FlowCounts(4)
        assert marks.of(KEY) == Mark("one", FlowCounts(9))
        # The gateway restarted while nobody looked.
        marks, found = Marks(), FlowCounts()
        if kept_first:
            found += marks.load(KEY, "one", FlowCounts(5))
        found += marks.since_last(KEY, counters(2, "two"))
        if not kept_first:
            found += marks.load(KEY, "one", FlowCounts(5))
        found += marks.since_last(KEY, counters(3, "two"))
        assert found == FlowCounts(3)


class Restarting:
    """A gateway that counts, and a daemon that counts with it and keeps marks: both restart now and then."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.keys = [SessionKey("g", f"s{number}") for number in range(4)]
        self.kept = {key: Mark("0", FlowCounts(1)) for key in self.keys}
        self.boot, self.life = 0, dict.fromkeys(self.keys, FlowCounts(1))
        self.truth = self.total = FlowCounts()
        self.daemon()

    def message(self) -> None:
        news = FlowCounts(self.chance.randrange(3), 1)
        self.life[self.chance.choice(self.keys)] += news
        self.truth += news

    def list(self) -> None:
        for key in self.chance.choices(self.keys, k=3) + self.chance.sample(self.keys, len(self.keys)):
            counters = Counters(key.session_id, str(self.boot), self.life[key])
            self.count(key, self.marks.since_last(key, counters))

    def gateway(self) -> None:
        self.list()
        self.boot, self.life = self.boot + 1, dict.fromkeys(self.keys, FlowCounts())

    def daemon(self) -> None:
        """What is kept is loaded in part before the gateway tells, in part after."""
        self.marks, kept = Marks(), dict(self.kept)
        late = self.chance.sample(self.keys, self.chance.randrange(len(self.keys)))
        for key in sorted(self.keys, key=late.__contains__):
            if late and key == late[0]:
                self.list()
            self.count(key, self.marks.load(key, *kept[key]))
        self.marks.is_loaded = True

    def count(self, key: SessionKey, news: FlowCounts) -> None:
        if news:
            self.total += news
            mark = self.marks.of(key)
            assert mark is not None
            self.kept[key] = mark


@pytest.mark.parametrize("seed", SEEDS)
def test_totals_are_exact_whenever_gateway_and_daemon_restart(seed: int) -> None:
    """What is kept of a session through which little goes is of an earlier life than what is kept of others."""
    chance = random.Random(seed)
    world = Restarting(chance)
    for _ in range(80):
        chance.choice((world.message, world.message, world.list, world.gateway, world.daemon))()
    world.list()
    assert world.total == world.truth


def test_a_repetition_is_known_for_some_minutes() -> None:
    repetitions = Repetitions()
    assert repetitions.is_new(0, "g", "sales", "sent", "id")
    assert not repetitions.is_new(KEPT, "g", "sales", "sent", "id")
    assert repetitions.is_new(KEPT, "g", "sales", "acked", "id")
    assert not repetitions.is_new(KEPT + 1, "g", "sales", "sent", "id")
    assert repetitions.is_new(3 * KEPT, "g", "sales", "later", "id")
    assert repetitions.is_new(5 * KEPT, "g", "sales", "sent", "id")
