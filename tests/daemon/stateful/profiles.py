"""How long the stateful tests look: `WA_TUI_STATEFUL_EXAMPLES` asks for more than the everyday number."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("WA_TUI_STATEFUL_EXAMPLES", "100"))


def bounded(steps: int) -> settings:
    """Return settings for some examples of at most this many steps each."""
    return settings(
        max_examples=EXAMPLES,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
