"""Time, injected: tests and the demo's history bring their own."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time in milliseconds since the epoch, UTC."""

    def now(self) -> int:
        """Return the current instant."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Return the current instant."""
        return time.time_ns() // 1_000_000
