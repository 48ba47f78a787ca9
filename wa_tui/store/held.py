"""A write-ahead log that grows, in words for the person who has to end its reader."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Held:
    """A log that SQLite cannot write back: its bytes, and the processes that read, where the system lists them."""

    log: Path
    size: int
    readers: tuple[str, ...]

    @property
    def detail(self) -> str:
        """What happened, in words."""
        who = " and ".join(self.readers[:_SHOWN]) or "some program"
        have = "have" if len(self.readers) > 1 else "has"
        return f"{who} {have} the database open for reading: its log has grown to {self.size // 1_000_000} MB"

    @property
    def todo(self) -> str:
        """What to do about it."""
        if self.readers:
            return f"end it, or its transaction: {self.log} grows until then"
        return f"`fuser {self.log}` names who has it open: it grows until they end"
