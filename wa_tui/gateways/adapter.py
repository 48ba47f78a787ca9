"""What one kind of gateway is: a folder beside this file gives it, `wa_tui.gateways.registry` has them all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wa_tui.identity.kinds import GatewayKind

from .protocol import Capability, GatewayClient
from .reports import WebhookFormat


@dataclass(frozen=True, slots=True)
class Place:
    """Where a gateway listens, and what it takes.

    ``headers``, and ``basic`` with a user and a password, are for a proxy before it; ``ca_file`` has authorities that
    its certificate may be from.
    """

    name: str
    url: str
    api_key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    basic: tuple[str, str] | None = None
    ca_file: Path | None = None

    def key_in(self, header: str) -> dict[str, str]:
        """Return the header that shows its key; none for a gateway without one."""
        return {} if self.api_key is None else {header: self.api_key}


@dataclass(frozen=True, slots=True)
class Adapter:
    """One kind of gateway.

    ``webhooks`` is ``None`` for the contract alone, whose webhooks go the receiver's short way and are refused where
    they do not keep it. ``recognise`` tells whether what listens at a place is of this kind, by questions that need no
    key and change nothing; it raises `GatewayError` where nothing answers. ``capabilities`` are those of every gateway
    of this kind, for the documentation; a client may have more.
    """

    kind: GatewayKind
    connect: Callable[[Place], GatewayClient]
    recognise: Callable[[Place], Awaitable[bool]]
    capabilities: frozenset[Capability]
    webhooks: WebhookFormat | None = None
    webhook_advice: Callable[[str, str, bool], str] | None = None
    """Returns what a person puts where so that it posts to an address of ours with a key, for all sessions at once:
    lines of a terminal, such as ``WEBHOOK_URL=…``. The third tells whether what is about messages is wanted too."""
    setup_notice: str = ""
    """What else its API does to a session as it is told where that posts to."""
