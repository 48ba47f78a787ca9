"""Files that a person saves: new ones, that only their owner reads."""

from __future__ import annotations

import os
from pathlib import Path

_TRIES = 100


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
