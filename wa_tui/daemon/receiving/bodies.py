"""A request's body, counted while it is read."""

from __future__ import annotations

from typing import Any


class TooLarge(Exception):
    """The body has more bytes than it may have."""


class Left(Exception):
    """The sender is gone before its body was complete: nobody waits for an answer."""


async def read_body(scope: Any, receive: Any, limit: int) -> bytes:
    """Return a body of at most ``limit`` bytes; one that announces more is not begun. Raises `TooLarge`, `Left`."""
    body = await read_or_discard(scope, receive, limit, limit)
    if body is None:
        raise TooLarge
    return body


async def read_or_discard(scope: Any, receive: Any, kept: int, limit: int) -> bytes | None:
    """Return a body of at most ``kept`` bytes; ``None`` for a longer one, which is read and thrown away.

    Raises `TooLarge` beyond ``limit`` bytes (one that announces more is not begun), and `Left`.
    """
    announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if int(announced) > limit:
        raise TooLarge
    if int(announced) > kept:
        kept = 0
    chunks, size, more = list[bytes](), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Left
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLarge
        if size <= kept:
            chunks.append(chunk)
        else:
            chunks.clear()
        more = message.get("more_body", False)
    return b"".join(chunks) if size <= kept else None
