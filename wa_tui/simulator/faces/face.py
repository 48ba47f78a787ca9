"""What each kind of gateway puts before the engine that they share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, ClassVar

from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from wa_tui.identity.kinds import GatewayKind
from wa_tui.simulator.client import Client, Event
from wa_tui.simulator.gateway import FaultError, Gateway
from wa_tui.simulator.messages import Message

Params = dict[str, Any]
Fault = Callable[[Params], Awaitable[None]]


class Face(ABC):
    """One kind of gateway as it is met from outside: its routes behind its key, and its webhooks.

    A kind that gets something wrong of its own has it in `faults`, by name; what all kinds suffer from is in
    `wa_tui.simulator.faults`.
    """

    kind: ClassVar[GatewayKind]
    key_header: ClassVar[bytes] = b"x-api-key"
    open_path: ClassVar[str]
    """Where it wants no key."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.faults: Mapping[str, Fault] = {}
        gateway.announce = self.announce
        gateway.traffic.notify = self.follow

    def named(self, params: Params) -> Client:
        """Return the client that a fault is about; raises FaultError where there is none."""
        client = self.gateway.clients.get(str(params.get("sessionId")))
        if client is None:
            where = self.gateway.settings.name
            raise FaultError(f"Gateway {where} has no client {params.get('sessionId')!r}.", 404)
        return client

    @abstractmethod
    def app(self) -> ASGIApp:
        """Return the routes, without the check of the key; a request's body is in its scope by then."""

    def denial(self, scope: Scope) -> Response | None:
        """Return the answer to a request without the right key, None for one that may pass."""
        key = dict(scope["headers"]).get(self.key_header)
        fits = scope["path"] == self.open_path or key == self.gateway.settings.api_key.encode()
        return None if fits else self.unauthorised()

    @abstractmethod
    def unauthorised(self) -> Response:
        """Return what it answers to a wrong key."""

    @abstractmethod
    def failure(self) -> Response:
        """Return what it answers when something in it broke."""

    @abstractmethod
    def announce(self, client: Client, event: Event) -> None:
        """Post what became of a client, in the kind's own words."""

    @abstractmethod
    def follow(self, client: Client, message: Message) -> None:
        """Post a message, or what became of it, where the kind does that."""

    @abstractmethod
    def duties(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """Return what its process does by itself from its start on: restore sessions, look after them."""
