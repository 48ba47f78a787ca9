"""A multiplexer around us: what it passes on to the terminal that somebody sits at, and what tmux calls our window."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping

_ASKED = "#{allow-rename}\t#{automatic-rename}\t#{window_name}"
_PATIENCE = 2.0
_SCREEN_CHUNK = 240
"""Bytes of one of screen's own sequences: it takes 256 at most."""


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


def past_tmux(sequence: str) -> str:
    """Return a sequence as tmux passes it on, where its ``allow-passthrough`` is on."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"


def past_screen(sequence: str) -> str:
    """Return a sequence as screen passes it on, in pieces."""
    pieces = (sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


def passed_on(sequence: str, environ: Mapping[str, str]) -> str:
    """Return a sequence that no multiplexer knows as the one that is there, if any, passes it on."""
    if "TMUX" in environ:
        return past_tmux(sequence)
    return past_screen(sequence) if "STY" in environ else sequence
