"""Healing's pure parts: back-off, budget, flapping, the breaker, and who starts first."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_tui.config import Healing
from wa_tui.daemon.healing.breaker import Breaker
from wa_tui.daemon.healing.pauses import attention
from wa_tui.daemon.healing.session_recovery import SessionRecovery
from wa_tui.daemon.starts import Starts
from wa_tui.model.registers import HOUR, MINUTE, SECOND, Reason, SessionKey
from wa_tui.wire import AttentionCode

NOW = 1_795_400_000_000
POLICY = Healing()


def recovery(**policy: float) -> SessionRecovery:
    return SessionRecovery(Healing(**policy), random.Random(7))  # type: ignore[arg-type]


@given(attempts=st.integers(0, 1000), seed=st.integers())
def test_back_off_has_full_jitter_up_to_its_ceiling(attempts: int, seed: int) -> None:
    one = SessionRecovery(POLICY, random.Random(seed), attempts=attempts)
    wait = one.due(NOW) - NOW
    assert 0 <= wait <= min(300, 5 * 2 ** min(attempts, 10)) * SECOND


def test_waits_grow_on_average() -> None:
    def mean(attempts: int) -> float:
        one = recovery()
        one.attempts = attempts
        return sum(one.due(NOW) - NOW for _ in range(400)) / 400 / SECOND

    assert 2 < mean(0) < 3 and 8 < mean(2) < 12 and 130 < mean(9) < 170


def test_its_budget_comes_back_as_the_hour_passes() -> None:
    one = recovery(attempts_per_hour=3)
    for minute in (0, 10, 20):
        assert not one.exhausted(NOW + minute * MINUTE)
        one.tried(NOW + minute * MINUTE)
    now = NOW + 21 * MINUTE
    assert one.exhausted(now) and one.due(now) >= NOW + HOUR
    one.last_detail = "Failed to launch"
    assert one.exhausted_words() == "started 3 times in an hour, dropped again each time"
    one.failed(now, "Failed to launch")
    assert one.exhausted_words() == "3 attempts in an hour, 1 of them failed: Failed to launch"
    one.failed(now, "Failed to launch")
    one.failed(now, "Failed to launch")
    assert one.exhausted_words() == "3 attempts in an hour failed: Failed to launch"
    assert not one.exhausted(NOW + HOUR)


def test_a_recovery_forgets_the_attempts_and_not_the_tries() -> None:
    one = recovery(attempts_per_hour=2)
    one.tried(NOW)
    one.tried(NOW + 1)
    one.recovered()
    assert one.attempts == 0 and one.exhausted(NOW + 2)


def test_flapping_is_more_than_so_many_drops_in_the_window() -> None:
    one = recovery(flapping_drops=2, flapping_window=60)
    for second in (0, 20, 40):
        assert not one.flaps(NOW + second * SECOND)
        one.dropped(NOW + second * SECOND)
    now = NOW + 41 * SECOND
    assert one.flaps(now) and one.flapping_words() == "flapping: 3 drops in 1 min"
    assert one.due(now) >= NOW + 40 * SECOND + 300 * SECOND
    assert one.flapping_until(now) == NOW + 60 * SECOND
    assert not one.flaps(NOW + 60 * SECOND)


URL = "http://gw-1:3000"
A, B, C = (SessionKey("eu", name) for name in "abc")


def test_the_breaker_opens_longer_each_time_and_lets_one_try() -> None:
    breaker = Breaker(Healing(breaker_failures=2, breaker_pause=10))
    assert not breaker.failed(A, NOW, "a") and not breaker.waits(NOW)
    assert breaker.failed(B, NOW, "b") and breaker.detail == "b"
    assert breaker.waits(NOW + 9_999) and breaker.paused_until(NOW) == NOW + 10_000
    later = NOW + 10_000
    assert not breaker.waits(later) and breaker.paused_until(later) is None
    breaker.enter(C)
    assert breaker.waits(later) and breaker.paused_until(later) is None
    assert not breaker.leave(A), "one that began before the pause"
    assert breaker.leave(C)
    assert breaker.failed(C, later, "c", tried=True) and breaker.open_until == later + 20_000
    breaker.enter(A)
    breaker.leave(A)
    assert breaker.succeeded() and not breaker.waits(later) and not breaker.succeeded()
    assert not breaker.failed(A, later, "a"), "it begins anew"


def test_failures_while_it_is_open_do_not_lengthen_the_pause() -> None:
    breaker = Breaker(Healing(breaker_failures=1, breaker_pause=10))
    assert breaker.failed(A, NOW, "a")
    for key in (A, B, C):
        assert not breaker.failed(key, NOW + 1, "one that was under way")
        assert not breaker.failed(key, NOW + 10_001, "one that took longer than the pause")
    assert breaker.open_until == NOW + 10_000
    assert breaker.failed(A, NOW + 10_002, "a", tried=True) and breaker.open_until == NOW + 30_002


def test_one_session_that_never_starts_does_not_open_the_breaker() -> None:
    breaker = Breaker(Healing(breaker_failures=2))
    assert not any(breaker.failed(A, NOW + n, "no QR code") for n in range(50))


def test_the_breaker_forgets_what_is_long_over() -> None:
    breaker = Breaker(Healing(breaker_failures=2, breaker_pause=10))
    assert not breaker.failed(A, NOW, "a") and not breaker.failed(B, NOW + HOUR + 1, "b")
    assert breaker.failed(A, NOW + HOUR + 2, "a")
    days = NOW + 50 * HOUR
    breaker.enter(C)
    assert breaker.leave(C) and not breaker.failed(C, days, "c", tried=True)
    assert not breaker.waits(days)


def test_a_pause_calls_a_person_from_the_second_on_until_a_start_works() -> None:
    breaker = Breaker(Healing(breaker_failures=1, breaker_pause=10))
    assert not attention(breaker, URL)
    assert breaker.failed(A, NOW, "Failed to launch", Reason.BROWSER_UNABLE) and not attention(breaker, URL)
    breaker.enter(B)
    assert breaker.leave(B) and breaker.failed(B, NOW + 10_000, "no QR code\nat x.js", tried=True)
    breaker.enter(C)
    (needed,) = attention(breaker, URL)
    assert needed.code is AttentionCode.HEALING_PAUSED
    assert needed.text == "no QR code: no session starts, healing stays paused"
    assert needed.action == "see the service's log on gw-1; a reconnect that works has healing go on"
    breaker.succeeded()
    assert not attention(breaker, URL)


@pytest.mark.parametrize("at_once", [1, 4])
async def test_one_person_starts_beside_healing_and_nobody_more(at_once: int) -> None:
    starts, leave = Starts(at_once), asyncio.Event()
    running: list[str] = []

    async def start(name: str, *, urgent: bool) -> None:
        async with starts.slot("eu", urgent=urgent):
            running.append(name)
            assert starts.running("eu") <= at_once + urgent
            await leave.wait()

    tasks = [asyncio.create_task(start("heal", urgent=False)) for _ in range(6)]
    await asyncio.sleep(0)
    assert len(running) == at_once and not starts.full("eu")
    tasks += [asyncio.create_task(start("person", urgent=True)) for _ in range(6)]
    await asyncio.sleep(0)
    assert running.count("person") == 1 and starts.full("eu")
    leave.set()
    await asyncio.gather(*tasks)
    assert starts.running("eu") == 0


async def test_urgent_starts_go_first_and_each_gateway_is_its_own() -> None:
    starts, order, leave = Starts(1), list[str](), asyncio.Event()

    async def start(name: str, gateway: str, *, urgent: bool) -> None:
        async with starts.slot(gateway, urgent=urgent):
            order.append(name)
            await leave.wait()

    tasks = [asyncio.create_task(start("first", "eu", urgent=False))]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(start("beside", "eu", urgent=True)))
    await asyncio.sleep(0)
    for name, gateway, urgent in (("heal", "eu", False), ("person", "eu", True), ("other", "us", False)):
        tasks.append(asyncio.create_task(start(name, gateway, urgent=urgent)))
        await asyncio.sleep(0)
    assert order == ["first", "beside", "other"]
    leave.set()
    await asyncio.gather(*tasks)
    assert order == ["first", "beside", "other", "person", "heal"] and starts.running("eu") == 0


@pytest.mark.parametrize("moment", ["waiting", "called"])
async def test_who_gives_up_waiting_takes_no_slot_along(moment: str) -> None:
    starts = Starts(1)
    holder = starts.slot("eu", urgent=False)
    await holder.__aenter__()
    waiting = asyncio.create_task(starts.slot("eu", urgent=False).__aenter__())
    await asyncio.sleep(0)
    if moment == "called":
        await holder.__aexit__(None, None, None)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    if moment == "waiting":
        await holder.__aexit__(None, None, None)
    assert starts.running("eu") == 0
    async with asyncio.timeout(1), starts.slot("eu", urgent=False):
        assert starts.running("eu") == 1


def test_one_attempt_is_told_as_one() -> None:
    recovery = SessionRecovery(Healing(attempts_per_hour=1), random.Random(0))
    recovery.tried(0)
    assert recovery.exhausted_words() == "started once in an hour, dropped again each time"
    recovery.failed(1, "no answer within 45 s")
    assert recovery.exhausted_words() == "1 attempt in an hour failed: no answer within 45 s"
