"""What calls a person now, what was told of it, and what is to be told: no I/O, no clock of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wa_tui.model.registers import SECOND
from wa_tui.wire.needs import Ended, NeedChange, NeedView


@dataclass(frozen=True, slots=True)
class Holds:
    """How long something must stand, or be over, before it is told; in milliseconds.

    What comes and goes within that is never told: a person who is called for nothing listens no more.
    """

    begins: int = 10 * SECOND
    ends: int = 60 * SECOND

    def of(self, ended: Ended) -> int:
        """Return how long an end must last. A person's word is no flapping: it is told at once."""
        match ended:
            case Ended.OVER:
                return self.ends
            case Ended.CHANGED:
                # Together with what it changed to.
                return self.begins
        return 0


class Ledger:
    """Needs by key; ``told`` is what was told before, ``unsure`` the keys of those that may have been, or may
    have been told to end: their begin is told again, and so is their end. Times are in milliseconds of a clock
    that never steps.
    """

    def __init__(self, announced: Iterable[NeedView], holds: Holds, unsure: Iterable[str] = ()) -> None:
        self._holds = holds
        self._announced = {need.key: need for need in announced}
        self._unsure = {*unsure}
        self._giving: set[str] = set()
        """What the run under way alone made unsure."""
        self._calling: dict[str, NeedView] = {}
        self._begun: dict[str, int] = {}
        """What stands and was not told, since when."""
        self._gone: dict[str, tuple[int, Ended]] = {}
        """What was told and stands no more, since when and why."""

    @property
    def calling(self) -> int:
        """How many things call a person now."""
        return len(self._calling)

    def announced(self) -> list[NeedView]:
        """Return what was told to begin, and not yet to end, or may have been: what must outlive a restart."""
        return [*self._announced.values()]

    def unsure(self) -> list[str]:
        """Return the keys of what is told of which nobody knows whether it was taken."""
        return sorted(self._unsure)

    def know_all(self, now: int) -> None:
        """Take in that all there is was looked at: what was told before and does not stand is over."""
        for key in self._announced.keys() - self._calling.keys() - self._gone.keys():
            self._gone[key] = now, Ended.OVER

    def begin(self, need: NeedView, now: int) -> None:
        """Take in that something calls a person; again is fine."""
        self._gone.pop(need.key, None)
        if need.key in self._calling:
            return
        self._calling[need.key] = need
        if need.key not in self._announced or need.key in self._unsure:
            self._begun[need.key] = now

    def end(self, key: str, ended: Ended, now: int) -> None:
        """Take in that something calls nobody any more; it may be unknown."""
        self._calling.pop(key, None)
        self._begun.pop(key, None)
        if key in self._announced:
            since, _ = self._gone.get(key, (now, ended))
            self._gone[key] = since, ended

    def due(self, now: int) -> list[NeedChange]:
        """Return what is to be told now: begins by urgency, then ends."""
        begins = (self._calling[key] for key, at in self._begun.items() if now - at >= self._holds.begins)
        ends = (
            self._announced[key] for key, (at, why) in self._gone.items() if now - at >= self._holds.of(why)
        )
        return [
            *(NeedChange(event="begins", need=need) for need in sorted(begins, key=_rank)),
            *(
                NeedChange(event="ends", need=need, ended=self._gone[need.key][1])
                for need in sorted(ends, key=_rank)
            ),
        ]

    def give(self, changes: Iterable[NeedChange]) -> None:
        """Take in that these are being told: until `took` or `refused` nobody knows whether they are."""
        self._giving.clear()
        for change in changes:
            key = change.need.key
            if key not in self._unsure:
                self._giving.add(key)
                self._unsure.add(key)
            if change.event == "begins":
                self._announced.setdefault(key, change.need)

    def refused(self, changes: Iterable[NeedChange]) -> None:
        """Take in that these were surely not told."""
        for change in changes:
            key = change.need.key
            if key not in self._giving:
                continue
            self._unsure.discard(key)
            if change.event == "begins":
                self._announced.pop(key, None)
                self._gone.pop(key, None)
            else:
                self._begun.pop(key, None)

    def took(self, changes: Iterable[NeedChange], now: int) -> None:
        """Take in that these were told; what they tell of may have changed meanwhile."""
        for change in changes:
            key = change.need.key
            self._unsure.discard(key)
            if change.event == "begins":
                self._announced[key] = change.need
                if self._begun.pop(key, None) is None:
                    self._gone.setdefault(key, (now, Ended.OVER))
            else:
                self._announced.pop(key, None)
                if self._gone.pop(key, None) is None and key in self._calling:
                    self._begun[key] = now


def _rank(need: NeedView) -> tuple[object, ...]:
    return need.rank
