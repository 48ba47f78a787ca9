"""Where a daemon is: a Unix socket, or a URL with its key."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_FORMS = "use https://host:8000, host:8000, or the path of a socket such as /run/wa_tui/wa_tui.sock"
_HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})")
_URL = re.compile(r"(https?)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?(/[^?#\s]*)?")


class AddressError(ValueError):
    """An address in none of the forms `parse_address` knows."""


@dataclass(frozen=True, slots=True)
class Unix:
    """A daemon on this machine, by the path of its socket."""

    path: Path
    start: str = field(default="wa-tui --daemon", compare=False)
    """What a person types to start it."""

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class Tcp:
    """A daemon by its URL, without a trailing slash, and the key it asks for."""

    url: str
    api_key: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    """Authorities that its certificate may be from, besides the system's."""

    def __str__(self) -> str:
        return self.url


Address = Unix | Tcp


def parse_address(text: str, api_key: str | None = None, ca_file: Path | None = None) -> Address:
    """Read ``https://host:8000``, ``host:8000`` (plain HTTP) or the path of a socket; raises `AddressError`.

    ``api_key`` and ``ca_file`` go with a TCP address; a Unix socket needs none.
    """
    text = text.strip()
    if match := _URL.fullmatch(text):
        _check_port(match[3], text)
        return Tcp(text.rstrip("/"), api_key, ca_file)
    if match := _HOST_AND_PORT.fullmatch(text):
        _check_port(match[2], text)
        return Tcp(f"http://{text}", api_key, ca_file)
    if "://" not in text and ("/" in text or text.endswith(".sock")):
        try:
            return Unix(Path(text).expanduser())
        except RuntimeError:
            raise AddressError(f'"{text}" is not an address: nobody has that home; {_FORMS}') from None
    raise AddressError(f'"{text}" is not an address: {_FORMS}')


def _check_port(port: str | None, text: str) -> None:
    if port is not None and not 0 < int(port) < 65536:
        raise AddressError(f'"{text}" is not an address: a port is between 1 and 65535; {_FORMS}')
