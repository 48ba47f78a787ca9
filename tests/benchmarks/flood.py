"""Posts webhooks about messages at a steady rate: `python -m tests.benchmarks.flood PORT GATEWAY RATE`.

A process of its own, which goes on until its standard input ends and then says how many were posted, and refused. Of
each message WAHA tells that it was sent, and that the server and a device acknowledged it, with an id of its own.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time

import uvloop

KEY = "bench-hook"
CONNECTIONS = 8
SESSIONS = 50
_HEAD = "POST /api/v1/gateways/%s/webhook HTTP/1.1\r\nHost: x\r\nx-api-key: %s\r\nContent-Length: %d\r\n\r\n"
_STATE = '{"event":"session.status","session":"s%d","payload":{"name":"s%d","status":"WORKING"}}'
_SENT = (
    '{"event":"message.any","session":"s%d","payload":{"id":"true_15550001@c.us_%d","timestamp":%d,'
    '"fromMe":true,"to":"15550001@c.us","body":"'
    + "a text of some words " * 8
    + '","_data":{"type":"chat"}}}'
)
_ACK = (
    '{"event":"message.ack","session":"s%d","payload":{"id":"true_15550001@c.us_%d","fromMe":true,"ack":%d}}'
)


class Flood:
    """Messages in turn: each is sent, acknowledged by the server, and by a device."""

    def __init__(self, port: int, gateway: str, rate: float) -> None:
        self.port = port
        self.gateway = gateway
        self.rate = rate
        self.posted = self.refused = 0
        self._numbers = itertools.count()

    def body(self) -> str:
        """Return the next webhook's body."""
        message, step = divmod(next(self._numbers), 3)
        session = message % SESSIONS
        if step == 0:
            return _SENT % (session, message, time.time())
        return _ACK % (session, message, step)

    async def post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: str) -> None:
        """Post one, and wait for its answer."""
        writer.write((_HEAD % (self.gateway, KEY, len(body)) + body).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        self.posted += 1
        self.refused += b" 200 " not in head

    async def run(self) -> None:
        """Post at the rate until nobody wants more; a connection that is late does not catch up."""
        loop = asyncio.get_running_loop()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for number in range(SESSIONS):
            await self.post(reader, writer, _STATE % (number, number))
        self.posted = self.refused = 0
        while True:
            due = loop.time() + 1 / self.rate
            await self.post(reader, writer, self.body())
            await asyncio.sleep(due - loop.time())


async def main(port: int, gateway: str, rate: float) -> None:
    """Run until standard input ends."""
    floods = [Flood(port, gateway, rate / CONNECTIONS) for _ in range(CONNECTIONS)]
    for start, flood in enumerate(floods):
        flood._numbers = itertools.count(start * 3_000_000)  # ids of its own
    tasks = [asyncio.create_task(flood.run()) for flood in floods]
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(sum(each.posted for each in floods), sum(each.refused for each in floods))  # noqa: T201


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
