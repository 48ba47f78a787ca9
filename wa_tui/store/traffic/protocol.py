"""What is asked of a store of counts: no SQL, every time in milliseconds since the epoch, UTC."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from wa_tui.model.registers import SessionKey

from ..protocol import StoreError

MINUTES = 60
"""Steps of a row of an hour."""
HOURS = 24
"""Steps of a row of a day."""


class Row(NamedTuple):
    """An hour since the epoch with its minutes, or a day with its hours; a step has the flows in order of `FLOWS`."""

    at: int
    counts: array[int]


class SessionCounts(NamedTuple):
    """What is kept of one session, or what of it is to be written: rows replace those that there are."""

    key: SessionKey
    hours: Sequence[Row] = ()
    days: Sequence[Row] = ()
    last: Sequence[int] = ()
    """When each flow last had one, 0 for never."""
    boot: str = ""
    """The life of the gateway's own counters that ``counted`` is of."""
    counted: Sequence[int] = ()
    """How far they were counted."""


class DamagedCounts(StoreError):
    """The file is damaged: whoever opens it again says so, and it is set aside; ``finding`` is what SQLite said."""

    def __init__(self, text: str, finding: str) -> None:
        super().__init__(text)
        self.finding = finding


class ReadOnlyCounts(StoreError):
    """The file could not be written when it was opened: whoever opens it again may be able to."""


class TrafficStore(Protocol):
    """Keeps minutes for 24 hours and hours for 30 days.

    Raises `StoreError`: of a damaged file `DamagedCounts`, of one that is read-only `ReadOnlyCounts`.
    """

    @property
    def notices(self) -> Sequence[str]:
        """What was wrong with the file, in sentences for the person on call."""

    async def load(self, now: int) -> list[SessionCounts]:
        """Return what is known of each session's last two hours and two days."""

    async def write(self, sessions: Sequence[SessionCounts]) -> None:
        """Write rows of some sessions, in one transaction."""

    async def rows(self, key: SessionKey, table: str, since: int) -> list[Row]:
        """Return a session's rows of `hours` or `days` from one on, oldest first."""

    async def forget(self, now: int) -> None:
        """Drop what is older than is kept."""

    async def close(self) -> None:
        """End."""
