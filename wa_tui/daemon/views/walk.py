"""The fleet in parts, for monitors that attach: each begins where the others are and goes round once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from wa_tui.model.registers import SessionKey

PART = 1_000
"""Sessions of a part: about a megabyte with their history."""

PARTS_KEPT = 8
"""Parts in memory for those who come a little later; who is further behind has them made anew."""


class _Made(NamedTuple):
    number: int
    part: asyncio.Future[bytes]


class Walk:
    """Goes through these sessions, round after round, as long as anybody is on a `Tour`.

    ``make`` returns a part, the inside of a list, as it is when it is made. That is enough, since whoever is on a tour
    is told afterwards what changed since it began; so all share a part whose tours began before it was made.
    """

    def __init__(
        self, keys: Sequence[SessionKey], make: Callable[[Sequence[SessionKey]], Awaitable[bytes]]
    ) -> None:
        self.parts = -(-len(keys) // PART)
        self._keys = keys
        self._make = make
        self._next = 0
        self._count = 0
        self._made: OrderedDict[int, _Made] = OrderedDict()

    def tour(self) -> Tour:
        """Return a tour that begins here and now."""
        return Tour(self, self._next, self._count)

    async def part(self, index: int, since: int) -> bytes:
        """Return a part that was made after ``since`` others; who goes away meanwhile keeps nobody from it."""
        made = self._made.get(index)
        if made is None or made.number < since:
            made = self._begin(index)
        try:
            return await asyncio.shield(made.part)
        except Exception:
            if self._made.get(index) is made:
                del self._made[index]
            raise

    def _begin(self, index: int) -> _Made:
        keys = self._keys[index * PART : (index + 1) * PART]
        made = _Made(self._count, asyncio.ensure_future(self._make(keys)))
        self._count += 1
        self._next = (index + 1) % self.parts
        self._made[index] = made
        self._made.move_to_end(index)
        if len(self._made) > PARTS_KEPT:
            self._made.popitem(last=False)
        return made


class Tour:
    """One monitor's way round; ``left`` is how many parts it lacks."""

    def __init__(self, walk: Walk, first: int, since: int) -> None:
        self.left = walk.parts
        self._walk = walk
        self._first = first
        self._since = since

    async def part(self) -> bytes:
        """Return the next part."""
        index = (self._first + self._walk.parts - self.left) % self._walk.parts
        self.left -= 1
        return await self._walk.part(index, self._since)
