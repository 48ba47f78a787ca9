"""The daemon's API from outside, over its Unix socket or TCP; one code path for monitor and command line."""

from __future__ import annotations

from .address import Address, AddressError, Tcp, Unix, parse_address
from .clock import DaemonClock
from .connection import Client, default_who
from .errors import DaemonError, DaemonGone, Incompatible, Refused, Unauthorised
from .following import Disconnected
from .spawn import find_or_start
from .starting import start_command

__all__ = [
    "Address",
    "AddressError",
    "Client",
    "DaemonClock",
    "DaemonError",
    "DaemonGone",
    "Disconnected",
    "Incompatible",
    "Refused",
    "Tcp",
    "Unauthorised",
    "Unix",
    "default_who",
    "find_or_start",
    "parse_address",
    "start_command",
]
