"""The address at which a gateway reaches us, as far as that can be told from here."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

from wa_tui.system.hosts import is_loopback

_EVERYWHERE = ("0.0.0.0", "::", "")


async def address_for(listen: tuple[str, int], gateway: str, scheme: str = "http") -> str:
    """Return where a gateway reaches us: where we listen, or of all our addresses the one that leads to its url."""
    host, port = listen
    if host in _EVERYWHERE:
        host = await asyncio.to_thread(_towards, gateway)
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def doubts(ours: str, gateway: str) -> list[str]:
    """Return what is likely to be wrong with an address of ours for a gateway."""
    here, there = urlsplit(ours).hostname or "", urlsplit(gateway).hostname or ""
    if not is_loopback(here):
        return []
    if is_loopback(there):
        return [f"a gateway in a container takes {here} for the container: --url says how it reaches wa-tui"]
    return [
        f"{there} cannot reach {here}, where wa-tui listens: set WA_TUI_LISTEN, or say with --url how it reaches wa-tui"
    ]


def _towards(gateway: str) -> str:
    """Return the address of ours that packets to a gateway leave from; none are sent."""
    place = urlsplit(gateway)
    try:
        found = socket.getaddrinfo(place.hostname, place.port or 80, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.connect(address)
            return str(probe.getsockname()[0])
    except OSError:
        return "127.0.0.1"
