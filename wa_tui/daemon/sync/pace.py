"""How often a gateway's sessions are checked: a dead browser tells nobody, and each check costs its gateway a look."""

from __future__ import annotations

from ..core import Core

SHORTEST = 45.0
"""Seconds between two checks of a session, at the least."""

APART = 0.5
"""Seconds between two checks on a gateway, at the least."""

SHARE = 10
"""A gateway is busy with checks for one part of its time in so many."""


def status_interval(core: Core, gateway: str) -> float:
    """Return the status interval in force on a gateway, in seconds: the configured one, or less on a small fleet."""
    sessions, _ = core.fleet.extent(gateway)
    configured = core.config.intervals.status_sync
    return interval_in_force(configured, sessions, core.checker.answer_time(gateway))


def interval_in_force(configured: float, sessions: int, answer: float) -> float:
    """Return the interval for so many sessions, whose checks take ``answer``; all in seconds."""
    return min(configured, max(SHORTEST, sessions * max(APART, SHARE * answer)))
