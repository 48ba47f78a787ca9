"""The sending half of a connection: an answer in one write, and an end for a peer that does not read."""

from __future__ import annotations

import asyncio
import fcntl
import struct
import termios
from collections.abc import Callable
from typing import Any

from . import bounds

_LOOKS = 4
"""Times that a peer is looked at until it counts as one that does not read."""


class Outgoing:
    """A transport that lets go of a peer that does not read.

    Once `watch` is called, or the end has come, a peer that takes nothing for a while is cut off, with all that waits
    for it, and ``stalled`` called. ``ending`` is called in place of a close; it calls `end` when that may be.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        stalled: Callable[[], None],
        ending: Callable[[], None] | None = None,
    ) -> None:
        self.bare = transport
        self.is_closing = transport.is_closing
        self.close = ending or self.end
        self._stalled = stalled
        self._timer: asyncio.TimerHandle | None = None
        self._written = 0
        self._drained = 0
        self._idle_looks = 0
        self._released = False

    def write(self, data: bytes) -> None:
        """Send something."""
        self._written += len(data)
        self.bare.write(data)

    def end(self) -> None:
        """Close once the peer has everything, or does not read."""
        self.bare.close()
        if self.bare.get_write_buffer_size():
            self.watch()

    def watch(self) -> None:
        """Look from now on whether the peer reads, until it has read everything."""
        if self._timer is None and not self._released:
            self._drained, self._idle_looks = self._written - self.unread(), 0
            self._look_again()

    def release(self) -> None:
        """Look no more: the connection is gone."""
        self._released = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def unread(self) -> int:
        """Return how many bytes the peer's host has not taken yet."""
        return self.bare.get_write_buffer_size() + _in_kernel(self.bare)

    def _look_again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(bounds.STALLED_S / _LOOKS, self._look)

    def _look(self) -> None:
        self._timer = None
        unread = self.unread()
        if not unread and not self.is_closing():
            return
        # What waits for it may grow all the same: it is told more meanwhile.
        taken = self._written - unread
        self._idle_looks = 0 if taken > self._drained else self._idle_looks + 1
        self._drained = taken
        if self._idle_looks >= _LOOKS:
            self.bare.abort()
            self._stalled()
        else:
            self._look_again()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bare, name)


class Joining(Outgoing):
    """One that sends an answer's head together with its body: each write is a system call."""

    def __init__(
        self, transport: asyncio.Transport, stalled: Callable[[], None], ending: Callable[[], None]
    ) -> None:
        super().__init__(transport, stalled, ending)
        self._write = transport.write
        self._head = b""

    def write(self, data: bytes) -> None:
        """Send something, but a head alone not before its body or `flush`."""
        if self._head:
            data = self._head + data
            self._head = b""
        elif data.endswith(b"\r\n\r\n") and data.startswith(_FINAL):
            self._head = data
            return
        self._written += len(data)
        self._write(data)

    def flush(self) -> None:
        """Send a head that has no body."""
        if self._head:
            self.write(b"")

    def end(self) -> None:
        """Close once the peer has everything, or does not read."""
        self.flush()
        super().end()


_FINAL = tuple(b"HTTP/1.1 %d" % hundreds for hundreds in (2, 3, 4, 5))
"""How a final answer's head begins, and that of `100 Continue` does not."""


def _in_kernel(transport: asyncio.Transport) -> int:
    """Return how many bytes the kernel has that the peer's has not acknowledged; 0 where it does not tell."""
    socket = transport.get_extra_info("socket")
    try:
        return int(struct.unpack("i", fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))[0])
    except (OSError, ValueError, AttributeError):
        return 0
