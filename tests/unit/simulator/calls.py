"""Calls over the gateway's own port, as wa_tui makes them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx

from tests.simulated import Simulated


@contextlib.asynccontextmanager
async def caller(sim: Simulated) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"x-api-key": sim.api_key}
    async with httpx.AsyncClient(base_url=sim.url, headers=headers, trust_env=False, verify=False) as client:
        yield client


async def send(api: httpx.AsyncClient, session_id: str, wait: float = 5.0) -> httpx.Response:
    body = {"sessionId": session_id, "recipient": "15550009999", "message": "hello"}
    return await api.post("/api/message/send-text", json=body, timeout=wait)


async def status(api: httpx.AsyncClient, session_id: str, wait: float = 5.0) -> str:
    answer = (await api.get(f"/api/session/status/{session_id}", timeout=wait)).json()
    return str(answer["status"])


async def answers_again(api: httpx.AsyncClient) -> dict[str, Any]:
    deadline = time.monotonic() + 5
    while True:
        try:
            answer: dict[str, Any] = (await api.get("/health")).json()
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the gateway did not come back"
            await asyncio.sleep(0.02)
        else:
            return answer
