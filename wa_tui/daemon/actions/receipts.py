"""The receipts of this daemon's life: who waits for one is told when its action ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict

from wa_tui.store import ActionRow

KEPT = 500
"""Ended ones kept in memory; all are in the store."""


class Receipts:
    """Actions by their id."""

    def __init__(self) -> None:
        self._rows: OrderedDict[str, ActionRow] = OrderedDict()
        self._ended: dict[str, asyncio.Event] = {}

    def get(self, action_id: str) -> ActionRow | None:
        """Return a receipt, as it is now."""
        return self._rows.get(action_id)

    def open(self) -> list[ActionRow]:
        """Return the receipts of actions under way."""
        return [self._rows[action_id] for action_id in self._ended]

    def put(self, row: ActionRow) -> None:
        """Take in a receipt; one that has ended wakes who waits for it."""
        self._rows[row.id] = row
        if row.ended_at is None:
            self._ended.setdefault(row.id, asyncio.Event())
            return
        waiting = self._ended.pop(row.id, None)
        if waiting is not None:
            waiting.set()
        while len(self._rows) - len(self._ended) > KEPT:
            del self._rows[next(each.id for each in self._rows.values() if each.ended_at is not None)]

    async def wait(self, action_id: str, seconds: float) -> ActionRow | None:
        """Return a receipt once its action has ended, or as it is after ``seconds``."""
        ended = self._ended.get(action_id)
        if ended is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), seconds)
        return self._rows.get(action_id)
