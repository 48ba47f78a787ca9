"""Time in cells: a session's last 24 hours with the share of it that it was connected, and numbers as bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import ceil

from wa_tui.wire import History

DAY = 24 * 3600

Spans = Sequence[tuple[int, str]]
Gaps = Sequence[tuple[int, int | None]]

BRIEF = "b"
"""A cell's code for trouble that took less than a quarter of its time."""

_SEEN = 0.1
_BRIEF = 0.25
_QUIET = (History.CONNECTED, History.OFF)
_WORST = {
    History.OFF: 1,
    History.CONNECTED: 2,
    History.STARTING: 3,
    History.QR: 4,
    History.DOWN: 5,
}
_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = "_.:-=+*#"


def cells(history: Spans, gaps: Gaps, now: datetime, width: int) -> list[str]:
    """Return ``width`` codes of `History`, oldest first: the worst of each cell's time, `BRIEF` for a short outage.

    A cell is what was observed of it; a gap where that is under a tenth, or where nobody observes now, unless it was
    seen in trouble.
    """
    end = _end(history, now)
    start = end - DAY
    seen: list[dict[str, float]] = [{} for _ in range(width)]
    for first, last, code in _spans(history, gaps, start, end):
        low = (first - start) * width / DAY
        high = (last - start) * width / DAY
        for index in range(int(low), min(int(high) + 1, width)):
            share = min(high, index + 1) - max(low, index)
            if share > 0:
                seen[index][code] = seen[index].get(code, 0.0) + share
        if last == end:
            seen[-1] = _with_present(seen[-1], code)
    return [_worst(shares) for shares in seen]


def uptime(history: Spans, gaps: Gaps, now: datetime) -> float | None:
    """Return the percentage of the observed and wanted time that it was connected; ``None`` for no such time."""
    end = _end(history, now)
    up = wanted = 0
    if not any(code in (History.CONNECTED, History.DOWN) for _, code in history):
        return None  # it never was up: there is nothing to measure yet
    for first, last, code in _spans(history, gaps, end - DAY, end):
        if code in (History.UNOBSERVED, History.OFF):
            continue
        wanted += last - first
        if code == History.CONNECTED:
            up += last - first
    return 100.0 * up / wanted if wanted else None


def _end(history: Spans, now: datetime) -> int:
    """The screen's clock stands between minutes: what was told since then is the present."""
    latest = history[-1][0] + 1 if history else 0
    return max(int(now.timestamp()), latest)


def _with_present(shares: dict[str, float], code: str) -> dict[str, float]:
    """The present state counts in full: while nothing is observed, the quiet time before tells nothing of it."""
    if code == History.UNOBSERVED:
        shares = {one: share for one, share in shares.items() if one not in _QUIET}
    return {**shares, code: 1.0}


def _worst(shares: dict[str, float]) -> str:
    observed = {code: share for code, share in shares.items() if code != History.UNOBSERVED}
    total = sum(observed.values())
    worst = max(observed, key=lambda code: _WORST[History(code)], default=str(History.UNOBSERVED))
    if worst in _QUIET and total < _SEEN:
        return str(History.UNOBSERVED)
    return BRIEF if worst == History.DOWN and observed[worst] < _BRIEF * total else str(worst)


def _spans(history: Spans, gaps: Gaps, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Yield (from, to, code) over the whole day, in order, with the gaps cut out."""
    cursor, code = start, str(History.UNOBSERVED)
    for at, following in (*history, (end, "")):
        until = min(max(at, start), end)
        if until > cursor:
            yield from _cut(cursor, until, code, gaps)
            cursor = until
        code = following


def _cut(first: int, last: int, code: str, gaps: Gaps) -> Iterator[tuple[int, int, str]]:
    for begin, finish in gaps:
        until = last if finish is None else min(finish, last)
        begin = max(begin, first)
        if begin >= until:
            continue
        if begin > first:
            yield first, begin, code
        yield begin, until, str(History.UNOBSERVED)
        first = until
    if first < last:
        yield first, last, code


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
