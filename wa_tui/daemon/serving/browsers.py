"""Keeps web pages out: no page of others may ask, whatever name it gave to our address (DNS rebinding).

A page cannot know a key, so that who shows one may call us by any name, as through a proxy. There are no CORS headers.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from wa_tui.wire import API_HEADER

from ..receiving.addresses import is_address

_OURS = API_HEADER.encode()


class Names:
    """The names by which the daemon is known: this host's, those of the configuration, and every address."""

    def __init__(self, names: Iterable[str]) -> None:
        own = socket.gethostname().lower()
        self._names = {"localhost", own, own.partition(".")[0], *(name.lower() for name in names)}

    def __contains__(self, authority: str) -> bool:
        """Tell whether a ``Host`` names us; an address is no name that somebody could give to another."""
        try:
            host = urlsplit(f"//{authority}").hostname or ""
        except ValueError:
            return False
        return host in self._names or host.endswith(".localhost") or is_address(host)


class Browsers:
    """Refuses what only a browser asks on behalf of a page that is not ours."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def refusal_of_page(self, scope: dict[str, Any]) -> str | None:
        """Return why a request is not answered, with or without a key: it comes from a page elsewhere."""
        origin, host = _header(scope, b"origin"), _header(scope, b"host") or ""
        if origin is None or (origin.partition("://")[2] == host and host in self._names):
            return None
        return "no web page of others may ask wa-tui: there is no CORS; ask from a program, without the header Origin"

    def refusal_of_name(self, scope: dict[str, Any]) -> str | None:
        """Return why a request without a right key is not answered: whoever sent it takes us for another.

        A wa-tui is told of its key instead, which it has to be given whatever name it calls us by.
        """
        host = _header(scope, b"host")
        if host is None or host in self._names or _header(scope, _OURS) is not None:
            return None
        return "nothing here has this name: add it to `hosts` (WA_TUI_HOSTS), or ask by address"


def _header(scope: dict[str, Any], wanted: bytes) -> str | None:
    found = [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]
    # Two of them are two who say different things: neither is believed.
    return None if not found else found[0] if len(found) == 1 else ""
