"""Tells what kind of gateway listens at a place, by each kind's own question."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from wa_tui.identity.kinds import GatewayKind

from .adapter import Adapter, Place
from .errors import GatewayError, NoAnswer, Unreachable

logger = logging.getLogger(__name__)

WITHIN = 20.0
"""Seconds that it takes at most to ask what a gateway is."""

RAREST = 32
"""Health checks between two times that a gateway is asked which nobody knew."""


def is_due(checks: int) -> bool:
    """Tell whether to ask again after so many health checks: what was no known kind twice will hardly be one now."""
    return checks.bit_count() <= 1 or checks % RAREST == 0


async def recognised(place: Place, adapters: Iterable[Adapter]) -> GatewayKind | None:
    """Return the first kind that listens at a place, ``None`` for none of them.

    One that does not answer a kind's question may be of another. Raises `NoAnswer`, `Unreachable`, `TimeoutError`.
    """
    silence: NoAnswer | None = None
    async with asyncio.timeout(WITHIN):
        for adapter in adapters:
            try:
                if await adapter.recognise(place):
                    return adapter.kind
            except NoAnswer as error:
                silence = error
            except Unreachable:
                raise
            except GatewayError as error:
                logger.debug("Gateway %s is no %s: %s", place.name, adapter.kind, error)
    if silence is not None:
        raise silence
    return None
