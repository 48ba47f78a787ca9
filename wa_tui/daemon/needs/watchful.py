"""Tells those who watch when a gateway, or the daemon itself, begins to need a person, and when it does no more.

What they need is asked for, not announced: a job that stopped, or a store that takes nothing, publishes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from wa_tui.wire import Attention, AttentionCode, DaemonView, RefusedView

from ..recording.bus import Bus
from ..recording.change import Change

LOOKED_EVERY = 1.0
"""Seconds between two looks."""

REFUSED_EVERY = 10
"""Looks after which it is told how much was refused: that may grow all the time, and calls nobody."""

Needs = dict[str | None, frozenset[AttentionCode]]
"""What each gateway needs a person for, and the daemon under ``None``."""


class Watchful:
    """Looks again and again at what needs a person."""

    def __init__(
        self,
        bus: Bus,
        gateways: Collection[str],
        gateway: Callable[[str], list[Attention]],
        daemon: Callable[[], DaemonView],
    ) -> None:
        self._bus = bus
        self._gateways = gateways
        self._gateway = gateway
        self._daemon = daemon
        self._known: Needs = {}
        self._notices: list[str] = []
        self._refused: list[RefusedView] = []
        self._looks = 0

    async def look(self) -> None:
        """Tell what changed since the last look."""
        daemon = self._daemon()
        now: Needs = {name: _codes(self._gateway(name)) for name in self._gateways}
        now[None] = _codes(daemon.attention)
        changed = {name for name, codes in now.items() if codes != self._known.get(name, frozenset())}
        said = daemon.notices != self._notices
        self._looks += 1
        if self._looks % REFUSED_EVERY == 0:
            said = said or daemon.refused != self._refused
            self._refused = daemon.refused
        self._known, self._notices = now, daemon.notices
        if changed or said:
            gateways = {name for name in changed if name is not None}
            self._bus.show(Change(shown=gateways, daemon=said or None in changed))


def _codes(needs: list[Attention]) -> frozenset[AttentionCode]:
    return frozenset(each.code for each in needs)
