"""A request's body, counted while it is read."""

from __future__ import annotations

from typing import Any


class TooLarge(Exception):
    """The body has more bytes than it may have."""


class Left(Exception):
    """The sender is gone before its body was complete: nobody waits for an answer."""


async def read_body(scope: Any, receive: Any, limit: int) -> bytes:
    """Return a body of at most ``limit`` bytes; one that announces more is not begun. Raises `TooLarge`, `Left`."""
    announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if int(announced) > limit:
        raise TooLarge
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Left
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise TooLarge
        more = message.get("more_body", False)
    return b"".join(chunks)
