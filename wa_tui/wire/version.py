"""The version of the API: a daemon and its clients must speak the same."""

from __future__ import annotations

API_VERSION = 3
"""2: ``SessionView.unanswered`` and its kind of events are called ``silence``.

1: the field ``detail`` is called ``words``, and a snapshot is one message.
"""

API_HEADER = "x-wa-tui-api"
"""Says the version with each request and each answer. Version 1 has no such header."""

OTHER_VERSION = "api_version"
"""The code of the `Problem` that refuses another version."""


def mismatch(daemon: int, here: int, *, process: int | None = None) -> str:
    """Return what to do about two versions that differ: which side is older, by how much, and what to update.

    ``process`` is the daemon's number, where it runs on this machine. It is read in one line of 80 cells.
    """
    if daemon < here and process is not None:
        return f"the daemon is older (API {daemon}, here {here}): update and restart it (process {process})"
    if daemon < here:
        return f"the daemon is older (API {daemon}, here {here}): update wa-tui where it runs, restart it"
    return f"this wa-tui is older (API {here}, the daemon {daemon}): update wa-tui here"
