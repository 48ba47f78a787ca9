"""What came over a connection and is not parsed yet, in pieces none of which reaches beyond a request."""

from __future__ import annotations

from . import bounds


class Held:
    """Bytes that wait for their turn; ``rest`` and ``waste`` are of the body that is on its way."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.rest = 0
        """Bytes that are still to come; negative for a body in chunks."""
        self.waste = 0
        """Bytes that nobody reads: the body is answered already, or they are the chunks' own."""

    def refusal(self) -> bounds.Refusal | None:
        """Return why what is held begins no good head."""
        if self.data.startswith(b"\r\n"):
            # Allowed between requests, and no part of one.
            del self.data[: len(self.data) - len(self.data.lstrip(b"\r\n"))]
        return bounds.refusal_of_head(self.data, self._end())

    def head(self) -> bytes | None:
        """Take a head that is here whole."""
        end = self._end()
        return self._take_out(end + 4) if end >= 0 else None

    def piece(self) -> bytes:
        """Take the next piece of a body: what its length leaves, or up to the end of a line, as chunks end with."""
        if self.rest < 0:
            size = self.data.find(b"\n") + 1 or len(self.data)
            self.waste += size
        else:
            size = min(self.rest, len(self.data))
            self.rest -= size
        return self._take_out(size)

    def read(self, size: int) -> None:
        """Note that so much of a body was read."""
        if self.rest < 0:
            self.waste -= size

    def ignored(self, size: int) -> None:
        """Note that so much of a body was not."""
        if self.rest >= 0:
            self.waste += size

    def _end(self) -> int:
        return self.data.find(b"\r\n\r\n", 0, bounds.HEAD)

    def _take_out(self, size: int) -> bytes:
        piece = bytes(self.data[:size])
        del self.data[:size]
        return piece
