"""What a tmux around us says of its window: whether a program may name it, and what it is called."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping

_ASKED = "#{allow-rename}\t#{automatic-rename}\t#{window_name}"
_PATIENCE = 2.0


async def former_name(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return what gives our window its name back, empty where tmux finds it itself; ``None`` if we may not name it."""
    pane = environ.get("TMUX_PANE")
    if "TMUX" not in environ or not pane:
        return None
    try:
        asked = await asyncio.create_subprocess_exec(
            *("tmux", "display-message", "-p", "-t", pane, _ASKED),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return None
    try:
        output, _ = await asyncio.wait_for(asked.communicate(), _PATIENCE)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            asked.kill()
        return None
    allowed, automatic, name = [*output.decode(errors="replace").rstrip("\n").split("\t", 2), "", "", ""][:3]
    if allowed != "1":
        return None
    return "" if automatic == "1" else name
