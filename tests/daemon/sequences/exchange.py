"""One connection: what is sent goes out in pieces, what comes back is read as HTTP."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
from collections.abc import Iterator, Sequence
from enum import Enum

from .requests import Sent

PATIENCE_S = 20.0


class Manner(Enum):
    """How a sequence is sent."""

    AT_ONCE = "at once"
    SPLIT = "split anywhere"
    BY_TURNS = "each after the answer before"
    RESET = "at once, and reset"


class Wrong(AssertionError):
    """An answer is not what it must be."""


async def exchange(port: int, sent: Sequence[Sent], manner: Manner, chance: random.Random) -> set[str]:
    """Send a sequence, and return the ids of the webhooks that were answered 200. Raises `Wrong`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(PATIENCE_S):
            if manner is Manner.RESET:
                await _send(writer, _pieces(b"".join(each.data for each in sent), chance), chance)
                _reset(writer)
                return set()
            return await _exchange(reader, writer, sent, manner, chance)
    except TimeoutError:
        raise Wrong("no answer, and no end") from None
    finally:
        writer.close()


async def _exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    sent: Sequence[Sent],
    manner: Manner,
    chance: random.Random,
) -> set[str]:
    taken: set[str] = set()
    if manner is not Manner.BY_TURNS:
        whole = b"".join(each.data for each in sent)
        await _send(writer, [whole] if manner is Manner.AT_ONCE else _pieces(whole, chance), chance)
    for each in sent:
        if manner is Manner.BY_TURNS:
            await _send(writer, _pieces(each.data, chance), chance)
        if each.half:
            return taken
        try:
            status, body = await _answer(reader, each)
        except Wrong as wrong:
            if each.may_be_cut and isinstance(wrong.__cause__, ConnectionError):
                return taken
            raise
        if status not in each.statuses:
            raise Wrong(f"{each.name}: {status} {body[:200]!r}")
        if status == 101:
            return taken
        if each.event_id is not None:
            if json.loads(body)["success"] is not True:
                raise Wrong(f"{each.name}: {body!r}")
            taken.add(each.event_id)
        if each.final and await reader.read() != b"":
            raise Wrong(f"more after the last answer, to {each.name}")
    return taken


async def _answer(reader: asyncio.StreamReader, sent: Sent) -> tuple[int, bytes]:
    """Return an answer's status and body; `100 Continue` is none."""
    try:
        while True:
            top = await reader.readuntil(b"\r\n\r\n")
            status = int(top.split(b" ", 2)[1])
            if status != 100:
                break
        fields = dict(line.split(b": ", 1) for line in top.lower().split(b"\r\n")[1:-2])
        length = 0 if sent.head_only or status == 101 else int(fields[b"content-length"])
        return status, await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ValueError, ConnectionError) as error:
        raise Wrong(f"no answer to {sent.name}: {error!r}") from error


async def _send(writer: asyncio.StreamWriter, pieces: Sequence[bytes], chance: random.Random) -> None:
    """Send pieces, of which each comes for itself now and then; no more once the connection is ended."""
    for piece in pieces:
        if writer.transport.is_closing():
            return
        writer.write(piece)
        if chance.random() < 0.5:
            await asyncio.sleep(chance.choice([0, 0, 0.001]))


def _pieces(data: bytes, chance: random.Random) -> list[bytes]:
    cuts = sorted(chance.sample(range(len(data) + 1), min(chance.randint(0, 6), len(data))))
    return list(_between(data, cuts))


def _between(data: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        yield data[start:end]


def _reset(writer: asyncio.StreamWriter) -> None:
    peer: socket.socket | None = writer.get_extra_info("socket")
    if peer is None or writer.transport.is_closing():
        return
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
