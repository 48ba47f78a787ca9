"""A gateway made of a recording: it answers each request as the real one did, at the moment that a test looks at."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .stub import Request, answer, read_request

CAPTURES = Path(__file__).parents[2] / "data" / "captures"

Line = dict[str, Any]
Answered = tuple[int, Any]


def recorded_lines(name: str, leg: str) -> list[Line]:
    """Return what was recorded of a server: ``api`` what it answered, ``webhook`` what it posted."""
    lines = [json.loads(line) for line in (CAPTURES / f"{name}.jsonl").read_text().splitlines()]
    kept = [line for line in lines if line["leg"] == leg]
    assert kept
    return kept


def bodies(name: str) -> list[bytes]:
    """Return the webhooks' bodies in their own order."""
    return [json.dumps(line["body"]).encode() for line in recorded_lines(name, "webhook")]


@dataclass(slots=True)
class Recorded:
    """Answers as recorded at ``at`` seconds or next after it, else last before; ``instead`` comes first.

    ``stands_for`` names the recorded request that another one is a variety of. What was never recorded fails the test.
    """

    lines: list[Line]
    at: float = 0.0
    instead: dict[tuple[str, str], Answered] = field(default_factory=dict)
    stands_for: Callable[[str], str] = str
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def asked(self) -> list[str]:
        """Return what was asked since this was last asked, as ``GET /path``."""
        asked = [f"{each.method} {each.path}" for each in self.requests]
        self.requests.clear()
        return asked

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                request = await read_request(reader, 0)
                self.requests.append(request)
                status, content = self._answer(request.method, request.path)
                writer.write(answer(content, status))
                await writer.drain()
        writer.close()

    def _answer(self, method: str, path: str) -> Answered:
        if (method, path) in self.instead:
            return self.instead[method, path]
        recorded = [
            line for line in self.lines if (line["method"], line["path"]) == (method, self.stands_for(path))
        ]
        if not recorded:
            self.unknown.append(f"{method} {path}")
            return 599, None
        line = next((line for line in recorded if line["at_s"] >= self.at), recorded[-1])
        return line["status"], line["answered"]


@contextlib.asynccontextmanager
async def recorded(name: str) -> AsyncIterator[Recorded]:
    """Run a recording as a server on a free port of the loopback."""
    it = Recorded(recorded_lines(name, "api"))
    server = await asyncio.start_server(it.serve, "127.0.0.1", 0)
    it.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield it
        assert not it.unknown
    finally:
        server.close()
