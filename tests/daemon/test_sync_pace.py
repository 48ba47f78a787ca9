"""How often sessions are checked: a browser that dies tells nobody, and is found within a minute on a small fleet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from wa_tui.daemon.checking import pace
from wa_tui.daemon.checking.pace import interval_in_force
from wa_tui.model.registers import Status
from wa_tui.wire import Condition, condition

from .inside import QUIET, nth, world
from .waiting import until

STATUS = "/api/session/status/"
FIELD = {"health": QUIET, "list_sync": QUIET, "status_sync": 300.0}
"""The intervals of an installation, but for those that would find out otherwise."""


@pytest.mark.parametrize(
    ("configured", "sessions", "answer_ms", "seconds"),
    [
        (300, 0, 0, 45),
        (300, 1, 5, 45),
        (300, 90, 5, 45),
        (300, 100, 5, 50),
        (300, 100, 50, 50),
        (300, 100, 200, 200),
        (300, 600, 5, 300),
        (300, 10_000, 5, 300),
        (20, 3, 5, 20),
        (3600, 3, 5, 45),
    ],
)
def test_small_fleets_are_checked_more_often(
    configured: float, sessions: int, answer_ms: int, seconds: float
) -> None:
    assert interval_in_force(configured, sessions, answer_ms / 1000) == seconds


async def test_a_dead_browser_is_found_within_the_interval_in_force(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No webhook, and the list goes on lying; the log's line stays at the configured interval."""
    monkeypatch.setattr(pace, "SHORTEST", 0.8)
    monkeypatch.setattr(pace, "APART", 0.0)
    async with world(3, intervals=FIELD) as (sim, daemon):
        await daemon.proven(*map(nth, range(3)))
        caplog.clear()
        await sim.fault("drop", nth(1), silent=True)
        await daemon.session_until(nth(1), lambda s: s.status is Status.DISCONNECTED, 60)
        line = f"Session {nth(1)} appears disconnected, updating status"

        async def logged() -> bool:
            return line in caplog.messages

        await until(logged)
        assert not [message for message in caplog.messages if message.startswith("Session sync complete")]
        jobs = {(job.name, job.gateway): job for job in await daemon.client.jobs()}
        # Where answers take long, as on a busy machine, they are asked for less often.
        assert 0.8 <= jobs["status-checks", "default"].interval_s < 45
        assert jobs["sync-session-status", None].interval_s == 300


async def test_what_many_rounds_found_is_one_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pace, "SHORTEST", 0.2)
    monkeypatch.setattr(pace, "APART", 0.0)
    async with world(3, intervals=FIELD) as (sim, daemon):
        await daemon.proven(*map(nth, range(3)))
        for n in (0, 2):
            await sim.fault("drop", nth(n), silent=True)
            await daemon.session_until(nth(n), lambda s: s.status is Status.DISCONNECTED, 60)
        before = len(await sim.requests(STATUS))
        await sim.until_requested(STATUS, count=before + 9)
        caplog.clear()
        assert await daemon.daemon.parts.reconciler.statuses.run() == "3 checked, 2 updated"
        assert "Session sync complete: 3 checked, 2 updated" in caplog.messages
        assert (await daemon.daemon.parts.reconciler.statuses.run()).endswith(" checked, 0 updated"), (
            "told once"
        )


async def test_a_proof_lives_twice_the_interval_in_force() -> None:
    async with world(1, intervals=FIELD) as (_, daemon):
        await daemon.proven(nth(0))
        [gateway] = (await daemon.client.status()).gateways
        assert gateway.status_interval_s == 45
        session = await daemon.view(nth(0))
        assert session.proven_at is not None
        for age, found in ((89, Condition.CONNECTED), (91, Condition.CLAIMED)):
            now = session.proven_at + timedelta(seconds=age)
            assert condition(session, gateway, now, 600.0) is found
