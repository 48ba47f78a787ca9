"""The bare client (`bare_client.mjs`) in its own process: what the library does with nothing of ours around it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from .chromium import EXECUTABLE, flags

_SCRIPT = Path(__file__).parent / "bare_client.mjs"


@dataclass(slots=True)
class BareClient:
    """One client; ``events`` are its lines so far."""

    process: asyncio.subprocess.Process
    events: list[dict[str, Any]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> None:
        """Collect its lines until it ends."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.events.append(msgspec.json.decode(line))
            self._news.set()

    async def until(self, *names: str, after: int = 0, seconds: float = 40.0) -> dict[str, Any]:
        """Return the first event of these names among its lines from ``after`` on. Raises AssertionError."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    self._news.clear()
                    for each in self.events[after:]:
                        if each["event"] in names:
                            return each
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {' or '.join(names)} after {seconds} s: {self.events}") from None

    def order(self, line: str) -> int:
        """Give an order; returns where its answers will begin."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        return len(self.events)

    def named(self, *names: str) -> list[str]:
        """Return the events of these names in their order."""
        return [each["event"] for each in self.events if each["event"] in names]


@contextlib.asynccontextmanager
async def bare_client(modules: Path, data: Path, session_id: str, port: int) -> AsyncIterator[BareClient]:
    """Run one in ``modules`` (a directory that has ``node_modules``), with its profile in ``data``."""
    assert EXECUTABLE is not None
    environment = {"PUPPETEER_EXECUTABLE_PATH": EXECUTABLE, "CHROMIUM_ARGS": "\n".join(flags(port))}
    process = await asyncio.create_subprocess_exec(
        "node",
        str(_SCRIPT),
        str(data),
        session_id,
        cwd=modules,
        env=os.environ | environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    client = BareClient(process)
    reading = asyncio.create_task(client.read())
    try:
        yield client
    finally:
        if process.returncode is None and process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 10)
        if process.returncode is None:
            process.kill()
        await reading
