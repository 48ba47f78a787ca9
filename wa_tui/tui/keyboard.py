"""Keys, handed on one at a time: the next one waits until the last has done all it does.

Textual sends a key to what has the focus when it arrives; a paste or a slow line brings several at once, and those
behind a ``/`` would be taken as commands before the filter has the focus.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from textual import events
from textual.message_pump import MessagePump

from wa_tui.tui.output.app import FrugalApp

PATIENCE = 0.5
"""Seconds that a key may take before the next is handed on regardless."""

_ROUNDS = 4
"""A key's own round, that of what it posted for the app to do, that of the focus or screen it asked for, and that of
the screen's first field."""


class Keyboard:
    """Holds keys back while one is being handled; ``hand_on`` is what handles an event in the app."""

    def __init__(self, app: FrugalApp[Any], hand_on: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app = app
        self._hand_on = hand_on
        self._waiting: deque[events.Event] = deque()
        self._busy = False
        self._task: asyncio.Task[None] | None = None

    async def pass_on(self, event: events.Event) -> None:
        """Hand a key on, now or as soon as those before it are done."""
        if self._busy:
            self._waiting.append(event)
        else:
            await self._handle(event)

    async def _handle(self, event: events.Event) -> None:
        self._busy = True
        await self._hand_on(event)
        self._task = asyncio.create_task(self._finish())

    async def _finish(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                for _ in range(_ROUNDS):
                    await self._round()
        except TimeoutError:
            pass
        self._app.call_later(self._next)

    async def _next(self) -> None:
        self._busy = False
        if self._waiting and not self._app.is_leaving:
            await self._handle(self._waiting.popleft())

    async def _round(self) -> None:
        """Wait until everybody that a key passes, from the focus up to the app, has done what was there to do."""
        if self._app.is_leaving:
            return
        target = self._app.focused or self._app.screen
        for node in target.ancestors_with_self:
            await _done(node)


async def _done(pump: MessagePump) -> None:
    reached = asyncio.Event()
    if pump.call_later(reached.set):
        await reached.wait()
