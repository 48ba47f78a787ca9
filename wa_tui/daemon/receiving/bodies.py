"""A request's body, counted while it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class TooLarge(Exception):
    """The body has more bytes than it may have."""


class Left(Exception):
    """The sender is gone before its body was complete: nobody waits for an answer."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept of a body: all of it, or its beginning where it is too long for that."""

    content: bytes
    is_whole: bool


async def read_body(scope: Any, receive: Any, limit: int) -> bytes:
    """Return a body of at most ``limit`` bytes; one that announces more is not begun. Raises `TooLarge`, `Left`."""
    return (await read_or_discard(scope, receive, limit, limit)).content


async def read_or_discard(scope: Any, receive: Any, kept: int, limit: int, *, head: int = 0) -> Kept:
    """Return a body of at most ``kept`` bytes; of a longer one the first ``head``: the rest is read and thrown away.

    Raises `TooLarge` beyond ``limit`` bytes (one that announces more is not begun), and `Left`.
    """
    announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if int(announced) > limit:
        raise TooLarge
    longest = head if int(announced) > kept else kept
    content, size, more = bytearray(), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Left
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLarge
        if size > kept:
            longest = head
            del content[head:]
        content += chunk[: max(0, longest - len(content))]
        more = message.get("more_body", False)
    return Kept(bytes(content), size <= kept)
