"""`make bench`: every benchmark, one table after the other."""

from __future__ import annotations

from . import grid, ingest, monitor

if __name__ == "__main__":
    ingest.main()
    monitor.main()
    grid.main()
