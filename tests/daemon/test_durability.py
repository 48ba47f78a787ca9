"""A webhook that was answered 200 survives `kill -9`, whenever it comes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sized
from functools import partial

import httpx

from tests.effort import effort

from .conftest import NewDaemon
from .running import KEY, WEBHOOK, RunningDaemon
from .waiting import until, webhook

ROUNDS = effort("WA_TUI_KILLS", sample=10, full=20)
CONNECTIONS = 6
LEAST = 10
"""Webhooks acknowledged in each round, however busy the machine is."""
STATUSES = ("connected", "disconnected", "auth_failed")


async def stream(daemon: RunningDaemon, name: str, acknowledged: dict[str, str]) -> None:
    """Post webhooks of ever new sessions, and of one that keeps changing, until the daemon is gone."""
    async with httpx.AsyncClient(base_url=daemon.url, trust_env=False, verify=False) as web:
        for number in range(100_000):
            session_id = f"{name}-{number}" if number % 2 else f"{name}-same"
            status = STATUSES[number % 3]
            body = webhook(session_id, status, sequence=number, bootId=name)
            try:
                answer = await web.post(WEBHOOK, json=body, headers={"x-api-key": KEY})
            except httpx.TransportError:
                return
            if answer.status_code == 200:
                acknowledged[f"{session_id}#{number}"] = status


async def test_acknowledged_webhooks_survive_sigkill(new_daemon: NewDaemon) -> None:
    rng = random.Random(1123)
    daemon = await new_daemon().start(WA_TUI_HEALTH_INTERVAL="60", WA_TUI_LIST_SYNC_INTERVAL="60")
    acknowledged: dict[str, str] = {}
    for round_ in range(ROUNDS):
        posting = [
            asyncio.create_task(stream(daemon, f"r{round_}c{connection}", acknowledged))
            for connection in range(CONNECTIONS)
        ]
        before = len(acknowledged)
        await until(partial(_are_more, acknowledged, before + LEAST))
        await asyncio.sleep(rng.uniform(0.0, 0.2))
        await daemon.kill()
        await asyncio.gather(*posting)
        daemon.launch()
        await daemon.answering()
    await check(daemon, acknowledged)


async def _are_more(acknowledged: Sized, least: int) -> bool:
    return len(acknowledged) >= least


async def check(daemon: RunningDaemon, acknowledged: dict[str, str]) -> None:
    """Each acknowledged webhook is in its session's state, or is an event before it."""
    states = {view.session_id: view.status for view in await daemon.client.sessions()}
    newest: dict[str, tuple[int, str]] = {}
    for name, status in acknowledged.items():
        session_id, _, number = name.partition("#")
        newest[session_id] = max(newest.get(session_id, (-1, "")), (int(number), status))
    missing = {session_id for session_id in newest if session_id not in states}
    assert not missing
    for session_id, (_, status) in newest.items():
        if not session_id.endswith("-same"):
            assert states[session_id] == status, session_id
            continue
        events = await daemon.client.events("default", session_id, limit=5000)
        told = [event.after for event in events if event.source == "webhook"]
        mine = [value for name, value in acknowledged.items() if name.startswith(f"{session_id}#")]
        # One more may have been committed whose answer was lost on the way.
        assert told[: len(mine)] == mine and len(told) - len(mine) <= 1, session_id
