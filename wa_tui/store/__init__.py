"""Where the fleet and its events are kept: one Protocol, SQLite behind it (design §3)."""

from .damage import Damage
from .protocol import (
    ActionRow,
    Attempt,
    Batch,
    Count,
    JobRun,
    Loaded,
    Message,
    Provenance,
    Store,
    StoreError,
    Transition,
)
from .sqlite import open_store

__all__ = [
    "ActionRow",
    "Attempt",
    "Batch",
    "Count",
    "Damage",
    "JobRun",
    "Loaded",
    "Message",
    "Provenance",
    "Store",
    "StoreError",
    "Transition",
    "open_store",
]
