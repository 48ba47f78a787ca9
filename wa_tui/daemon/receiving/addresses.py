"""Which gateways are at an address: hosts of the configured urls, looked up in the background."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from ..background import Background

EVERY = 60.0
"""Seconds after which a host is looked up again: containers move."""

_LOOPBACK = "127.0.0.1"


class Addresses:
    """The addresses of each gateway, as of the last look-up; one that fails leaves what was known."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._hosts: dict[str, str] = {}
        self._known: dict[str, frozenset[str]] = {}
        for name, url in urls.items():
            self.add(name, url)
        self._background = Background("addresses", self._run)

    def add(self, name: str, url: str) -> None:
        """Know a gateway by the host of its url."""
        self._hosts[name] = host = urlsplit(url).hostname or ""
        self._known[name] = frozenset({canonical(host)})

    def at(self, peer: str) -> tuple[str, ...]:
        """Return the gateways that send from an address; all of this machine's own are its loopback one."""
        address = canonical(peer)
        if _is_own(address):
            address = _LOOPBACK
        return tuple(name for name, known in self._known.items() if address in known)

    def start(self) -> None:
        """Begin to look the hosts up."""
        self._background.start()

    async def stop(self) -> None:
        """End."""
        await self._background.stop()

    async def look(self) -> None:
        """Look every host up once, and forget which addresses are this machine's."""
        _is_own.cache_clear()
        hosts = set(self._hosts.values())
        found = dict(zip(hosts, await asyncio.gather(*map(_lookup, hosts)), strict=True))
        for name, host in self._hosts.items():
            self._known[name] = found.get(host) or self._known[name]

    async def _run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(EVERY)


@lru_cache(maxsize=1024)
def canonical(address: str) -> str:
    """Return an address as one text: all of the host's own loopback ones alike, IPv4 within IPv6 as IPv4."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return _LOOPBACK if address == "localhost" else address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return _LOOPBACK if parsed.is_loopback else str(parsed)


def is_address(text: str) -> bool:
    """Tell whether a text is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


async def _lookup(host: str) -> frozenset[str]:
    """Return a host's addresses, none where it has none now; one of this machine's sends from the loopback too."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return frozenset()
    addresses = {canonical(str(each[4][0])) for each in found}
    return frozenset(addresses | ({_LOOPBACK} if any(map(_is_own, addresses)) else set()))


@lru_cache(maxsize=1024)
def _is_own(address: str) -> bool:
    """Tell whether an address is this machine's: only such can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))
        return True
    return False
