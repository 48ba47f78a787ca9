"""What a real service sent, sent again: the fleet ends as the service itself said last."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import httpx
import pytest

from .running import ACTIVE, KEY, RunningDaemon

DATA = Path(__file__).parent.parent / "data"
PACE = 20
BADNESS = ["connected", "authenticated", "initializing", "qr_pending", "disconnected", "auth_failed"]

Line = dict[str, Any]


def lines(name: str) -> list[Line]:
    """Return what the service asked of its control plane; what it was asked itself is left out."""
    recorded = [json.loads(line) for line in (DATA / name).read_text().splitlines()]
    kept = [line for line in recorded if line["path"].startswith("/api/v1/sessions/")]
    assert kept
    return kept


def last_word(recorded: list[Line]) -> dict[str, str]:
    """Return each session's status in its newest webhook; of two with one timestamp the worse."""
    newest: dict[str, tuple[str, int, str]] = {}
    for line in recorded:
        body = line["body"]
        if line["method"] == "POST" and line["path"].rstrip("/").endswith("/webhook"):
            said = (body["timestamp"], BADNESS.index(body["status"]), body["status"])
            newest[body["sessionId"]] = max(newest.get(body["sessionId"], said), said)
    return {session_id: status for session_id, (_, _, status) in newest.items()}


async def replay(daemon: RunningDaemon, recorded: list[Line]) -> None:
    """Send each line when it is due, whatever became of the one before; all must be taken."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def send(web: httpx.AsyncClient, line: Line) -> int:
        content = json.dumps(line["body"]) if line["body"] is not None else None
        answer = await web.request(line["method"], line["path"], content=content, headers={"x-api-key": KEY})
        return answer.status_code

    async with httpx.AsyncClient(base_url=daemon.url, trust_env=False, verify=False, timeout=40) as web:
        tasks = []
        for line in recorded:
            await asyncio.sleep(max(0.0, began + line["at_s"] / PACE - loop.time()))
            tasks.append(asyncio.create_task(send(web, line)))
        assert set(await asyncio.gather(*tasks)) == {200}


async def fleet(daemon: RunningDaemon) -> dict[str, str]:
    said = await daemon.wa_tui("sessions", "--json")
    assert said.returncode == 0, said.stderr
    return {row["session_id"]: row["status"] for row in json.loads(said.stdout)}


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.jsonl")))
async def test_in_its_own_order(daemon: RunningDaemon, name: str) -> None:
    recorded = lines(name)
    assert any(line["path"].startswith(ACTIVE.rstrip("/")) for line in recorded)
    await replay(daemon, recorded)
    assert await fleet(daemon) == last_word(recorded)
    assert "Traceback" not in daemon.log()


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.jsonl")))
async def test_shuffled_and_partly_twice(daemon: RunningDaemon, name: str) -> None:
    recorded = lines(name)
    rng = random.Random(name)
    shuffled = recorded + rng.sample(recorded, len(recorded) // 4)
    rng.shuffle(shuffled)
    await replay(daemon, [line | {"at_s": number / 20} for number, line in enumerate(shuffled)])
    assert await fleet(daemon) == last_word(recorded)
