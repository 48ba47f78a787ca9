"""What a log says of where it is."""

from __future__ import annotations

from wa_tui.text.counts import many
from wa_tui.tui.keys import KeyNames


def reading_back(unseen: int, names: KeyNames) -> str:
    """Say that somebody reads back, how many events came in meanwhile, and which key follows again."""
    return f"reading back, {lines(unseen)}{names['log.end']} follows"


def lines(unseen: int) -> str:
    """Return how many came in below: ``+2 lines, ``; nothing where there are none."""
    return f"+{many(unseen, 'line')}, " if unseen else ""
