"""The orders that the grid can have, and sessions kept in one by what changed alone."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from enum import StrEnum

from wa_tui.filters.sessions import Filter
from wa_tui.tui.style.ribbon import uptime
from wa_tui.wire import AttentionCode, Condition, Priority, SessionKey, SessionView, TrafficView, priority_key

SortKey = tuple[object, ...]
"""The key that sorts a session; keys of one order compare, and no two sessions have the same."""

_NUMBER = re.compile(r"[0-9]{1,18}")
_LAST = "\uffff"
_KEPT = 4
"""Rankings that are kept."""
_MANY = 8
"""A change of more than one in so many is sorted as a whole, …"""
_FEW = 64
"""… and so is one of more than so many: each that is put in by itself moves half of all the others."""


class Order(StrEnum):
    """What the rows are sorted by; the value is what the title line calls it."""

    TROUBLE = "trouble first"
    INSTANCE = "by instance"
    PHONE = "by phone"
    GATEWAY = "by gateway"
    AGE = "newest change first"
    UPTIME = "lowest uptime first"
    PROVEN = "oldest proof first"
    USER = "by user"
    USED = "last used first"
    RECEIVED = "most received first"
    SENT = "most sent first"
    ACKED = "most acknowledged first"
    DELIVERED = "most delivered first"
    FAILED = "most failed first"
    TRAFFIC = "busiest day first"
    HOUR = "busiest hour first"
    LAST = "newest message first"
    DROPS = "most drops first"
    WHY = "by reason"

    @property
    def rises(self) -> bool:
        """Whether what the column shows grows from row to row; trouble falls, and so does the age of proofs."""
        return self not in _FALLING

    @property
    def ages(self) -> bool:
        """Whether it changes as time goes by; traffic moves with the minute."""
        return self is Order.UPTIME or self in _OF_TRAFFIC


_BY_NUMBER = (
    *(Order.RECEIVED, Order.SENT, Order.ACKED, Order.DELIVERED, Order.FAILED),
    *(Order.TRAFFIC, Order.HOUR),
)
_OF_TRAFFIC = (*_BY_NUMBER, Order.LAST)
_FALLING = (Order.TROUBLE, Order.PROVEN, Order.DROPS, *_BY_NUMBER)


def sort_key(
    session: SessionView, found: Condition, priority: Priority, order: Order, now: datetime
) -> SortKey:
    """Return what a session is sorted by; keys of one order compare with one another."""
    if order is Order.TROUBLE:
        return priority_key(session, found, priority)
    name = (session.label.casefold(), session.gateway, session.session_id)
    if order is Order.UPTIME:
        share = uptime(session.history, (), now)
        return (101.0 if share is None else share, *name)
    return (*_SORTED_BY[order](session), *name)


_SORTED_BY: dict[Order, Callable[[SessionView], SortKey]] = {
    Order.INSTANCE: lambda session: (),
    Order.PHONE: lambda session: (session.phone_number or _LAST,),
    Order.GATEWAY: lambda session: (session.gateway,),
    Order.AGE: lambda session: (_newest(session.status_since),),
    Order.PROVEN: lambda session: _oldest_proof(session),
    Order.USER: lambda session: user_place(session.user_id),
    Order.USED: lambda session: (_newest(session.used_at),),
    Order.DROPS: lambda session: (-session.drops,),
    Order.RECEIVED: lambda session: _most(_traffic(session).received),
    Order.SENT: lambda session: _most(_traffic(session).sent),
    Order.ACKED: lambda session: _most(_traffic(session).acked),
    Order.DELIVERED: lambda session: _most(_traffic(session).delivered),
    Order.FAILED: lambda session: _most(_traffic(session).failed),
    Order.TRAFFIC: lambda session: _most(_traffic(session).day),
    Order.HOUR: lambda session: (*_most(_traffic(session).through), *_most(_traffic(session).day)),
    Order.LAST: lambda session: (_newest(_traffic(session).last_at),),
    Order.WHY: lambda session: _reason(session),
}


def _reason(session: SessionView) -> SortKey:
    """By what a person is needed for, then by what else there is to say."""
    code = session.attention.code if session.attention is not None else None
    return (code.urgency if code is not None else len(AttentionCode), session.reason or _LAST)


def _newest(at: datetime | None) -> float:
    return -at.timestamp() if at is not None else 0.0


_NO_TRAFFIC = TrafficView()


def _traffic(session: SessionView) -> TrafficView:
    return session.traffic if session.traffic is not None else _NO_TRAFFIC


def _most(number: int | None) -> SortKey:
    """What is not told comes last, after those that have none."""
    return (number is None, -(number or 0))


def _oldest_proof(session: SessionView) -> tuple[bool, float]:
    """What has no proof to show comes last."""
    proven = session.proven_at is not None and session.status == "connected"
    return (not proven, -_newest(session.proven_at))


def user_place(user: str | None) -> tuple[int, int, str]:
    """Return where a user stands among others: numbers before names before none."""
    if user is None:
        return (2, 0, "")
    return (0, int(user), user) if _NUMBER.fullmatch(user) else (1, 0, user)


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
        """Sessions at the last call of `keys`."""
        return len(self._order)

    def begin_with(self, wider: Ranking, admits: Callable[[SessionKey], bool]) -> None:
        """Take over what ``admits`` lets through of another ranking in the same order, without sorting anew."""
        # Brings it up to date: what it has not taken in yet would be missing here for good.
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
        if len(touched) > _FEW or len(touched) * _MANY > len(self._ranks):
            moved = self._sort(touched)
        else:
            moved = sum(self._place(key) for key in touched) > 0
        if moved:
            self._shown = list(self._order)
        return self._shown

    def _place(self, key: SessionKey) -> bool:
        """Bring one session to its place by bisection; return whether it moved."""
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
        """Take out what moved and merge it in anew: what stays is in order, and is not sorted again."""
        gone, come = set[SessionKey](), list[SessionKey]()
        for key in touched:
            new, old = self._rank(key), self._ranks.get(key)
            if new == old:
                continue
            if old is not None:
                gone.add(key)
                del self._ranks[key]
            if new is not None:
                come.append(key)
                self._ranks[key] = new
        if not gone and not come:
            return False
        rank = self._ranks.__getitem__
        come.sort(key=rank)
        # A gateway that returns moves all of its sessions: put in one by one, each of a thousand moved half a million
        # references at 100,000 sessions. Two runs that are in order each are merged by sorted() in one pass.
        kept = [key for key in self._order if key not in gone]
        self._order = sorted([*kept, *come], key=rank) if kept else come
        self._sorted = [self._ranks[key] for key in self._order]
        return True


class Rankings:
    """The rankings of the last few filters and orders; one that narrows another asks only for what that admits.

    ``rank`` says where a session belongs, ``None`` where the filter does not admit it.
    """

    def __init__(
        self,
        rank: Callable[[SessionKey, Filter, Order], SortKey | None],
        admits: Callable[[SessionKey, Filter], bool],
    ) -> None:
        self._rank = rank
        self._admits = admits
        self._kept: dict[tuple[Filter, Order], Ranking] = {}

    def keys(self, chosen: Filter, order: Order, sessions: Iterable[SessionKey]) -> list[SessionKey]:
        """Return those of all ``sessions`` that a filter admits, in an order."""
        ranking = self._kept.pop((chosen, order), None) or self._made(chosen, order, sessions)
        # Taken out and put in again: the one used longest ago is the first to go.
        self._kept[chosen, order] = ranking
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return ranking.keys()

    def touch(self, moved: Collection[SessionKey], aged: Collection[SessionKey]) -> None:
        """Note which sessions changed or stand otherwise than before, and which are older than before."""
        for (chosen, order), ranking in self._kept.items():
            ranking.touch(moved)
            if chosen.ages or order.ages:
                ranking.touch(aged)

    def _made(self, chosen: Filter, order: Order, sessions: Iterable[SessionKey]) -> Ranking:
        ranking = Ranking(lambda key: self._rank(key, chosen, order))
        wider = [one for (other, by), one in self._kept.items() if by is order and chosen.narrows(other)]
        if wider:
            ranking.begin_with(min(wider, key=lambda one: one.size), lambda key: self._admits(key, chosen))
        else:
            ranking.touch(sessions)
        return ranking
