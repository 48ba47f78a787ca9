"""`make bench`: every benchmark in one table; `make bench ARGS="ingest sync"` runs some.

Each row is a ratio to something run beside it, and the bar it should meet. No number makes it fail, and what cannot run
here says why.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial

from . import counts, fleet, ingest, memory, others, sync, traffic, watchers
from .table import Row, show, skipped, title

BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "ingest": ingest.rows,
    "traffic": traffic.rows,
    "counts": counts.rows,
    "watchers": watchers.rows,
    "sync": sync.rows,
    "heal": others.heal_rows,
    "fleet": fleet.rows,
    "memory": memory.rows,
    "grid": others.grid_rows,
    **{
        name: partial(others.told_rows, name)
        for name in ("monitor", "speed", "bytes", "slow", "stall", "growth")
    },
    "node_service": others.node_rows,
}


def main(names: list[str]) -> None:
    """Run the benchmarks that are named, or all of them."""
    unknown = set(names) - BENCHMARKS.keys()
    if unknown:
        sys.exit(f"no benchmark {', '.join(sorted(unknown))}: there are {', '.join(BENCHMARKS)}")
    title()
    for name in names or BENCHMARKS:
        try:
            for row in BENCHMARKS[name]():
                show(row)
        except Exception as error:  # one that cannot run here takes no other with it
            show(skipped(name, f"{type(error).__name__}: {error}"))


if __name__ == "__main__":
    main(sys.argv[1:])
