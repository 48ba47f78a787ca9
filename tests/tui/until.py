"""Waiting for what an app does, with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from textual._context import visible_screen_stack
from textual.pilot import Pilot
from textual.widgets import Input


async def until(pilot: Pilot[Any], holds: Callable[[], object], timeout: float = 40.0) -> None:
    """Let the app work until a condition holds. Raises TimeoutError with the screen."""
    deadline = time.monotonic() + timeout
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it never held; the screen:\n{text(pilot)}")
        await asyncio.sleep(0.005)


async def settled(pilot: Pilot[Any], frames: int = 10) -> None:
    """Let the app work until the screen has stayed the same: a layout takes some messages, and fetching others."""
    same, last = 0, ""
    while same < frames:
        await pilot.pause()
        now = text(pilot)
        same, last = (same + 1, last) if now == last else (0, now)


def text(pilot: Pilot[Any]) -> str:
    """The screen as text."""
    screen = pilot.app.screen
    # Else a dialog would be drawn, and kept, without what is behind it.
    visible_screen_stack.set(list(pilot.app._background_screens))
    lines = screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in lines)


async def fill(pilot: Pilot[Any], field: str, value: str) -> None:
    """Type into a field, at once, and press enter in it."""
    await until(pilot, lambda: pilot.app.screen.query(field))
    widget = pilot.app.screen.query_one(field, Input).focus()
    await until(pilot, lambda: widget.has_focus)
    widget.value = value
    await pilot.press("enter")
