"""How many files this process may have open: as many as it is allowed to, and its children what it was given."""

from __future__ import annotations

import contextlib
import resource
import sys

MOST = 65_536

_given: tuple[int, int] | None = None


def raise_limit() -> int:
    """Raise the soft limit to the hard one, at most to `MOST`; returns what it is then."""
    global _given
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (ValueError, OSError):
        return soft
    _given = _given or (soft, hard)
    return wanted


def give_back(pid: int) -> None:
    """Let a child have the limit that we were given, where the system can: programs rest on it, those with `select`."""
    if _given is not None and sys.platform == "linux":
        with contextlib.suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_NOFILE, _given)
