"""Sequences of requests on one connection: each is answered once, in order, by its own right, and taken in once.

`WA_TUI_SEQUENCES=20000` tries as many, `WA_TUI_SEQUENCES_SEED=…` repeats a failed run.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections import Counter

import pytest

from tests.daemon.inside import QUIET, Inside, inside, on_uvloop, sockets
from tests.daemon.running import KEY
from tests.daemon.waiting import until
from wa_tui.config import GatewayConfig
from wa_tui.daemon.recording.change import Change

from .exchange import Manner, Wrong, exchange
from .requests import Ids, Sent, sequence

SEQUENCES = int(os.environ.get("WA_TUI_SEQUENCES", "300"))
SEED = int(os.environ.get("WA_TUI_SEQUENCES_SEED", "0")) or random.SystemRandom().getrandbits(32)
AT_ONCE = 12
_SLOWLY = {"health": QUIET, "list_sync": QUIET, "qr_expiry": QUIET}


def test_no_requests_state_meets_the_next(caplog: pytest.LogCaptureFixture) -> None:
    on_uvloop(_sequences)(random.Random(SEED))
    said = [each for each in caplog.records if each.levelno >= logging.ERROR or each.exc_info]
    assert not said, f"with WA_TUI_SEQUENCES_SEED={SEED}: {said[:3]}"


async def _sequences(chance: random.Random) -> None:
    gateway = GatewayConfig(name="default", url="http://127.0.0.1:9", api_key=KEY)
    async with inside(gateway, intervals=_SLOWLY) as daemon:
        seen: Counter[str | None] = Counter()
        daemon.daemon.parts.bus.subscribe(lambda change: seen.update(_event_ids(change)))
        before, ids, turns, answered = sockets(), Ids(), asyncio.Semaphore(AT_ONCE), set()

        async def one(number: int) -> None:
            sent, manner = sequence(chance, ids), chance.choice(list(Manner))
            async with turns:
                try:
                    answered.update(await exchange(daemon.config.listen[1], sent, manner, chance))
                except Wrong as error:
                    raise AssertionError(_said(number, sent, manner, error)) from error

        async with asyncio.TaskGroup() as group:
            for number in range(SEQUENCES):
                group.create_task(one(number))
        await until(lambda: _is_over(daemon, before))
        twice = [event_id for event_id, times in seen.items() if times > 1]
        assert not twice, f"taken in more than once, with WA_TUI_SEQUENCES_SEED={SEED}: {twice}"
        lost = answered - seen.keys()
        assert not lost, f"answered and not taken in, with WA_TUI_SEQUENCES_SEED={SEED}: {lost}"


def _event_ids(change: Change) -> list[str | None]:
    return [fact.event_id for fact, _ in change.webhooks]


async def _is_over(daemon: Inside, before: int) -> bool:
    """Tell whether every connection has ended, and all that came in is taken in."""
    await daemon.daemon.parts.recorder.drain()
    daemon.daemon.parts.recorder.publish()
    return sockets() <= before


def _said(number: int, sent: list[Sent], manner: Manner, error: Wrong) -> str:
    names = "\n".join(f"  {each.name}: {each.data[:300]!r}" for each in sent)
    return f"{error}\nin sequence {number} of WA_TUI_SEQUENCES_SEED={SEED}, sent {manner.value}:\n{names}"
