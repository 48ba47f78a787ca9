"""List sync beside a bare GET, status sync beside one check after the other: `python -m tests.benchmarks.sync`.

The gateway is a process that costs next to nothing.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

import httpx
import msgspec
import uvloop

from tests.daemon.fake_store import FixedClock
from wa_tui.client import Client, Unix
from wa_tui.daemon.sync.lists import ListSync
from wa_tui.daemon.traffic import Traffic
from wa_tui.gateways import Place
from wa_tui.gateways.contract.client import NodeService
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import Status
from wa_tui.model.session import Session
from wa_tui.wire import ActionRequest

from .daemons import KEY, daemon, quick_gateway
from .load import session_id
from .table import Row, at_least, at_most, show, title

LISTED = 10_000
LISTS = 31
CHECKED = 1_000
DELAY_MS = 5.0
SEQUENTIAL = 200
ROUNDS = 3


class _Row(msgspec.Struct, rename="camel"):
    session_id: str
    status: str


class _List(msgspec.Struct):
    sessions: list[_Row]


def rows() -> Iterator[Row]:
    """Yield what both syncs take."""
    with quick_gateway(LISTED, 0.0) as served:
        bare, ours = uvloop.run(list_sync(served.port))
    yield at_most(
        f"list sync, {LISTED} sessions, none changed",
        f"{ours * 1000:.1f} ms",
        f"bare GET and decode: {bare * 1000:.1f} ms",
        ours / bare,
        3.0,
    )
    with quick_gateway(CHECKED, DELAY_MS) as served:
        sequential = uvloop.run(one_by_one(served.port))
        checked = statistics.median(uvloop.run(status_sync(served.port)) for _ in range(ROUNDS))
    yield at_least(
        f"status sync, {CHECKED} sessions of {DELAY_MS:g} ms",
        f"{checked:.0f}/s",
        f"one after the other: {sequential:.0f}/s",
        checked / sequential,
        8.0,
    )


async def list_sync(port: int) -> tuple[float, ...]:
    """Return the seconds of a bare GET with decoding, and of a list sync that finds no difference."""
    url = f"http://127.0.0.1:{port}"
    client = NodeService(Place("default", url, KEY))
    known = [
        Session("default", session_id(number), 1, status=Status.CONNECTED, status_since=1)
        for number in range(LISTED)
    ]
    none = cast(Any, None)
    fleet, clock = Fleet(known), FixedClock()
    lists = ListSync({"default": client}, fleet, none, clock, none, recognised, Traffic(fleet, clock))
    decode = msgspec.json.Decoder(_List).decode
    transport = httpx.AsyncHTTPTransport(verify=False)
    async with httpx.AsyncClient(base_url=url, trust_env=False, transport=transport) as web:

        async def bare() -> None:
            answer = await web.get("/api/session/list", headers={"x-api-key": KEY})
            assert len(decode(answer.content).sessions) == LISTED

        found = await by_turns(bare, lambda: compared(lists))
    await client.close()
    return found


async def recognised(_: str) -> bool:
    return True


async def compared(lists: ListSync) -> None:
    assert await lists.fetch("default") == (LISTED, 0)


async def by_turns(*works: Callable[[], Awaitable[None]]) -> tuple[float, ...]:
    """Return the median seconds of each, run by turns; the first turn warms up."""
    found: list[list[float]] = [[] for _ in works]
    for _ in range(LISTS):
        for work, seconds in zip(works, found, strict=True):
            began = time.perf_counter()
            await work()
            seconds.append(time.perf_counter() - began)
    return tuple(statistics.median(seconds[1:]) for seconds in found)


async def one_by_one(port: int) -> float:
    """Return the checks a second of one client that waits for each answer."""
    transport = httpx.AsyncHTTPTransport(verify=False)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", trust_env=False, transport=transport
    ) as web:
        began = time.perf_counter()
        for number in range(SEQUENTIAL):
            await web.get(f"/api/session/status/{session_id(number)}", headers={"x-api-key": KEY})
        return SEQUENTIAL / (time.perf_counter() - began)


async def status_sync(port: int) -> float:
    """Return the checks a second of a daemon that is asked to sync everything now."""
    with daemon(gateway=f"http://127.0.0.1:{port}") as served:
        socket = served.state / "wa_tui.sock"
        while not socket.exists():
            await asyncio.sleep(0.01)
        client = Client(Unix(socket), who="bench")
        # The sync at its start goes first.
        while len(views := await client.sessions()) < CHECKED or not all(view.proven_at for view in views):
            await asyncio.sleep(0.05)
        began = time.perf_counter()
        receipt = await client.act(ActionRequest(action="sync"))
        receipt = await client.receipt(receipt.id, wait=60)
        seconds = time.perf_counter() - began
        await client.close()
        assert f"{CHECKED} checked" in receipt.text, receipt
        return CHECKED / seconds


def main() -> None:
    """Print the rows."""
    title()
    for row in rows():
        show(row)


if __name__ == "__main__":
    main()
