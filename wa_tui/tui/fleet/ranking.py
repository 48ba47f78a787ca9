"""Sessions in an order, kept so by what changed alone."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable

from wa_tui.tui.fleet.assessment import SessionKey
from wa_tui.tui.fleet.order import SortKey

_MANY = 8
"""A change of more than one in so many is sorted as a whole."""


class Ranking:
    """The sessions that one filter admits in one order; ``rank`` says where a session belongs, or not at all."""

    def __init__(self, rank: Callable[[SessionKey], SortKey | None]) -> None:
        self._rank = rank
        self._ranks: dict[SessionKey, SortKey] = {}
        self._sorted: list[SortKey] = []
        self._order: list[SessionKey] = []
        self._touched: set[SessionKey] = set()
        self._shown: list[SessionKey] = []

    @property
    def size(self) -> int:
        """How many there were when they were last asked for."""
        return len(self._order)

    def begin_with(self, wider: Ranking, admits: Callable[[SessionKey], bool]) -> None:
        """Take those that ``admits`` from another one in the same order: nobody else is asked for, nothing sorted."""
        wider.keys()
        self._ranks = {key: wider._ranks[key] for key in wider._order if admits(key)}
        self._order, self._sorted = list(self._ranks), list(self._ranks.values())
        self._shown = list(self._order)

    def touch(self, keys: Iterable[SessionKey]) -> None:
        """Note that these sessions came, changed or went."""
        self._touched.update(keys)

    def keys(self) -> list[SessionKey]:
        """Return the sessions in order; the same list while nothing moved."""
        touched, self._touched = self._touched, set()
        if len(touched) * _MANY > len(self._ranks):
            moved = self._sort(touched)
        else:
            moved = sum(self._place(key) for key in touched) > 0
        if moved:
            self._shown = list(self._order)
        return self._shown

    def _place(self, key: SessionKey) -> bool:
        """Bring one session to its place, by bisection; tell whether it moved."""
        new, old = self._rank(key), self._ranks.get(key)
        if new == old:
            return False
        if old is not None:
            at = bisect_left(self._sorted, old)
            del self._sorted[at], self._order[at], self._ranks[key]
        if new is not None:
            at = bisect_left(self._sorted, new)
            self._sorted.insert(at, new)
            self._order.insert(at, key)
            self._ranks[key] = new
        return True

    def _sort(self, touched: set[SessionKey]) -> bool:
        moved = False
        for key in touched:
            new = self._rank(key)
            if new != self._ranks.get(key):
                moved = True
                if new is None:
                    del self._ranks[key]
                else:
                    self._ranks[key] = new
        if moved:
            self._order = sorted(self._ranks, key=self._ranks.__getitem__)
            self._sorted = [self._ranks[key] for key in self._order]
        return moved
