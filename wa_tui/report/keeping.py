"""Lists that stay small: what matters most is kept, the rest is counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """At most ``most`` items with the highest ``weight``; ``left_out`` counts the others."""

    def __init__(self, most: int, weight: Callable[[T], float]) -> None:
        self._count = 0
        self._most = most
        self._weight = weight
        self._items: list[T] = []

    def add(self, item: T) -> None:
        """Take in one more."""
        self._count += 1
        self._items.append(item)
        if len(self._items) > 2 * self._most:
            self._cut()

    @property
    def left_out(self) -> int:
        """How many are not kept."""
        return max(0, self._count - self._most)

    def items(self) -> list[T]:
        """Return what is kept, in no order."""
        self._cut()
        return list(self._items)

    def _cut(self) -> None:
        if len(self._items) > self._most:
            self._items.sort(key=self._weight, reverse=True)
            del self._items[self._most :]
