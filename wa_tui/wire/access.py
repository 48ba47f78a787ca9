"""Who may ask the daemon for what: keys with names and scopes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from .sessions import UserId


class Scope(StrEnum):
    """What a key is for; `OPERATE` reads too, `ADMIN` does what the two do."""

    WEBHOOK = "webhook"
    """Posts webhooks, as a gateway."""
    READ = "read"
    """Looks at everything but QR codes."""
    OPERATE = "operate"
    """Acts on sessions, and sees their QR codes: who scans one links their phone."""
    ADMIN = "admin"
    """Makes and revokes keys, and says where gateways post."""


GRANTS: dict[Scope, frozenset[Scope]] = {
    Scope.WEBHOOK: frozenset({Scope.WEBHOOK}),
    Scope.READ: frozenset({Scope.READ}),
    Scope.OPERATE: frozenset({Scope.OPERATE, Scope.READ}),
    Scope.ADMIN: frozenset({Scope.ADMIN, Scope.OPERATE, Scope.READ}),
}
"""What each scope lets do."""


class ApiKeyRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key asked for; without ``gateways`` it is for all, without a ``user_id`` for the sessions of all users."""

    name: str
    scopes: list[Scope]
    gateways: list[str] = []
    user_id: UserId | None = None


class ApiKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it can be shown: its secret is kept nowhere."""

    name: str
    scopes: list[str]
    gateways: list[str] = []
    """The gateways it is for; none for all."""
    user_id: UserId | None = None
    """The user whose sessions it is for."""
    created_at: datetime
    created_by: str
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    used_at: datetime | None = None
    """When it was shown last, since the daemon started."""


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that was made just now; ``secret`` is told this once."""

    key: ApiKeyView
    secret: str
