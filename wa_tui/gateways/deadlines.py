"""How long a gateway may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long each call may take in all, in seconds."""

    health: float = 5.0
    list: float = 10.0
    status: float = 10.0
    server: float = 15.0
    """To ask WhatsApp's server: the gateway itself waits 10 s for it."""
    init: float = 45.0
    disconnect: float = 15.0
    """To stop, to log out and to delete alike."""
    send: float = 30.0
