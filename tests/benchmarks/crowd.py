"""A daemon with a large fleet, and as many events as are asked for: `python -m tests.benchmarks.crowd SOCKET SESSIONS`.

It is told by lines on its standard input, and answers each with a line:

``one``         a visible session was proven anew: one row changes in place
``fall``        a session drops: the rows re-sort
``rate N M``    N events a second from now on, each with its line in the log, in M sessions; 0 for none
``flood N``     N events as fast as they are taken, in batches of 25; answered once all are sent
``count``       how many events there were
``connected``   how many sessions are connected
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from tests.fake_daemon import FakeDaemon
from wa_tui import wire

GATEWAYS = ("eu-1", "eu-2", "us-1")
BATCH = 25
KEPT_EVENTS = 500
LIFE = ("disconnected", "initializing", "connected")


class Crowd:
    """The fleet, and what happens to it."""

    def __init__(self, socket: Path, sessions: int) -> None:
        self.daemon = FakeDaemon(
            socket,
            gateways=[gateway(name, sessions // len(GATEWAYS)) for name in GATEWAYS],
            sessions=[session(number) for number in range(sessions)],
        )
        self.keys = list(self.daemon.sessions)
        self.restless = sessions
        """So many sessions drop and come back; the others stay connected."""
        self.sent = 0
        self._steps = count(1)
        self._running: asyncio.Task[None] | None = None

    def one(self) -> None:
        """The session that is second in trouble-first order, or so."""
        step = next(self._steps)
        proven = wire.utc_now() - timedelta(minutes=1 + step % 7)
        self.daemon.change(*self.keys[-2], proven_at=proven)

    def fall(self) -> None:
        """One more session drops."""
        self.daemon.push(self.happening(next(self._steps), "disconnected"))

    def happening(self, step: int, status: str | None = None) -> wire.Delta:
        """One event: a session goes on in its life."""
        key = self.keys[step * 7919 % self.restless]
        before = self.daemon.sessions[key]
        after = status or LIFE[(LIFE.index(before.status) + 1) % len(LIFE)]
        now = wire.utc_now()
        reason = "browser_died" if after == "disconnected" else None
        changed = {
            "status": after,
            "status_since": now,
            "proven_at": now if after == "connected" else None,
            "reason": reason,
            "history": [*before.history[1:], (int(now.timestamp()), "c" if after == "connected" else "d")],
        }
        self.sent += 1
        event = wire.EventView(
            id=self.sent, at=now, source="webhook", kind="status", gateway=key[0], session_id=key[1],
            instance_name=before.instance_name, before=before.status, after=after, reason=reason,
        )  # fmt: skip
        return wire.Delta(sessions=[replace(before, **changed)], events=[event])

    async def run(self, rate: float) -> None:
        """Send events for ever, evenly."""
        loop = asyncio.get_running_loop()
        began, done = loop.time(), 0
        while True:
            await asyncio.sleep(0.01)
            due = int((loop.time() - began) * rate)
            for _ in range(due - done):
                self.daemon.push(self.happening(next(self._steps)))
            done = due
            del self.daemon.events[:-KEPT_EVENTS]

    async def flood(self, number: int) -> None:
        """Send so many events, and never more than a batch ahead."""
        for _ in range(number // BATCH):
            for _ in range(BATCH):
                self.daemon.push(self.happening(next(self._steps)))
            del self.daemon.events[:-KEPT_EVENTS]
            while any(queue.qsize() for queue in self.daemon._feeds):
                await asyncio.sleep(0)

    async def obey(self, line: str) -> str:
        """Do what a line says."""
        match line.split():
            case ["one"]:
                self.one()
            case ["fall"]:
                self.fall()
            case ["rate", number, restless]:
                self.restless = int(restless)
                if self._running is not None:
                    self._running.cancel()
                self._running = asyncio.create_task(self.run(float(number))) if float(number) else None
            case ["flood", number]:
                await self.flood(int(number))
            case ["count"]:
                return str(self.sent)
            case ["connected"]:
                return str(sum(one.status == "connected" for one in self.daemon.sessions.values()))
            case _:
                return f"unknown: {line}"
        return "done"


def replace(session: wire.SessionView, **fields: object) -> wire.SessionView:
    """A session with some fields changed."""
    from msgspec.structs import replace

    return replace(session, **fields)


def session(number: int) -> wire.SessionView:
    """A session that has been connected for days; the last ones have the newest changes and stand first."""
    now = datetime.now(UTC)
    since = now - timedelta(days=2, minutes=20_000 - number)
    return wire.SessionView(
        gateway=GATEWAYS[number % len(GATEWAYS)], session_id=f"user_{number % 97}_instance_shop-{number:05}",
        user_id=str(number % 97), instance_name=f"shop-{number:05}", phone_number=f"49152{number:07}",
        status="connected", status_since=since, credentials="stored", desired="online",
        observed_at=now, proven_at=now - timedelta(minutes=1), history=history(now),
    )  # fmt: skip


def history(now: datetime) -> list[tuple[int, str]]:
    """A day with as many changes as it will have later: what grows is then none of the fleet's doing."""
    begun = int(now.timestamp()) - 2 * 86_400
    return [(begun + 600 * step, "cs"[step % 2]) for step in range(9)]


def gateway(name: str, sessions: int) -> wire.GatewayView:
    """A gateway that is up."""
    since = datetime.now(UTC) - timedelta(days=31)
    return wire.GatewayView(
        name=name, url=f"http://{name}.example:3000", state="up", since=since, latency_ms=4, sessions=sessions,
        started_at=since, seen_at=since, returned_at=since,
    )  # fmt: skip


async def main(socket: Path, sessions: int) -> None:
    """Serve until the standard input ends."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    crowd = Crowd(socket, sessions)
    async with crowd.daemon:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while line := await lines.readline():
            sys.stdout.write(await crowd.obey(line.decode()) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
