"""The machine that a gateway runs on, for who has to do something there."""

from __future__ import annotations

import socket
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit


@lru_cache(maxsize=256)
def machine(url: str) -> str:
    """Return the name of a gateway's machine: our own where it is on this one."""
    host = urlsplit(url).hostname or ""
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return socket.gethostname() if local else host
