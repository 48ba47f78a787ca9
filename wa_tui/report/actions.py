"""Who did what: actions with their outcomes, those of which there are many as numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from wa_tui.report.sums import Kept
from wa_tui.wire import Receipt

from .report import Action, Count, Key

MOST = 2_000
"""Actions that are named one by one."""

_MOST_KNOWN = 5_000
_COUNTED = ("send", "send_media")
_TAKING = frozenset({"acknowledge", "snooze"})
_STARTING = frozenset({"reconnect", "restart", "refresh_qr", "pairing_code", "new"})
"""What takes a session down to start it."""
_HEAL = "heal"


class Actions:
    """Takes receipts, the newest first; healing's and messages are only counted, there being thousands."""

    def __init__(self) -> None:
        self.kept: Kept[Action] = Kept(MOST, lambda deed: deed.at.timestamp())
        self.deleted: dict[Key, datetime] = {}
        """When sessions were deleted last."""
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._known: dict[Key, list[Receipt]] = {}
        """Of each, what was done that explains something else."""
        self._room = _MOST_KNOWN

    def apply(self, receipts: Iterable[Receipt]) -> None:
        """Take in receipts that are older than those before."""
        for receipt in receipts:
            if receipt.who == _HEAL or receipt.action in _COUNTED:
                self._counts[receipt.who, receipt.action, receipt.outcome] += 1
            else:
                self._apply(receipt)

    def counts(self) -> list[Count]:
        """Return what there are numbers of."""
        return [
            Count(who=who, action=action, outcome=outcome, number=number)
            for (who, action, outcome), number in sorted(self._counts.items())
        ]

    def taker(self, key: Key, begin: datetime, end: datetime) -> Receipt | None:
        """Return the first in a time that said who takes care of one, or put it off."""
        taking = [
            each
            for each in self._known.get(key, ())
            if each.action in _TAKING and begin <= each.accepted_at <= end
        ]
        return min(taking, key=lambda each: each.accepted_at, default=None)

    def starter(self, key: Key, at: datetime) -> Receipt | None:
        """Return what somebody did to one at an instant that takes it down for a while."""
        starting = (
            each
            for each in self._known.get(key, ())
            if each.action in _STARTING
            and each.accepted_at <= at
            and (each.ended_at is None or at <= each.ended_at)
        )
        return next(starting, None)

    def _apply(self, receipt: Receipt) -> None:
        key = (receipt.gateway or "", receipt.session_id)
        self.kept.add(
            Action(
                at=receipt.accepted_at,
                who=receipt.who,
                action=receipt.action,
                gateway=receipt.gateway,
                session_id=receipt.session_id,
                outcome=receipt.outcome,
                ended_at=receipt.ended_at,
                text=receipt.text,
            )
        )
        if receipt.action in _TAKING | _STARTING and self._room:
            self._room -= 1
            self._known.setdefault(key, []).append(receipt)
        if receipt.action == "delete" and receipt.outcome == "verified" and receipt.ended_at is not None:
            self.deleted.setdefault(key, receipt.ended_at)
