"""Rows of counts as blobs: 32 bits a count, compressed, since most steps of most sessions are alike."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Sequence

_LEVEL = 1
_BYTES = 1024 * 1024


def packed(counts: Sequence[int]) -> bytes:
    """Return counts as a blob."""
    return zlib.compress(array("I", counts).tobytes(), _LEVEL)


def unpacked(blob: bytes, length: int) -> array[int]:
    """Return the counts in a blob, zeros where it is damaged or has another number of them."""
    found = array("I", bytes(4 * length))
    try:
        content = zlib.decompressobj().decompress(blob, _BYTES)
    except (zlib.error, TypeError):
        return found
    return array("I", content) if len(content) == 4 * length else found
