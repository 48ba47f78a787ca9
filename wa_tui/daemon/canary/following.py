"""Follows one message by its id: to WhatsApp's server, and to the other session. What it says is nowhere looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from wa_tui.gateways import Capability, GatewayClient, GatewayError
from wa_tui.gateways.reading.traffic import bare_id
from wa_tui.model.registers import SECOND, SessionKey
from wa_tui.model.traffic import Flow

from ..clock import Clock
from ..traffic import Traffic

LOOK = 0.5
"""Seconds between two looks at first."""

RARELY = 5.0
"""Seconds between two looks in the end: each may be a question to a gateway."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message was in a flow, so many seconds after it was sent.

    ``counted``: the flow had one more message, and nobody says which: it may be another one.
    """

    after: float
    counted: bool = False


class Following:
    """One message, from before it is sent: what was counted by then is not it."""

    def __init__(
        self,
        ends: tuple[tuple[SessionKey, Flow], ...],
        clients: Mapping[str, GatewayClient],
        traffic: Traffic,
        clock: Clock,
    ) -> None:
        self._clients = clients
        self._traffic = traffic
        self._clock = clock
        self._before = {end: self._counts(*end) for end in ends}
        self._began = clock.monotonic()
        self.trouble: dict[str, GatewayError] = {}
        """Why a gateway could not be asked last."""

    def tells(self, key: SessionKey, flow: Flow) -> bool:
        """Tell whether anything is told of a flow at all."""
        return self._can_be_asked(key) or flow in self._traffic.flows(key.gateway)

    async def seen(self, key: SessionKey, flow: Flow, message_id: str | None, patience: int) -> Seen | None:
        """Return when a flow had the message; ``None`` where it had not within so many milliseconds, or tells none."""
        while self.tells(key, flow):
            elapsed = self._clock.monotonic() - self._began
            if (found := await self.now(key, flow, message_id)) is not None:
                return found
            if elapsed >= patience:
                break
            await asyncio.sleep(max(LOOK, min(RARELY, elapsed / SECOND / 10)))
        return None

    async def now(self, key: SessionKey, flow: Flow, message_id: str | None) -> Seen | None:
        """Return whether a flow had the message by now."""
        named = bare_id(message_id)
        if named is not None and await self._has(key, flow, named):
            return self._seen()
        if named is not None and self._can_be_asked(key):
            return None
        unnamed, last = self._counts(key, flow)
        unnamed_before, last_before = self._before[key, flow]
        # Where messages have names, only one without may have been it, unless nobody knows its own.
        has_more = unnamed != unnamed_before or (named is None and last != last_before)
        return self._seen(counted=True) if has_more else None

    async def _has(self, key: SessionKey, flow: Flow, message_id: str) -> bool:
        if not self._can_be_asked(key):
            return self._traffic.has(key, flow, message_id)
        try:
            flows = await self._clients[key.gateway].ask_message(key.session_id, message_id)
        except GatewayError as error:
            self.trouble[key.gateway] = error
            return False
        self.trouble.pop(key.gateway, None)
        return flow in flows

    def _can_be_asked(self, key: SessionKey) -> bool:
        client = self._clients.get(key.gateway)
        return client is not None and Capability.MESSAGE_CHECK in client.capabilities

    def _counts(self, key: SessionKey, flow: Flow) -> tuple[int, int]:
        return self._traffic.unnamed(key, flow), self._traffic.last(key, flow)

    def _seen(self, *, counted: bool = False) -> Seen:
        return Seen((self._clock.monotonic() - self._began) / SECOND, counted)
