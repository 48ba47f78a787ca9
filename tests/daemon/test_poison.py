"""A value that the store cannot hold fails whoever brought it, and nobody who was to be committed with it."""

from __future__ import annotations

import asyncio

import httpx

from .conftest import NewDaemon
from .poisoned import POISON
from .running import KEY, WEBHOOK, RunningDaemon
from .waiting import webhook

MANY = 50
PLACES = dict(zip(POISON, (0, 31, MANY - 1), strict=True))


async def test_one_of_fifty_is_refused_and_the_others_survive_sigkill(new_daemon: NewDaemon) -> None:
    daemon = new_daemon()
    daemon.module = "tests.daemon.poisoned"
    await daemon.start()
    taken = set()
    for kind, place in PLACES.items():
        names = [f"s{place}-{n}" for n in range(MANY)]
        answers = await at_once(daemon, names, names[place], kind)
        assert answers == [500 if name == names[place] else 200 for name in names], (kind, daemon.log())
        taken |= {*names} - {names[place]}
    assert [each.code for each in (await daemon.client.status()).daemon.attention] == []
    assert (await daemon.gateway()).hour["failed"] == len(POISON)
    assert daemon.log().count("A fact could not be stored, and was not taken in") == len(POISON)
    await daemon.kill()
    daemon.launch()
    await daemon.answering()
    kept = {view.session_id: view.status for view in await daemon.client.sessions()}
    assert kept == dict.fromkeys(taken, "connected")


async def at_once(daemon: RunningDaemon, names: list[str], poisoned: str, kind: str) -> list[int]:
    """Have a webhook of each session come in, on a connection each; return how they were answered."""
    limits = httpx.Limits(max_connections=MANY)
    async with httpx.AsyncClient(
        base_url=daemon.url, trust_env=False, verify=False, timeout=40, limits=limits
    ) as web:

        async def post(name: str) -> int:
            body = webhook(name, "connected", eventId=name, reason=kind if name == poisoned else None)
            answer = await web.post(WEBHOOK, json=body, headers={"x-api-key": KEY})
            return answer.status_code

        return await asyncio.gather(*map(post, names))
