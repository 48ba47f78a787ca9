from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


@dataclass
class ControlPlane:
    """What the simulated gateway posts to: it remembers everything and can be slow, or wrong."""

    url: str = ""
    active: list[dict[str, Any]] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    counted: list[dict[str, Any]] = field(default_factory=list)
    """Bodies with counters."""
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    status: int = 200

    async def webhook(self, request: Request) -> Response:
        self._note(request)
        self.received.append(await request.json())
        return JSONResponse({"success": self.status == 200}, status_code=self.status)

    async def traffic(self, request: Request) -> Response:
        self._note(request)
        self.counted.append(await request.json())
        return JSONResponse({"success": True})

    async def sessions(self, request: Request) -> Response:
        self._note(request)
        data = {"sessions": self.active, "count": len(self.active)}
        return JSONResponse({"success": True, "message": "Success", "data": data})

    def _note(self, request: Request) -> None:
        self.requests.append((request.method, request.url.path, request.headers.get("x-api-key")))

    def of(self, session_id: str) -> list[dict[str, Any]]:
        return [body for body in self.received if body["sessionId"] == session_id]

    async def until(self, count: int, session_id: str | None = None) -> list[dict[str, Any]]:
        def bodies() -> list[dict[str, Any]]:
            return self.received if session_id is None else self.of(session_id)

        await until(lambda: len(bodies()) >= count)
        return bodies()


async def until(true: Callable[[], bool], seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        await asyncio.sleep(0.005)
