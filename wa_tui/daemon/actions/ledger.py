"""The attempts of one message: each is committed before its request, and again with its result (design §5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Literal

from wa_tui.model.registers import SessionKey
from wa_tui.store import Attempt, Message

from ..clock import Clock

Result = Literal["sent", "not_sent", "unknown"]

Keep = Callable[[Message, Attempt | None], Awaitable[None]]
"""Commits a message as it is now, with the attempt that ended, if one did."""


class Ledger:
    """What is kept of one message while it is sent; the runner says how, before the work begins."""

    def __init__(self, message: Message, clock: Clock) -> None:
        self.message = message
        self._clock = clock
        self._began = 0
        """When the attempt under way did, by the monotonic clock."""
        self.keep: Keep | None = None

    def skip(self, key: SessionKey, why: str) -> None:
        """Note a session that is not asked to send; committed with what comes next."""
        now = self._clock.now()
        self._append(Attempt(*key, "not_sent", why, now, now))

    async def begin(self, key: SessionKey) -> None:
        """Commit that a session is about to be asked. Raises `NotTaken` or `StoreError`: then it must not be."""
        before, self._began = self.message, self._clock.monotonic()
        self._append(Attempt(*key, "trying", "", self._clock.now()))
        try:
            await self._commit(None)
        except BaseException:
            self.message = before
            raise

    async def end(self, result: Result, text: str, message_id: str | None = None) -> None:
        """Commit how the attempt under way ended. Raises `NotTaken` or `StoreError`."""
        *others, last = self.message.attempts
        ended_at = last.at + self._clock.monotonic() - self._began
        ended = replace(last, outcome=result, text=text, ended_at=ended_at, message_id=message_id)
        self.message = replace(self.message, attempts=(*others, ended))
        await self._commit(ended)

    def _append(self, attempt: Attempt) -> None:
        self.message = replace(self.message, attempts=(*self.message.attempts, attempt))

    async def _commit(self, ended: Attempt | None) -> None:
        assert self.keep is not None, "the runner binds a ledger before its work begins"
        await self.keep(self.message, ended)


def closed(message: Message, now: int, why: str) -> Message:
    """Return the message with an attempt that is still open ended as unknown."""
    attempts = tuple(
        replace(each, outcome="unknown", text=why, ended_at=max(each.at, now))
        if each.ended_at is None
        else each
        for each in message.attempts
    )
    return replace(message, attempts=attempts)
