"""What systemd is told of a daemon that it runs with ``Type=notify`` (sd_notify(3)): by ``$NOTIFY_SOCKET``."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, MutableMapping

log = logging.getLogger("wa_tui.daemon")

LOOKED_EVERY = 10.0
"""Seconds between two looks at how the daemon stands, at most."""

LEAST = 0.05
"""Seconds between two, whatever patience is asked for: they are not all that the loop has to do."""

_MOST_DIGITS = 20
"""Of microseconds: systemd's are 64 bits."""


class Systemd:
    """Tells systemd; where nobody listens at ``address`` nothing is told. ``watchdog_s`` is systemd's patience."""

    def __init__(self, address: str | None, watchdog_s: float | None = None) -> None:
        self._address = address
        self._every = LOOKED_EVERY if watchdog_s is None else max(LEAST, min(LOOKED_EVERY, watchdog_s / 2))
        self._watched = watchdog_s is not None
        self._status = ""

    @classmethod
    def of(cls, environ: MutableMapping[str, str]) -> Systemd:
        """Return the one that started us; its variables go: what we start is no service of its own."""
        address, micros, pid = (
            environ.pop(name, "") for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
        )
        known = micros.isdecimal() and len(micros) <= _MOST_DIGITS and int(micros) > 0
        ours = known and pid in ("", str(os.getpid()))
        return cls(address or None, int(micros) / 1e6 if ours else None)

    def say(self, *assignments: str) -> None:
        """Send assignments as ``READY=1``, none of which may have a line break."""
        if self._address is None:
            return
        # An address that begins with @ is none of the file system.
        place = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.setblocking(False)
                sender.sendto("\n".join(assignments).encode(errors="replace"), place)
        except OSError as error:
            log.debug("systemd could not be told %s: %s", assignments, error)

    async def beat(self, standing: Callable[[], Awaitable[str]]) -> None:
        """Tell for ever that the loop runs, and how the daemon stands where that is news."""
        if self._address is None:
            return
        while True:
            if self._watched:
                self.say("WATCHDOG=1")
            status = " ".join((await standing()).split())
            if status != self._status:
                self.say(f"STATUS={status}")
                self._status = status
            await asyncio.sleep(self._every)
