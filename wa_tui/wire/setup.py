"""Where a gateway's webhooks go, and where they should."""

from __future__ import annotations

from typing import Literal

import msgspec

PlaceState = Literal["ours", "other", "theirs", "none"]
"""``ours``: as it should be; ``other``: ours, with another key or other events.

``theirs``: somebody else's, which stands in the way; ``none``: there is room for ours.
"""


class WebhookPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where one session's webhooks go; without a session, all of the gateway's."""

    session_id: str | None = None
    state: PlaceState = "none"
    url: str = ""
    """Somebody else's address, or ours, without a key that may stand in it."""
    lacks: list[str] = []
    """Events that it does not post to us, and should."""


class WebhookSetup(msgspec.Struct, frozen=True, kw_only=True):
    """What ``gateways setup`` would set, or has set; no key is told."""

    gateway: str
    url: str
    """The address of ours."""
    key: str
    """Which key they carry, in words."""
    can_set: bool = False
    """The gateway can be told by its API, session by session."""
    advice: str = ""
    """What to put where by hand, for all its sessions: lines for a terminal."""
    notices: list[str] = []
    """What is likely to be wrong with the address."""
    places: list[WebhookPlace] = []
