"""The version of the API: a daemon and who asks it must speak the same."""

from __future__ import annotations

API_VERSION = 2
"""1: the field ``detail`` is called ``words``, and a snapshot is one message."""

API_HEADER = "x-wa-tui-api"
"""Says the version with each request and each answer. Version 1 has no such header."""

OTHER_VERSION = "api_version"
"""The code of the `Problem` that refuses another version."""


def mismatch(daemon: int, here: int, where: str = "") -> str:
    """Return what to do about two versions that differ: which side is older, by how much, and what to update."""
    theirs = f"the daemon{f' at {where}' if where else ''}"
    if daemon < here:
        return (
            f"{theirs} is older than this wa-tui: it speaks version {daemon} of the API, this wa-tui version {here}; "
            "update wa-tui where the daemon runs, and start the daemon anew"
        )
    return (
        f"this wa-tui is older than {theirs}: it speaks version {here} of the API, the daemon version {daemon}; "
        "update wa-tui here"
    )
