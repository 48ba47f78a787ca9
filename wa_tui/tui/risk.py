"""What an action may change, as the daemon judges it too: read-only refuses all that does more than look."""

from __future__ import annotations

from enum import IntEnum

from wa_tui.wire import ActionName

FORGETS = "cleanup-disconnected-sessions"
"""The one job that takes something away."""


class Risk(IntEnum):
    """How far an action reaches: it looks, it changes what the daemon keeps, or something on a gateway."""

    SAFE = 0
    OURS = 1
    GATEWAY = 2


_OURS = frozenset({"rename", "set_primary", "snooze", "acknowledge"})


def risk_of(action: ActionName, job: str | None = None) -> Risk:
    """Return an action's risk; a read-only gateway minds only what changes something on it."""
    if action == "sync" or (action == "run_job" and job != FORGETS):
        return Risk.SAFE
    return Risk.OURS if action == "run_job" or action in _OURS else Risk.GATEWAY
