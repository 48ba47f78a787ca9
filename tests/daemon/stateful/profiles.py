"""How long the stateful tests look: `WA_TUI_STATEFUL_TIMES=20` takes twenty times as many examples."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_TIMES = float(os.environ.get("WA_TUI_STATEFUL_TIMES", "1"))


def bounded(examples: int, steps: int) -> settings:
    """Return settings for so many examples (everyday) of at most this many steps each."""
    return settings(
        max_examples=round(examples * _TIMES),
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
