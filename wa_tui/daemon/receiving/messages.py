"""Whose messages a webhook tells of: they are counted for sessions that are known, by the ids that we know them by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import msgspec

from wa_tui.gateways import GatewayClient
from wa_tui.model.fleet import Fleet
from wa_tui.model.traffic import Message

Count = Callable[[str, Sequence[Message]], None]
"""Counts messages of one gateway."""


class MessageCounting:
    """Has the messages of a webhook counted; nothing is adopted for them, and those of nobody are nothing."""

    def __init__(self, fleet: Fleet, clients: Mapping[str, GatewayClient], count: Count) -> None:
        self._fleet = fleet
        self._clients = clients
        self._count = count

    def take_in(self, gateways: Sequence[str], messages: Sequence[Message]) -> list[str]:
        """Have messages counted that one of some gateways tells of; returns the gateways that had any to count."""
        found: defaultdict[str, list[Message]] = defaultdict(list)
        for message in messages:
            session_id = self._known_as(gateways, message.session_id)
            owners = [] if session_id is None else self._owners(gateways, session_id)
            if session_id is not None and len(owners) == 1:
                found[owners[0]].append(msgspec.structs.replace(message, session_id=session_id))
        for gateway, counted in found.items():
            self._count(gateway, counted)
        return [*found]

    def _known_as(self, gateways: Sequence[str], session_id: str) -> str | None:
        client = self._clients.get(gateways[0]) if len(gateways) == 1 else None
        return session_id if client is None else client.known_as(session_id)

    def _owners(self, gateways: Sequence[str], session_id: str) -> list[str]:
        return [name for name in self._fleet.owners(session_id) if name in gateways]
