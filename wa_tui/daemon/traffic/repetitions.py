"""Which messages were counted in the last hour, so that one that is told again is no second one."""

from __future__ import annotations

from wa_tui.model.registers import HOUR

KEPT = HOUR
"""How long one is remembered at least, in milliseconds, unless there are too many."""

MOST = 200_000
"""That are remembered in each of two generations: some 10 MB together."""


class Repetitions:
    """Remembers digests of what was counted, in memory alone: the ids themselves are kept nowhere."""

    def __init__(self) -> None:
        self._young: set[int] = set()
        self._old: set[int] = set()
        self._since = 0

    def is_new(self, now: int, *what: object) -> bool:
        """Tell whether that was not counted lately, and remember it; ``now`` is monotonic, in milliseconds."""
        if now - self._since > KEPT or len(self._young) >= MOST:
            self._old, self._young, self._since = self._young, set(), now
        digest = hash(what)
        if digest in self._young or digest in self._old:
            return False
        self._young.add(digest)
        return True

    def has(self, *what: object) -> bool:
        """Tell whether that was counted lately, and remember nothing."""
        digest = hash(what)
        return digest in self._young or digest in self._old
