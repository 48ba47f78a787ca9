"""Saving a code as a picture, for a terminal too small to show it."""

from __future__ import annotations

import io
import os
from itertools import count
from pathlib import Path

from wa_tui.qr.matrix import encode
from wa_tui.qr.payload import is_data_url, png_of

_SCALE = 8  # pixels a module, for a payload that brings no picture
_BORDER = 4  # modules


def save_png(payload: str, path: Path) -> Path:
    """Write the picture of a `qrCode` (data URL or raw text) and return where it is.

    A data URL's own bytes are written as they are. The file is complete or absent, readable by its owner
    alone, and never takes another's place: `qr.png` becomes `qr-2.png` if it exists. Raises QRError, and
    OSError when the directory cannot be written to.
    """
    data = png_of(payload) if is_data_url(payload) else _render(payload)
    free = _reserve(path)
    temporary = free.with_name(f".{free.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        temporary.replace(free)
    except BaseException:
        temporary.unlink(missing_ok=True)
        free.unlink(missing_ok=True)
        raise
    return free


def _render(text: str) -> bytes:
    file = io.BytesIO()
    encode(text).save(file, kind="png", scale=_SCALE, border=_BORDER)
    return file.getvalue()


def _reserve(path: Path) -> Path:
    """Create an empty file at the first free name, so that nobody else takes it meanwhile."""
    for number in count(1):
        candidate = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        try:
            os.close(os.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            continue
        return candidate
    raise AssertionError  # count() does not end
