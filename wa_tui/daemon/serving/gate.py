"""Who is at the door: over TCP by the key they show, on the socket by the user at its other end."""

from __future__ import annotations

import hmac
from typing import Any

from wa_tui.system.peers import user_name

from ..access import ApiKeys, Caller
from ..access.caller import EVERYTHING
from ..receiving.requests import key_of
from .browsers import Browsers

CONTROL_KEY = "control-key"
"""Who the key of the configuration is, in the audit."""


class KeyGate:
    """Tells who asks over TCP: the configured key may do everything, the others what they were made for."""

    def __init__(self, keys: ApiKeys, control_key: str, browsers: Browsers) -> None:
        self.browsers: Browsers | None = browsers
        self._keys = keys
        self._control_key = control_key.encode()
        self._admin = Caller(CONTROL_KEY, EVERYTHING)

    def caller(self, scope: dict[str, Any]) -> Caller | None:
        """Return who asks, ``None`` for a wrong key or none."""
        key = key_of(scope)
        if key is None:
            return None
        if hmac.compare_digest(key, self._control_key):
            return self._admin
        return self._keys.caller(key)


class SocketGate:
    """Tells who asks over the Unix socket, whose mode says who may: they may do everything."""

    browsers: Browsers | None = None
    """No browser speaks to a socket."""

    def caller(self, scope: dict[str, Any]) -> Caller | None:
        """Return who asks."""
        return Caller(user_name(scope.get("state", {}).get("peer_uid")), EVERYTHING)


Gate = KeyGate | SocketGate
