"""What a report comes to, and lists in it that stay small: what matters most is kept, the rest is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from wa_tui.wire import GatewayView, UserId

from .report import GatewaySum, Need, Outage, UserSum

T = TypeVar("T")


class Kept(Generic[T]):
    """At most ``most`` items with the highest ``weight``; ``left_out`` counts the others."""

    def __init__(self, most: int, weight: Callable[[T], float]) -> None:
        self._count = 0
        self._most = most
        self._weight = weight
        self._items: list[T] = []

    def add(self, item: T) -> None:
        """Take in an item; of too many the lightest go."""
        self._count += 1
        self._items.append(item)
        # Sorted once in so many, not at each: a year of a large fleet has millions.
        if len(self._items) > 2 * self._most:
            self._cut()

    @property
    def left_out(self) -> int:
        """How many were taken in and are not among `items`."""
        return max(0, self._count - self._most)

    def items(self) -> list[T]:
        """Return what is kept, in no order."""
        self._cut()
        return list(self._items)

    def _cut(self) -> None:
        if len(self._items) > self._most:
            self._items.sort(key=self._weight, reverse=True)
            del self._items[self._most :]


class Sums:
    """Adds outages and needs up, by gateway and by user; seconds are those within the report."""

    def __init__(self) -> None:
        self._own: Counter[str] = Counter()
        self._own_s: Counter[str] = Counter()
        self._hit: set[tuple[str, str | None]] = set()
        self._hit_at: Counter[str] = Counter()
        self._hit_of: Counter[UserId | None] = Counter()
        self._at: Counter[str] = Counter()
        self._at_s: Counter[str] = Counter()
        self._of: Counter[UserId | None] = Counter()
        self._of_s: Counter[UserId | None] = Counter()
        self._needs: Counter[UserId | None] = Counter()

    def add_outage(self, outage: Outage) -> None:
        """Add an outage to its gateway, and a session's to its user as well."""
        gateway, user = outage.gateway, outage.user_id
        if outage.session_id is None:
            self._own[gateway] += 1
            self._own_s[gateway] += outage.down_s
            return
        # A session that is lost ten times is one that was hit.
        if outage.key not in self._hit:
            self._hit.add(outage.key)
            self._hit_at[gateway] += 1
            self._hit_of[user] += 1
        self._at[gateway] += 1
        self._at_s[gateway] += outage.down_s
        self._of[user] += 1
        self._of_s[user] += outage.down_s

    def add_need(self, need: Need) -> None:
        """Add a session's need to its user; a gateway's is nobody's."""
        if need.session_id is not None:
            self._needs[need.user_id] += 1

    def by_gateway(self, gateways: Iterable[GatewayView]) -> list[GatewaySum]:
        """Return each gateway's sums, those there are and those that only were."""
        known = {gateway.name: gateway for gateway in gateways}
        names = [*known, *sorted((self._own.keys() | self._at.keys()) - known.keys())]
        return [
            GatewaySum(
                gateway=name,
                state=known[name].state if name in known else None,
                sessions=known[name].sessions if name in known else 0,
                outages=self._own[name],
                down_s=self._own_s[name],
                sessions_hit=self._hit_at[name],
                session_outages=self._at[name],
                session_down_s=self._at_s[name],
            )
            for name in names
        ]

    def by_user(self) -> list[UserSum]:
        """Return the sums of each user who lost anything, who lost most first."""
        users = [*self._of.keys(), *(user for user in self._needs if user not in self._of)]
        sums = [
            UserSum(
                user_id=user,
                sessions_hit=self._hit_of[user],
                outages=self._of[user],
                down_s=self._of_s[user],
                needs=self._needs[user],
            )
            for user in users
        ]
        return sorted(sums, key=lambda each: (-each.down_s, -each.needs, each.user_id or ""))
