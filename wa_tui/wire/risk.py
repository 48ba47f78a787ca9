"""How far actions reach: what read-only refuses, in the daemon and before it is asked."""

from __future__ import annotations

from enum import StrEnum

from .actions import ActionName

FORGETS = "cleanup-disconnected-sessions"
"""The one job that takes something away."""


class Risk(StrEnum):
    """What an action may change: a read-only daemon or monitor allows ``safe`` ones alone."""

    SAFE = "safe"
    """It looks."""
    OURS = "ours"
    """It changes what is kept here, and nothing on a gateway: a read-only gateway does not mind."""
    GATEWAY = "gateway"


_OURS = frozenset({"rename", "set_primary", "snooze", "acknowledge"})


def risk_of(action: ActionName, job: str | None = None) -> Risk:
    """Return an action's risk, of ``run_job`` with its job."""
    if action == "sync" or (action == "run_job" and job != FORGETS):
        return Risk.SAFE
    return Risk.OURS if action == "run_job" or action in _OURS else Risk.GATEWAY
