"""Phone numbers of gateways that tell one for a question of its own, and not with a session's state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from .errors import GatewayError


class KnownPhones:
    """By session, its number: it is asked for once, when a client is first seen connected."""

    def __init__(self) -> None:
        self._phones: dict[str, str] = {}

    async def of(self, session_id: str, ask: Callable[[], Awaitable[str | None]]) -> str | None:
        """Return a connected client's number; where that cannot be told now, the next check asks again."""
        if session_id not in self._phones:
            try:
                found = await ask()
            except GatewayError:
                return None
            if found is None:
                return None
            self._phones[session_id] = found
        return self._phones[session_id]

    def forget(self, session_id: str) -> None:
        """Forget a session's number: another may be paired by the time that it is connected."""
        self._phones.pop(session_id, None)
