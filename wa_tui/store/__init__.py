"""Where the fleet and its events are kept: one Protocol, SQLite behind it (design §3)."""

from .damage import Damage
from .protocol import (
    ActionRow,
    ApiKey,
    Attempt,
    Batch,
    Count,
    JobRun,
    Loaded,
    Message,
    Provenance,
    RefusedValue,
    Store,
    StoreError,
    StoreUnavailable,
    Transition,
)
from .sqlite import open_or_wait, open_store
from .waiting import WaitingStore

__all__ = [
    "ActionRow",
    "ApiKey",
    "Attempt",
    "Batch",
    "Count",
    "Damage",
    "JobRun",
    "Loaded",
    "Message",
    "Provenance",
    "RefusedValue",
    "Store",
    "StoreError",
    "StoreUnavailable",
    "Transition",
    "WaitingStore",
    "open_or_wait",
    "open_store",
]
