"""Rows of the benchmarks' one table: each is a ratio to something run beside it, and the bar it should meet."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, and beside what; ``met`` is ``None`` where there is no bar, or nothing could be run."""

    what: str
    measured: str
    beside: str
    ratio: float | None = None
    bar: str = ""
    met: bool | None = None


def at_least(what: str, measured: str, beside: str, ratio: float, bar: float) -> Row:
    return Row(what, measured, beside, ratio, f"at least {bar:g}", ratio >= bar)


def at_most(what: str, measured: str, beside: str, ratio: float, bar: float) -> Row:
    return Row(what, measured, beside, ratio, f"at most {bar:g}", ratio <= bar)


def skipped(what: str, why: str) -> Row:
    return Row(what, "not run", why)


def title() -> None:
    """Print the table's head."""
    _line("", "measured", "beside it", "ratio", "bar", "")


def show(row: Row) -> None:
    """Print one row as soon as it is known."""
    mark = {True: "met", False: "missed", None: ""}[row.met]
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    _line(row.what, row.measured, row.beside, ratio, row.bar, mark)


def _line(what: str, measured: str, beside: str, ratio: str, bar: str, mark: str) -> None:
    line = f"{what:<46} {measured:>16}  {beside:<44} {ratio:>6}  {bar:<14} {mark}"
    sys.stdout.write(line.rstrip() + "\n")
    sys.stdout.flush()
