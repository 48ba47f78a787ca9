"""Files that a person saves: new ones, that only their owner reads."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from wa_tui.text.events import plain
from wa_tui.tui.presenters.times import iso
from wa_tui.wire import EventView

_TRIES = 100


def save_log(events: Iterable[EventView], folder: Path, now: datetime) -> Path:
    """Write events, a line each, into a new file and return it. Raises OSError."""
    lines = "".join(f"{iso(event.at)}  {plain(event)}\n" for event in events)
    return write_new(folder, f"wa-tui-log-{now.astimezone():%Y%m%dT%H%M%S}", ".txt", lines)


def write_new(folder: Path, stem: str, suffix: str, text: str) -> Path:
    """Write a text into a new file and return it; nothing is overwritten, a name that is taken gets a number.

    Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, descriptor = _new(folder, stem, suffix)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _new(folder: Path, stem: str, suffix: str) -> tuple[Path, int]:
    for number in range(_TRIES):
        path = folder / f"{stem}{f'-{number}' if number else ''}{suffix}"
        try:
            return path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
    raise FileExistsError(f"{folder / stem}{suffix} and {_TRIES - 1} names after it are taken")
