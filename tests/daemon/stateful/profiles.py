"""How long the stateful tests look: `WA_TUI_STATEFUL_TIMES=20` takes twenty times as many examples."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

SHRINKING = pytest.mark.timeout(400)
"""Hypothesis makes a failure smaller for five minutes at most: what it found is told only then."""

_TIMES = float(os.environ.get("WA_TUI_STATEFUL_TIMES", "1"))


def bounded(examples: int, steps: int) -> settings:
    """Return settings for so many examples (everyday) of at most this many steps each."""
    return settings(
        max_examples=round(examples * _TIMES),
        stateful_step_count=steps,
        deadline=None,
        # Not explaining: it traces every line while a failure is made smaller, which takes several times as long.
        phases=set(Phase) - {Phase.explain},
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
