"""The machine that a gateway runs on, for who has to do something there."""

from __future__ import annotations

import socket
from functools import lru_cache
from urllib.parse import urlsplit

from wa_tui.system.hosts import is_loopback


@lru_cache(maxsize=256)
def machine(url: str) -> str:
    """Return the name of a gateway's machine: our own where it is on this one."""
    host = urlsplit(url).hostname or ""
    return socket.gethostname() if is_loopback(host) else host
