"""How often a gateway's sessions are checked: a dead browser tells nobody, and each check costs its gateway a look."""

from __future__ import annotations

from collections.abc import Callable

from wa_tui.model.fleet import Fleet

SHORTEST = 45.0
"""Seconds between two checks of a session, at the least."""

APART = 0.5
"""Seconds between two checks on a gateway, at the least."""

SHARE = 10
"""A gateway is busy with checks for one part of its time in so many."""


class Pace:
    """Knows the status interval in force on each gateway: the configured one, or less on a small fleet.

    ``answer_time`` returns how long a gateway takes for a check; all in seconds.
    """

    def __init__(self, fleet: Fleet, configured: float, answer_time: Callable[[str], float]) -> None:
        self._fleet = fleet
        self._configured = configured
        self._answer_time = answer_time

    def interval(self, gateway: str) -> float:
        """Return the status interval in force on a gateway, in seconds."""
        sessions, _ = self._fleet.extent(gateway)
        return interval_in_force(self._configured, sessions, self._answer_time(gateway))

    def proof_window(self, gateway: str, *, checked: bool) -> float:
        """Return how old a proof may be on a gateway, in seconds; ``checked``: a check can prove a session there."""
        return 2 * (self.interval(gateway) if checked else self._configured)


def interval_in_force(configured: float, sessions: int, answer: float) -> float:
    """Return the interval for so many sessions, whose checks take ``answer``; all in seconds."""
    return min(configured, max(SHORTEST, sessions * max(APART, SHARE * answer)))
