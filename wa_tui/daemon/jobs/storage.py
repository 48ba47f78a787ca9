"""What is wrong with the store, and what a person has to do about it."""

from __future__ import annotations

import logging
from pathlib import Path

from wa_tui.store import Store, StoreError
from wa_tui.wire.attention import Attention, AttentionCode

log = logging.getLogger("wa_tui.daemon")

TENDED_EVERY = 60.0
"""Seconds between two looks at what grows."""


def attention(store: Store, database: Path, trouble: str | None) -> list[Attention]:
    """Return why the store needs a person; ``trouble`` says why the last commit failed."""
    found = []
    if trouble is not None:
        found.append(
            Attention(
                code=AttentionCode.STORE_FAILED,
                text=trouble,
                action="see to that first: webhooks are answered 503 until it can store again",
            )
        )
    if store.damage:
        found.append(
            Attention(
                code=AttentionCode.STORE_DAMAGED,
                text=f"{store.damage.detail()} could not be read, left out or mended",
                action="all else is there: look at the disk and at `dmesg`, and in the daemon's log for each row "
                f"({database})",
            )
        )
    if (held := store.held) is not None:
        found.append(Attention(code=AttentionCode.STORE_HELD, text=held.detail, action=held.todo))
    return found


async def tend(store: Store) -> None:
    """Have the store look after what grows."""
    try:
        await store.tend()
    except StoreError as error:
        log.warning("%s", error)
