"""How long the stateful tests look: `WA_TUI_STATEFUL_TIMES=20` takes twenty times as many examples."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.effort import effort

SOAKING = [pytest.mark.soak, pytest.mark.timeout(400)]
"""Hypothesis makes a failure smaller for five minutes at most: what it found is told only then."""

_TIMES = effort("WA_TUI_STATEFUL_TIMES", sample=0.08, full=20.0)


def bounded(examples: int, steps: int) -> settings:
    """Return settings for so many examples (everyday) of at most this many steps each."""
    return settings(
        max_examples=max(round(examples * _TIMES), 1),
        stateful_step_count=steps,
        deadline=None,
        # Not explaining: it traces every line while a failure is made smaller, which takes several times as long.
        phases=set(Phase) - {Phase.explain},
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
