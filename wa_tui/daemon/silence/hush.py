"""Gateways whose sessions are all silent together: that is their trouble, or their webhooks', and makes no ghosts."""

from __future__ import annotations

import logging
from collections.abc import Container
from dataclasses import dataclass, field

from wa_tui.model.registers import length
from wa_tui.model.rhythm import HALF, Rhythm
from wa_tui.model.suspicion import ENOUGH_OTHERS, FLEETWIDE, SHORTEST_CALL
from wa_tui.wire import Attention, AttentionCode

from ..recording.recorder import Recorder

log = logging.getLogger("wa_tui.silence")

STRETCH = 50
"""Sessions that are looked at at a stretch."""


@dataclass(slots=True)
class Hush:
    """How silent the sessions of a gateway are that have a rhythm, at an instant; ``now`` and ``since`` are local."""

    now: int
    rhythms: list[Rhythm] = field(default_factory=list)
    since: int = 0
    """Since when all are silent: the newest sign of any."""
    heard: int = 0
    """When a message last went through any of them, since the epoch."""
    is_whole: bool = True
    """Whether each is silent for longer than is usual for it, also where WhatsApp's server says that it is fine."""

    def add(self, rhythm: Rhythm, since: int, heard: int) -> None:
        """Take a session in that is silent since then, and had its last message when it is said to be ``heard``."""
        self.rhythms.append(rhythm)
        self.since, self.heard = max(self.since, since), max(self.heard, heard)
        self.is_whole = self.is_whole and self.now >= rhythm.due(since)

    @property
    def has_many(self) -> bool:
        """Whether they are so many that one may conclude from all of them."""
        return len(self.rhythms) > ENOUGH_OTHERS


class GatewayHushes:
    """Knows of which gateways nothing at all is heard, and calls a person where that goes on."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._called: dict[str, tuple[int, Attention]] = {}
        """When the last message had been when a person was called, since the epoch."""

    def attention(self, gateway: str) -> list[Attention]:
        """Return whether a gateway needs a person since nothing is heard of its messages."""
        return [self._called[gateway][1]] if gateway in self._called else []

    def keep(self, gateways: Container[str]) -> None:
        """Forget all other gateways: they have no session any more whose messages would be heard of."""
        for gone in [name for name in self._called if name not in gateways]:
            del self._called[gone]

    def step(self, by: int) -> None:
        """Follow a step of the clock: what was heard is dated otherwise."""
        self._called = {name: (heard + by, need) for name, (heard, need) in self._called.items()}

    async def judge(self, gateway: str, hush: Hush) -> bool:
        """Tell whether all of a gateway's sessions are silent together; a person is called, or not any longer."""
        called = self._called.get(gateway)
        if called is not None and hush.has_many and hush.heard <= called[0]:
            # Whatever is started anew meanwhile.
            return True
        if called is not None:
            del self._called[gateway]
            log.info("Messages of %s are heard of again", gateway)
        if not (hush.has_many and hush.is_whole):
            return False
        if await self._lasts(hush):
            self._call(gateway, hush)
        return True

    async def _lasts(self, hush: Hush) -> bool:
        """Tell whether so long a silence of all is no chance; a night is no part of it."""
        stirs, is_long = 0.0, False
        async for stretch in self._recorder.stretches(hush.rhythms, STRETCH):
            stirs += sum(rhythm.expected(hush.since, hush.now) for rhythm in stretch)
            began = min(rhythm.reached(hush.since, HALF) for rhythm in stretch)
            is_long = is_long or hush.now - began >= SHORTEST_CALL
            if is_long and stirs >= FLEETWIDE:
                return True
        return False

    def _call(self, gateway: str, hush: Hush) -> None:
        number, silence = len(hush.rhythms), length(hush.now - hush.since)
        need = Attention(
            code=AttentionCode.GATEWAY_SILENT,
            text=f"no message of any of its {number} busy sessions is heard of for more than {silence}",
            action=f"see whether its webhooks about messages come in: wa-tui gateways setup {gateway}",
        )
        self._called[gateway] = hush.heard, need
        log.warning("%s: %s", gateway, need.sentence)
