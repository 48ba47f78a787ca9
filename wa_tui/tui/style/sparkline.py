"""Numbers as a line of bars."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = "_.:-=+*#"


def spark(values: Sequence[float], width: int, ascii: bool = False) -> str:
    """Return the newest values, one a cell, in exactly ``width`` cells: 0 is blank, the highest is full.

    More values than cells are added up, so that nothing that happened is left out.
    """
    if width <= 0:
        return ""
    per_cell = max(1, -(-len(values) // width))
    # From the newest on: an uneven rest is the oldest cell's.
    sums = [sum(values[max(end - per_cell, 0) : end]) for end in range(len(values), 0, -per_cell)][::-1]
    highest = max(sums, default=0)
    bars = _ASCII_BARS if ascii else _BARS
    drawn = [" " if value <= 0 else bars[ceil(value * len(bars) / highest) - 1] for value in sums]
    return "".join(drawn).rjust(width)
