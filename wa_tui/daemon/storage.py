"""What is wrong with the store, for who has to do something about it."""

from __future__ import annotations

from pathlib import Path

from wa_tui.store import Store
from wa_tui.wire.attention import Attention, AttentionCode


def attention(store: Store, database: Path, trouble: str | None) -> list[Attention]:
    """Return why the store needs a person; ``trouble`` says why the last commit failed."""
    found = []
    if trouble is not None:
        found.append(
            Attention(
                code=AttentionCode.STORE_FAILED,
                text=trouble,
                action="nothing is taken in until it can: webhooks are answered 503",
            )
        )
    if store.damage:
        found.append(
            Attention(
                code=AttentionCode.STORE_DAMAGED,
                text=f"{store.damage.words()} could not be read, and were left out or mended, in {database}",
                action="all else is there; look at the disk and at `dmesg`: the daemon's log names each row",
            )
        )
    return found
