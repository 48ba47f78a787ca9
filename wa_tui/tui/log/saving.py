"""Saving the lines of the log."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from wa_tui.text.events import plain
from wa_tui.tui.words.times import iso
from wa_tui.wire import EventView

_TRIES = 100


def save(events: Iterable[EventView], folder: Path, now: datetime) -> Path:
    """Write events, a line each, into a new file that only its owner reads; return it. Raises OSError.

    Nothing is overwritten: a name that is taken gets a number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{iso(event.at)}  {plain(event)}\n" for event in events)
    path, descriptor = _new(folder, f"wa-tui-log-{now.astimezone():%Y%m%dT%H%M%S}")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(lines)
    return path


def _new(folder: Path, stem: str) -> tuple[Path, int]:
    for number in range(_TRIES):
        path = folder / f"{stem}{f'-{number}' if number else ''}.txt"
        try:
            return path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
    raise FileExistsError(f"{folder / stem}.txt and {_TRIES - 1} names after it are taken")
