"""Saving the lines of the log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from wa_tui.text.events import plain
from wa_tui.tui.new_file import write_new
from wa_tui.tui.presenters.times import iso
from wa_tui.wire import EventView


def save(events: Iterable[EventView], folder: Path, now: datetime) -> Path:
    """Write events, a line each, into a new file and return it. Raises OSError."""
    lines = "".join(f"{iso(event.at)}  {plain(event)}\n" for event in events)
    return write_new(folder, f"wa-tui-log-{now.astimezone():%Y%m%dT%H%M%S}", ".txt", lines)
