"""Who is at the other end of a Unix socket: the kernel says, and nobody there can say otherwise."""

from __future__ import annotations

import functools
import pwd
import socket
import struct
from typing import NamedTuple

_UCRED = "3i"
"""The kernel's ``struct ucred``: process, user, group."""

UNKNOWN = "somebody"
"""Who that is where the system does not say it."""


class Credentials(NamedTuple):
    """The process and the user that opened a connection, or that listen at its other end."""

    pid: int
    uid: int


def credentials(connection: socket.socket) -> Credentials | None:
    """Return who is at the other end of a connection; ``None`` where the system does not say."""
    option = getattr(socket, "SO_PEERCRED", None)  # Linux has it
    if option is None:
        return None
    try:
        found = connection.getsockopt(socket.SOL_SOCKET, option, struct.calcsize(_UCRED))
    except OSError:
        return None
    pid, uid, _ = struct.unpack(_UCRED, found)
    return Credentials(pid, uid)


@functools.lru_cache(maxsize=256)
def user_name(uid: int | None) -> str:
    """Return the name of a user of this machine; one without a name is ``uid 1001``."""
    if uid is None:
        return UNKNOWN
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
