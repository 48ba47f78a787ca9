"""Webhooks on their way to the control plane, which may lose, double, delay and swap them."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from wa_tui.simulator.exchanges import Entry, ExchangeLog
from wa_tui.simulator.posting import Poster, Target

_SLOTS = 32
_HELD_AT_MOST = 0.5


def http_client(timeout: float) -> httpx.AsyncClient:
    """Return a client for the control plane, made without the 20 ms that loading the CA certificates takes."""
    return httpx.AsyncClient(verify=False, timeout=timeout, trust_env=False)


_Letter = tuple[Entry, Target]


@dataclass(frozen=True, slots=True)
class Transit:
    """How webhooks get lost, doubled, delayed (up to `delay_max` seconds) and swapped in pairs."""

    loss: float = 0.0
    duplicate: float = 0.0
    delay_max: float = 0.0
    reorder: bool = False


class WebhookSender:
    """Posts webhooks as most gateways do: one try, 5 s, concurrently, in no guaranteed order."""

    def __init__(self, rng: random.Random, log: ExchangeLog) -> None:
        self.transit = Transit()
        self.cut_off = False
        self.in_transit = 0
        """Webhooks that are neither lost nor answered yet, the delayed ones among them."""
        self._rng = rng
        self._log = log
        self._held: tuple[_Letter, float] | None = None
        self._waiting: deque[_Letter] = deque()
        self._idle: list[Poster] = []
        self._opened = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def post(self, body: dict[str, Any], target: Target) -> Entry:
        """Send `body` without waiting for the answer, as faithfully as the current transit allows.

        Returns where its answer, or that of its double, will stand.
        """
        for _ in range(2 if self._rng.random() < self.transit.duplicate else 1):
            entry = self._log.add("webhook", "POST", target.path, body)
            if self.cut_off or self._rng.random() < self.transit.loss:
                entry.answered = "lost"
                continue
            self.in_transit += 1
            delay = self._rng.uniform(0, self.transit.delay_max) if self.transit.delay_max else 0.0
            letter = entry, target
            self._swap(letter, delay) if self.transit.reorder else self._enqueue(letter, delay)
        return entry

    async def aclose(self) -> None:
        """Drop what is still to be sent and close every connection."""
        self.forget()
        for poster in self._idle:
            poster.close()

    def forget(self) -> None:
        """Drop what is still to be sent, as the end of the service's process does."""
        # Those that are delayed are counted down when their time has come: they are posted all the same.
        self.in_transit -= len(self._waiting) + (self._held is not None)
        self._held = None
        self._waiting.clear()
        for task in self._tasks:
            task.cancel()

    def _swap(self, letter: _Letter, delay: float) -> None:
        if self._held is None:
            self._held = (letter, delay)
            # With no second one to be swapped with, it must not wait for ever.
            asyncio.get_running_loop().call_later(_HELD_AT_MOST, self._release, letter)
        else:
            self._enqueue(letter, delay)
            asyncio.get_running_loop().call_later(0.02, self._release, self._held[0])

    def _release(self, letter: _Letter) -> None:
        if self._held is not None and self._held[0] is letter:
            held, self._held = self._held, None
            self._enqueue(*held)

    def _enqueue(self, letter: _Letter, delay: float) -> None:
        if delay:
            asyncio.get_running_loop().call_later(delay, self._enqueue, letter, 0.0)
            return
        self._waiting.append(letter)
        if self._idle:
            self._run(self._idle.pop())
        elif self._opened < _SLOTS:
            self._opened += 1
            self._run(Poster())

    def _run(self, poster: Poster) -> None:
        task = asyncio.get_running_loop().create_task(self._drain(poster))
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._ended(task, poster))

    def _ended(self, task: asyncio.Task[None], poster: Poster) -> None:
        self._tasks.discard(task)
        if self._waiting:
            self._run(poster)
        else:
            self._idle.append(poster)

    async def _drain(self, poster: Poster) -> None:
        while self._waiting:
            entry, target = self._waiting.popleft()
            try:
                self._log.answer(entry, await poster.post(target, msgspec.json.encode(entry.body)))
            finally:
                self.in_transit -= 1
