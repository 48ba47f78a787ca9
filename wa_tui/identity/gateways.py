"""Which configured gateways are one, though their addresses are written in two ways."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
_LOOPBACK = "localhost"


def twins(urls: Mapping[str, str]) -> dict[str, str]:
    """Return the gateways whose place another one before them has, and that one's name."""
    first: dict[tuple[str, str, int, str], str] = {}
    found = {name: first.setdefault(_place(url), name) for name, url in urls.items()}
    return {name: other for name, other in found.items() if other != name}


def _place(url: str) -> tuple[str, str, int, str]:
    """Return where a URL leads: scheme, host, port and path, each written in one way."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    port = parts.port if parts.port is not None else _PORTS.get(scheme, 0)
    return scheme, _host((parts.hostname or "").rstrip(".").lower()), port, parts.path.rstrip("/")


def _host(host: str) -> str:
    """Return a host as it is compared: every way to name this machine is one."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        # A proxy here may tell ``a.localhost`` and ``b.localhost`` apart.
        return _LOOPBACK if host == "localhost.localdomain" else host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    # What is bound to 127.0.0.2 alone is another service than that of 127.0.0.1.
    this = address.is_unspecified or str(address) in ("127.0.0.1", "::1")
    return _LOOPBACK if this else str(address)
