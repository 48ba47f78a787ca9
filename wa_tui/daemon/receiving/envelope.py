"""The envelope of answers to a Node service (contract §2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

MISTAKE = "Not taken in, which is a mistake of ours; the daemon's log has more"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to send: status, JSON body, headers."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> list[tuple[bytes, bytes]]:
        """The headers as they are sent."""
        fields = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(self.body))]
        return fields + [(name.encode(), value.encode()) for name, value in self.headers.items()]

    async def send(self, send: Any) -> None:
        """Send it through ASGI."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.fields})
        await send({"type": "http.response.body", "body": self.body})


def success(data: Mapping[str, Any]) -> Answer:
    """Return a success with its data."""
    return Answer(200, msgspec.json.encode({"success": True, "message": "Success", "data": data}))


def wrong_key(later: int | None, what: str = "Invalid or missing API key") -> Answer:
    """Return that a key is wrong, or missing; ``later``: seconds after which a sender of too many may come again."""
    if later is not None:
        return error(429, "Too many wrong API keys from this address", {"retry-after": str(later)})
    return error(403, what)


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an error with its message."""
    body = {"success": False, "message": message, "errors": None, "error_code": None}
    return Answer(status, msgspec.json.encode(body), headers or {})
