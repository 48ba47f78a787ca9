"""Names processes of this machine for a person who is to do something about them."""

from __future__ import annotations

from pathlib import Path

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
