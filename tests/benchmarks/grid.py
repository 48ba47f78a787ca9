"""The grid beside Textual's DataTable in a real terminal of 120x40: `python -m tests.benchmarks.grid [ROWS]`.

Times vary between machines, so the last column is the ratio; bytes do not.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.terminal import Terminal

ROWS = 10_000
CELLS = 7


def measure(kind: str, rows: int) -> dict[str, float]:
    """Return first paint (s), one cell (CPU s, bytes), and two loads of 5 s (CPU share, bytes a second)."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results"
        command = [sys.executable, "-m", "tests.benchmarks.grid_app", kind, str(results), str(rows)]
        with Terminal(command) as terminal:
            found["first paint, ms"] = 1000 * wait(results, 1)["wall_s"]
            terminal.settle(0.5, 60)
            cells = [cell(terminal, results, number) for number in range(2, 2 + CELLS)]
            found["one visible row, CPU ms"] = 1000 * statistics.median(cpu for cpu, _ in cells)
            found["one visible row, bytes"] = statistics.median(sent for _, sent in cells)
            loads = {"l": "100 visible changes/s", "s": "100 falls/s, re-sorted"}
            for number, (key, name) in enumerate(loads.items(), 2 + CELLS):
                if kind == "table" and key == "s":
                    continue  # a DataTable has no re-sort that keeps its cursor
                before = terminal.bytes_read
                terminal.send(key)
                load = wait(results, number)
                found[f"{name}, CPU %"] = 100 * load["cpu_s"] / load["wall_s"]
                found[f"{name}, kB/s"] = (terminal.settle() - before) / load["wall_s"] / 1000
    return found


def cell(terminal: Terminal, results: Path, number: int) -> tuple[float, float]:
    """Return CPU seconds and bytes of one change."""
    before = terminal.bytes_read
    terminal.send("c")
    cpu = wait(results, number)["cpu_s"]
    return cpu, terminal.settle() - before


def wait(results: Path, number: int, timeout: float = 60.0) -> dict[str, Any]:
    """Return the numberth result, once it is there. Raises TimeoutError."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        lines = results.read_text().splitlines() if results.exists() else []
        if len(lines) >= number:
            result: dict[str, Any] = json.loads(lines[number - 1])
            return result
        time.sleep(0.02)
    raise TimeoutError(f"no result number {number} after {timeout} s")


def main(rows: int = ROWS) -> None:
    """Print both in a table."""
    ours, theirs = measure("grid", rows), measure("table", rows)
    print(f"{f'{rows} rows, 120x40':<34}{'grid':>10}{'DataTable':>12}{'ratio':>8}")  # noqa: T201
    for name, value in ours.items():
        other = theirs.get(name)
        told = f"{other:>12.1f}{other / max(value, 1e-9):>8.1f}" if other is not None else ""
        print(f"{name:<34}{value:>10.1f}{told}")  # noqa: T201


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
