"""What the service says: all of it into a file of bounded size, and at a bounded pace to whoever listens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

log = logging.getLogger("wa_tui.node")

PACE = 20
"""Lines that are told in one second; of the rest only their number."""

LONGEST = 500
"""Characters of a told line."""

FULL = 5_000_000
"""Bytes after which the file is put aside as ``<name>.1``, in place of the one before it."""

_CHUNK = 65_536
_BREAK_AFTER = 16_384


class Output:
    """Takes the service's lines; ``tell`` gets each that the pace allows, ``last`` is the newest."""

    def __init__(self, path: Path, on_line: Callable[[str], None]) -> None:
        self.last = ""
        self._path = path
        self._on_line = on_line
        self._file = _File(path)
        self._since = float("-inf")
        self._lines = 0
        self._left_out = 0
        self._due: asyncio.TimerHandle | None = None

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Take lines in until the end."""
        rest = b""
        while chunk := await reader.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            self._write(lines)
            if len(rest) > _BREAK_AFTER:
                self._write([rest])
                rest = b""
            # A flood of lines must not keep the loop from everything else.
            await asyncio.sleep(0)
        if rest:
            self._write([rest])

    def say(self, text: str) -> None:
        """Take in a line of our own: always told."""
        log.info("%s", text)
        self._file.write([text.encode()])
        self._on_line(text)

    def close(self) -> None:
        """Tell what is left to tell, and close the file."""
        self._sum_up()
        self._file.close()

    def _write(self, lines: list[bytes]) -> None:
        self._file.write(lines)
        loop = asyncio.get_running_loop()
        if loop.time() - self._since >= 1:
            self._sum_up()
            self._since, self._lines = loop.time(), 0
        shown = [line for line in lines if line.strip()]
        room = PACE - self._lines
        for line in shown[:room]:
            self._on_line(_text(line))
        if shown:
            self.last = _text(shown[-1])
        self._lines += len(shown[:room])
        self._left_out += len(shown[room:])
        if self._left_out and self._due is None:
            self._due = loop.call_at(self._since + 1, self._sum_up)

    def _sum_up(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self._left_out:
            self._on_line(f"… {self._left_out} lines more in {self._path}")
            self._left_out = 0


def _text(line: bytes) -> str:
    return line[: 4 * LONGEST].decode("utf-8", "replace").rstrip()[:LONGEST]


class _File:
    """A log file, readable by its owner alone, that starts anew when it is full; what was before is kept once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None
        self._size = 0
        self._troubled = False

    def write(self, lines: list[bytes]) -> None:
        """Append lines with the time; a disk that does not take them is said once, in the daemon's log."""
        if not lines:
            return
        stamp = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S ").encode()
        content = b"".join(stamp + line.rstrip(b"\r") + b"\n" for line in lines)
        try:
            fd = self._open(len(content))
            self._size += os.write(fd, content)
            self._troubled = False
        except OSError as error:
            self.close()
            if not self._troubled:
                log.warning("%s cannot be written (%s); lines are lost", self._path, error.strerror)
            self._troubled = True

    def close(self) -> None:
        """Close the file; a later line opens it again."""
        if self._fd is not None:
            with contextlib.suppress(OSError):
                os.close(self._fd)
            self._fd = None

    def _open(self, more: int) -> int:
        if self._fd is not None and self._size + more > FULL:
            self.close()
        if self._fd is None:
            self._put_aside(more)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._fd = os.open(self._path, flags, 0o600)
            self._size = os.fstat(self._fd).st_size
        return self._fd

    def _put_aside(self, more: int) -> None:
        with contextlib.suppress(FileNotFoundError):
            if self._path.stat().st_size + more > FULL:
                self._path.replace(self._path.with_name(self._path.name + ".1"))
