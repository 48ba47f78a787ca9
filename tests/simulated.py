"""Simulated gateways as a process of their own, for any test: `async with simulated(sessions=3) as sim: …`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from tests.nursery import Program

_FAST = {"start": 0.05, "poll": 0.05, "scan": 0.02, "destroy": 0.01, "restore-delay": 0.2}
NOWHERE = "http://127.0.0.1:9"


@dataclass(slots=True)
class Simulated:
    """One running gateway: where it is, and how to look behind it and trouble it."""

    name: str
    url: str
    api_key: str
    control_url: str
    kind: str
    _client: httpx.AsyncClient = field(repr=False)

    async def fault(self, name: str, session_id: str | None = None, **params: Any) -> None:
        """Bring about a fault; works on a stopped gateway too. Raises httpx.HTTPStatusError when refused."""
        body = {"fault": name} | params
        if session_id is not None:
            body["sessionId"] = session_id
        (await self._client.post("/sim/fault", json=body)).raise_for_status()

    async def truth(self) -> dict[str, dict[str, Any]]:
        """Return what really is, by session id: `status claim credentials phoneNumber userId …`."""
        sessions: dict[str, dict[str, Any]] = (await self._get("/sim/truth"))["sessions"]
        return sessions

    async def in_transit(self) -> int:
        """Return how many webhooks are still on their way, the delayed ones among them."""
        return int((await self._get("/sim/truth"))["webhooksInTransit"])

    async def status(self, session_id: str) -> str:
        """Return one session's true status; `not_found` for an unknown id."""
        return str((await self.truth()).get(session_id, {"status": "not_found"})["status"])

    async def sessions(self) -> list[dict[str, Any]]:
        """Return what a control plane would know: `sessionId`, `userId`, `instanceName`, …"""
        rows: list[dict[str, Any]] = (await self._get("/sim/sessions"))["sessions"]
        return rows

    async def add(self, count: int | None = None, **body: Any) -> list[str]:
        """Add `count` connected sessions, or those of `sessions=[…]`, and return their ids."""
        if count is not None:
            body["count"] = count
        response = (await self._client.post("/sim/sessions", json=body)).raise_for_status()
        ids: list[str] = response.json()["sessions"]
        return ids

    async def messages(self) -> list[dict[str, Any]]:
        """Return the messages that were really sent."""
        rows: list[dict[str, Any]] = (await self._get("/sim/messages"))["messages"]
        return rows

    async def log(self, after: int = 0) -> list[dict[str, Any]]:
        """Return requests received and webhooks sent: `n t kind method path body answered answered_at`."""
        entries: list[dict[str, Any]] = (await self._get("/sim/log", after=after))["entries"]
        return entries

    async def requests(self, path: str, after: int = 0) -> list[dict[str, Any]]:
        """Return the logged requests whose path begins with `path`."""
        return [
            entry
            for entry in await self.log(after)
            if entry["kind"] == "request" and entry["path"].startswith(path)
        ]

    async def webhooks(self, session_id: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """Return the bodies of the webhooks posted, of one session or of all."""
        return [
            entry["body"]
            for entry in await self.log(after)
            if entry["kind"] == "webhook"
            and entry["body"]
            and (session_id is None or session_id in _named(entry["body"]))
        ]

    async def until(self, session_id: str, status: str, seconds: float = 40.0) -> None:
        """Wait until the session really is in `status`; raises AssertionError after `seconds`."""
        deadline = time.monotonic() + seconds
        while (now := await self.status(session_id)) != status:
            assert time.monotonic() < deadline, f"{session_id} is {now}, not {status}, after {seconds} s"
            await asyncio.sleep(0.02)

    async def until_requested(self, path: str, count: int = 1, seconds: float = 40.0) -> None:
        """Wait for `count` requests whose path begins with `path`, answered or not."""
        deadline = time.monotonic() + seconds
        while (seen := len(await self.requests(path))) < count:
            assert time.monotonic() < deadline, f"{seen} of {count} requests of {path} after {seconds} s"
            await asyncio.sleep(0.02)

    async def _get(self, path: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = (await self._client.get(path, params=params)).raise_for_status().json()
        return answer


@contextlib.asynccontextmanager
async def simulated(
    *,
    name: str = "default",
    sessions: int = 0,
    control_plane: str = NOWHERE,
    api_key: str = "test-key",
    seed: int = 7,
    **options: Any,
) -> AsyncIterator[Simulated]:
    """Run one gateway with fast delays; `options` are the command's, e.g. `start_seconds=1`."""
    given = {"sessions": sessions, "control_plane": control_plane, "seed": seed} | options
    async with simulated_fleet({name: api_key}, **given) as (sim,):
        yield sim


@contextlib.asynccontextmanager
async def simulated_fleet(keys: dict[str, str], **options: Any) -> AsyncIterator[list[Simulated]]:
    """Run a process of several gateways, by name (``eu-1``, ``eu-1:kind=waha``) with the key of each.

    `options` as for `simulated`.
    """
    arguments = [word for name, key in keys.items() for word in ("--gateway", name, "--api-key", key)]
    with _forked(*arguments, *_options({"control_plane": NOWHERE, "seed": 7} | options)) as gateways:
        async with contextlib.AsyncExitStack() as stack:
            yield [
                Simulated(**gateway, _client=await stack.enter_async_context(_client(gateway)))
                for gateway in gateways
            ]


def _named(webhook: dict[str, Any]) -> list[Any]:
    """Return what a webhook calls its session, in the words of any kind."""
    return [webhook.get(field) for field in ("sessionId", "session", "instance")]


def _client(gateway: dict[str, str]) -> httpx.AsyncClient:
    # The gateway closes what is idle for 5 s, as httpx does: on a busy machine it would be first.
    limits = httpx.Limits(keepalive_expiry=1.0)
    return httpx.AsyncClient(
        base_url=gateway["control_url"], trust_env=False, timeout=40, verify=False, limits=limits
    )


@contextlib.contextmanager
def _forked(*arguments: str) -> Iterator[list[dict[str, str]]]:
    """Run a simulator with ``arguments`` and yield the gateways it announces; it has ended afterwards."""
    child_end, parent_end = os.pipe()
    said, output = os.pipe()
    with open(said, "rb") as lines:  # noqa: PTH123  # a descriptor
        pipe = ("--parent-pipe", str(child_end))
        Program("wa_tui.simulator", *arguments, *pipe, stdout=output, stderr=2, keeps=[child_end])
        os.close(output)
        os.close(child_end)
        try:
            line = lines.readline()
            assert line, "the simulator ended before its first line"
            yield msgspec.json.decode(line)["gateways"]
        finally:
            os.close(parent_end)
            lines.read()  # to its end: what it said, and the simulator


@contextlib.contextmanager
def simulator(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[dict[str, str]]]]:
    """Run the simulator's command with `arguments` and yield its process and the gateways it announces."""
    process, parent_end = start_simulator(*arguments)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the simulator ended with {process.wait()} before its first line"
        yield process, msgspec.json.decode(line)["gateways"]
    finally:
        process.terminate()
        process.wait()  # With a time-out it would poll, up to 60 ms too long.
        os.close(parent_end)
        if process.stdout is not None:
            process.stdout.close()


def start_simulator(*arguments: str) -> tuple[subprocess.Popen[str], int]:
    """Start the simulator; it ends when the returned descriptor is closed, this process's end included."""
    child_end, parent_end = os.pipe()
    command = [sys.executable, "-m", "wa_tui.simulator", "--parent-pipe", str(child_end), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=[child_end])
    os.close(child_end)
    return process, parent_end


def _options(options: dict[str, Any]) -> list[str]:
    given = {key.replace("_", "-"): value for key, value in options.items()}
    for key, value in _FAST.items():
        given.setdefault(f"{key}-seconds", value)
    flags = []
    for key, value in given.items():
        if value is True:
            flags.append(f"--{key}")
        elif value is not False:
            flags += [f"--{key}", str(value)]
    return flags
