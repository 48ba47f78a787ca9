"""Who watches counts ages and proofs by the daemon's clock, whatever the own one says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from wa_tui.client import DaemonClock
from wa_tui.tui.fleet.state import FleetState
from wa_tui.wire import Condition, DaemonView, GatewayView, SessionView, Snapshot

THERE = datetime(2026, 11, 30, 12, 0, 30, tzinfo=UTC)


class Own:
    """The watcher's own clocks."""

    def __init__(self, wall: datetime) -> None:
        self.wall = wall
        self.steady = 1000.0

    def clock(self) -> DaemonClock:
        return DaemonClock(lambda: self.wall, lambda: self.steady)


@pytest.mark.parametrize(
    "wrong", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=3650), timedelta(0)]
)
def test_a_fleet_is_judged_by_the_daemons_time(wrong: timedelta) -> None:
    own = Own(THERE + wrong)
    clock = own.clock()
    state = FleetState(clock)
    snapshot = Snapshot(
        daemon=DaemonView(pid=1, version="1", started_at=THERE - timedelta(days=1)),
        gateways=[GatewayView(name="eu-1", url="http://eu-1", state="up")],
        sessions=[
            SessionView(
                gateway="eu-1",
                session_id="a",
                status="connected",
                credentials="stored",
                desired="online",
                # Within the minute that has begun.
                proven_at=THERE - timedelta(seconds=1),
            )
        ],
        events=[],
        now=THERE,
    )
    clock.hear(snapshot.now)
    state.apply(snapshot)
    assert state.condition(("eu-1", "a"), state.now) is Condition.CONNECTED
    own.steady += 599
    own.wall -= timedelta(hours=2)
    assert clock() == THERE + timedelta(seconds=599), "a step of the own clock moves nothing"
    own.steady += 120
    assert state.condition(("eu-1", "a"), state.now) is Condition.CLAIMED


def test_a_message_read_late_does_not_set_it_back_and_a_step_of_the_daemons_clock_does() -> None:
    own = Own(THERE)
    clock = own.clock()
    assert clock() == THERE, "its own, until it hears of another"
    clock.hear(THERE)
    own.steady += 10
    clock.hear(THERE + timedelta(seconds=2))
    assert clock() == THERE + timedelta(seconds=10)
    clock.hear(THERE + timedelta(seconds=11))
    assert clock() == THERE + timedelta(seconds=11)
    clock.hear(THERE - timedelta(hours=1))
    assert clock() == THERE - timedelta(hours=1)
    clock.hear(None)
    assert clock() == THERE - timedelta(hours=1)
