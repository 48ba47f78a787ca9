"""Gateways of another kind than the configuration says: what they answer looks like a wrong key, or like a proxy."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from wa_tui.gateways import (
    Adapter,
    Garbled,
    GatewayError,
    NoAnswer,
    Place,
    Refused,
    Unauthorised,
    Unreachable,
)
from wa_tui.gateways.recognising import is_due, recognised
from wa_tui.identity.kinds import TITLES, GatewayKind

_ODD = (Garbled, Refused, Unauthorised)
"""What a health check may come to where another kind answers."""


PROMPTLY = 3.0
"""Seconds in which a gateway says what it is: the health check that waits for that is to say that it is down."""


class Explanation(NamedTuple):
    """Why a health check was not understood, and what to do."""

    detail: str
    advice: str


class OtherKinds:
    """Asks what a gateway is whose health check was not understood, ever more seldom.

    ``place`` returns where a gateway is, ``None`` for one whose kind nobody set.
    """

    def __init__(self, place: Callable[[str], Place | None], adapters: Mapping[GatewayKind, Adapter]) -> None:
        self._place = place
        self._adapters = adapters
        self._odd: Counter[str] = Counter()
        self._found: dict[str, GatewayKind] = {}

    def understood(self, gateway: str) -> None:
        """Note that a gateway answered as its kind does, or that nothing answered: another may, later."""
        self._odd.pop(gateway, None)
        self._found.pop(gateway, None)

    def is_other(self, gateway: str) -> bool:
        """Tell whether another kind than it is said to be was found there."""
        return gateway in self._found

    async def explanation(
        self, gateway: str, kind: GatewayKind | None, error: GatewayError
    ) -> Explanation | None:
        """Return that a gateway is of another kind, where that is why its health check failed."""
        if not isinstance(error, _ODD):
            self.understood(gateway)
            return None
        if (place := self._place(gateway)) is None or kind is None:
            return None
        if is_due(self._odd[gateway]):
            await self._ask(gateway, kind, place)
        self._odd[gateway] += 1
        if (found := self._found.get(gateway)) is None:
            return None
        return Explanation(
            f"{TITLES[found]} answers there, which is no {TITLES[kind]}",
            f'set kind = "{found}" for {gateway} in the configuration, and restart the daemon',
        )

    async def _ask(self, gateway: str, kind: GatewayKind, place: Place) -> None:
        """Ask what it is; the kind that it is said to be first, since with a wrong key it is that all the same."""
        others = [adapter for adapter in self._adapters.values() if adapter.kind is not kind]
        self._found.pop(gateway, None)
        try:
            async with asyncio.timeout(PROMPTLY):
                found = await recognised(place, [self._adapters[kind], *others])
        except (NoAnswer, Unreachable, TimeoutError):
            return
        if found is not None and found is not kind:
            self._found[gateway] = found
