"""How many connections there may be: what the store, the gateways and the daemon's own socket need is kept."""

from __future__ import annotations

import random
import resource
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from wa_tui.daemon.receiving.refusals import Refusals
from wa_tui.wire import RefusalKind

from .memory import Trimming

KEPT = 96
"""Descriptors for the store, the log, listeners, and connections until they are refused."""

PER_GATEWAY = 60
"""Connections to a gateway at most."""

SHOWN_S = 60.0
"""Seconds that a lack of room is shown after the last connection that had none."""

_SAMPLE = 64


@dataclass(frozen=True, slots=True)
class Descriptors:
    """What the files that the process may open are for."""

    most: int
    gateways: int

    @classmethod
    def of_process(cls, gateways: int) -> Descriptors:
        """Return those of this process, with so many gateways."""
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return cls(1 << 20 if soft == resource.RLIM_INFINITY else soft, gateways)

    @property
    def own(self) -> int:
        """Connections over the daemon's own socket."""
        return max(8, min(1024, self.most // 8))

    @property
    def tcp(self) -> int:
        """Connections over TCP."""
        gateways = min(PER_GATEWAY * self.gateways, self.most // 4)
        return max(8, self.most - self.own - gateways - min(KEPT, self.most // 4))


class Room:
    """The connections that a server has room for; ``over`` says where they come in."""

    def __init__(self, limit: int, over: str, descriptors: int) -> None:
        self.limit = limit
        self._over = over
        self._descriptors = descriptors
        self._refused = 0
        self._lacked_at = float("-inf")
        self._memory = Trimming()

    @classmethod
    def over_tcp(cls, descriptors: Descriptors) -> Room:
        """Return the room there is over TCP."""
        return cls(descriptors.tcp, "TCP", descriptors.most)

    @classmethod
    def on_socket(cls, descriptors: Descriptors) -> Room:
        """Return the room there is on the daemon's own socket."""
        return cls(descriptors.own, "the socket", descriptors.most)

    def lacks(self, now: float) -> None:
        """Note that there was none for a connection; ``now`` is the loop's time."""
        self._refused += 1
        self._lacked_at = now

    def stalled(self, refusals: Refusals, peer: str | None) -> None:
        """Note that a connection was cut off whose peer did not read: what waited for it may be much."""
        refusals.note(RefusalKind.UNREAD, peer)
        self._memory.soon()

    def notice(self, now: float) -> str | None:
        """Return what is short, if there was no room of late."""
        if now - self._lacked_at > SHOWN_S:
            return None
        return (
            f"all {self.limit} connections over {self._over} were taken, and {self._refused} had to be ended or "
            f"refused: this process may open {self._descriptors} files (`LimitNOFILE=` of its unit, `ulimit -n`)"
        )


class Replaceable(Protocol):
    """A connection that may be ended for another."""

    def rank(self) -> tuple[bool, float] | None:
        """Return how soon, lowest first; ``None`` for one that waits for us."""
        ...

    def give_way(self, *, is_new: bool) -> None:
        """End at once."""
        ...


def worst(connections: Collection[Any]) -> Replaceable | None:
    """Return the connection that is best ended for another: half a request, else the one idle for longest.

    Of many some are looked at. Those that are answered, and monitors, stay.
    """
    found = [*connections]
    if len(found) > _SAMPLE:
        found = random.sample(found, _SAMPLE)
    http: list[Replaceable] = [each for each in found if hasattr(each, "rank")]
    ranks = [(rank, number) for number, each in enumerate(http) if (rank := each.rank()) is not None]
    return http[min(ranks)[1]] if ranks else None
