"""The receipts of this daemon's life; a request may wait for one until its action ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from dataclasses import replace

from wa_tui.model.facts import Attempted
from wa_tui.model.registers import SessionKey
from wa_tui.store import ActionRow, Attempt
from wa_tui.wire.actions import MAY_BE_OUT

from ..results import Ended
from .ledger import closed

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
        """Take in a receipt; one that has ended wakes the requests that wait for it."""
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


def ended_row(row: ActionRow, ended: Ended, now: int) -> ActionRow:
    """Return the receipt of an action that ended; an attempt that is open then may have been sent."""
    gateway, session_id = ended.key or (row.gateway, row.session_id)
    text, message = ended.text, None
    if row.message is not None:
        message = closed(row.message, now, text)
        if any(attempt.outcome == "unknown" for attempt in message.attempts):
            text = f"{text.rstrip('.')}. {MAY_BE_OUT}"
    return replace(
        row,
        gateway=gateway,
        session_id=session_id,
        outcome=ended.outcome,
        text=text,
        ended_at=now,
        message_id=ended.message_id,
        message=message,
        pairing_code=ended.pairing_code,
    )


def concerned(row: ActionRow) -> set[SessionKey]:
    """Return the sessions that an action may have done something with."""
    attempts = row.message.attempts if row.message is not None else ()
    keys = {SessionKey(each.gateway, each.session_id) for each in attempts if each.ended_at is None}
    if row.gateway and row.session_id:
        keys.add(SessionKey(row.gateway, row.session_id))
    return keys


def attempted(action_id: str, attempt: Attempt) -> Attempted:
    """Return the fact that an attempt to send ended."""
    return Attempted(
        gateway=attempt.gateway,
        session_id=attempt.session_id,
        at=attempt.ended_at or attempt.at,
        action_id=action_id,
        outcome=attempt.outcome,
        detail=attempt.text,
    )
