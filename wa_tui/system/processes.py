"""Names processes of this machine for a person who is to do something about them."""

from __future__ import annotations

import socket
from pathlib import Path

from .peers import credentials

_LONGEST = 80
"""Characters of a command that are shown."""


def named(pid: int) -> str:
    """Return a process as ``command (process N)``, without the command where it cannot be told."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        command = ""
    shown = "".join(char if char.isprintable() else "?" for char in " ".join(command.split())[:_LONGEST])
    return f"{shown} (process {pid})" if shown else f"process {pid}"


def listener(path: Path) -> int | None:
    """Return the process that listens on a Unix socket; ``None`` where nobody does, or the system does not say.

    The kernel is asked, not the daemon: one of another version refuses to say anything of itself.
    """
    try:
        with socket.socket(socket.AF_UNIX) as asking:
            # A full queue of connections would keep the monitor waiting.
            asking.setblocking(False)
            asking.connect(str(path))
            found = credentials(asking)
    except OSError:
        return None
    # That of another container has no number here.
    return found.pid or None if found is not None else None
