"""The benchmarks that print tables of their own, as rows of the one table."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator

from . import grid, heal
from .table import Row, at_most, skipped

_TOLD = re.compile(r"  (?P<what>\S.*?) {2,}(?P<measured>\S+)(?: {3}(?P<beside>.*))?")
_RATIO = re.compile(r"([\d.]+)x ")
_FACTOR = re.compile(r"  factor +([\d.]+)")
_MEMORY = re.compile(r"  \d+ sessions +(\d+) ")


def grid_rows() -> Iterator[Row]:
    """Yield how many times as much Textual's DataTable takes as our grid."""
    ours, theirs = grid.measure("grid", grid.ROWS), grid.measure("table", grid.ROWS)
    for name, value in ours.items():
        other = theirs.get(name)
        beside = "" if other is None else f"DataTable: {other:.1f}"
        yield Row(
            f"grid: {name}", f"{value:.1f}", beside, None if other is None else value / max(other, 1e-9)
        )


def heal_rows() -> Iterator[Row]:
    """Yield how long healing takes beside what the gateway's own limit allows."""
    beside = asyncio.run(heal.ideal(heal.SCALE))
    back, _ = asyncio.run(heal.healed(heal.SCALE))
    what = f"heal: {heal.SESSIONS} dropped at once, all back"
    yield at_most(
        what, f"{back:.1f} s", f"the gateway's own limit: {beside:.1f} s", back / beside, heal.TARGET
    )


def told_rows(name: str) -> Iterator[Row]:
    """Yield what a benchmark tells line by line: what, measured, and the ratio or bar beside it."""
    for line in _lines(name):
        told = _TOLD.fullmatch(line)
        if told is not None:
            beside = told["beside"] or ""
            ratio = _RATIO.match(beside)
            yield Row(f"{name}: {told['what']}", told["measured"], beside, float(ratio[1]) if ratio else None)


def node_rows() -> Iterator[Row]:
    """Yield the Node service's two ratios, or what it lacks."""
    for line in _lines("node_service"):
        factor, memory = _FACTOR.match(line), _MEMORY.match(line)
        if factor is not None:
            yield at_most("node service: a restored session", "", "a bare client", float(factor[1]), 1.5)
        elif memory is not None:
            used = float(memory[1])
            yield at_most("node service: its own memory", f"{used:.0f} MB", "120 MB", used / 120, 1.0)
        elif line.startswith("node service: no "):
            yield skipped("node service", line.removeprefix("node service: "))


def _lines(name: str) -> Iterator[str]:
    """Run a benchmark and yield the lines it prints; raises RuntimeError when it fails."""
    command = [sys.executable, "-m", f"tests.benchmarks.{name}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        for line in process.stdout:
            yield line.rstrip("\n")
        said = process.stderr.read().strip().splitlines()
    if process.returncode:
        raise RuntimeError(said[-1] if said else f"it ended with {process.returncode}")
