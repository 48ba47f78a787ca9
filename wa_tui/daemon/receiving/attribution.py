"""Whose webhook is it? By its key, by its route, or by the session it names (design §3)."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from wa_tui.model.fleet import Fleet

from ..access import Caller


@dataclass(frozen=True, slots=True)
class Attributed:
    """The gateway a request comes from; ``None`` with the candidates where that cannot be told."""

    gateway: str | None
    candidates: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The gateways it may come from."""
        return self.candidates if self.gateway is None else (self.gateway,)


class WrongKey(Exception):
    """No gateway has this key."""


class UnknownGateway(Exception):
    """The route names a gateway that is not configured."""


class Attribution:
    """Tells gateways apart by the key they send: their own, or one of the API's that posts webhooks.

    Keys are compared in constant time.

    ``sender_of`` returns whose the latter is. ``twins`` are those that are one with another before them, by its name.
    """

    def __init__(
        self, fleet: Fleet, sender_of: Callable[[bytes], Caller | None], twins: Mapping[str, str]
    ) -> None:
        self._twins = twins
        self._keys: dict[str, bytes] = {}
        self._fleet = fleet
        self._sender_of = sender_of

    def add(self, gateway: str, key: str) -> None:
        """Know a gateway by the key that it sends."""
        self._keys[gateway] = key.encode()

    def remove(self, gateway: str) -> None:
        """Know a gateway no more."""
        self._keys.pop(gateway, None)

    def named(self, route: str | None) -> tuple[str, ...]:
        """Return the gateway that a route names, if it is one of ours."""
        return (route,) if route in self._keys else ()

    def candidates(self, key: bytes | None) -> tuple[str, ...]:
        """Return the gateways that send this key. Raises `WrongKey` when none does."""
        names = tuple(
            [name for name, expected in self._keys.items() if hmac.compare_digest(expected, key or b"")]
        )
        if not names and key:
            names = self._granted(key)
        if not names or not key:
            raise WrongKey
        return names

    def _granted(self, key: bytes) -> tuple[str, ...]:
        """Return the gateways that one of the API's keys may post for."""
        caller = self._sender_of(key)
        if caller is None:
            return ()
        return tuple(name for name in self._keys if not caller.gateways or name in caller.gateways)

    def of(self, key: bytes | None, route: str | None, session_id: str | None = None) -> Attributed:
        """Return the gateway a request with this key, route and session belongs to."""
        names = self.candidates(key)
        if route is not None:
            if route not in self._keys:
                raise UnknownGateway(route)
            if route not in names:
                raise WrongKey
            return Attributed(route)
        if len(names) > 1:
            # Two that are one place are the first of them.
            names = tuple(name for name in names if self._twins.get(name) not in names)
        if len(names) == 1:
            return Attributed(names[0])
        owners = self._owners(session_id, names)
        return Attributed(owners[0]) if len(owners) == 1 else Attributed(None, names)

    def _owners(self, session_id: str | None, names: Iterable[str]) -> list[str]:
        if session_id is None:
            return []
        return [name for name in self._fleet.owners(session_id) if name in names]
