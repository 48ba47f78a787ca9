"""Why the daemon refuses requests: one closed list of kinds, their words, and a view of who sends them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class RefusalKind(StrEnum):
    """Why a request was not taken in; what is counted under it may be a webhook or any other request."""

    WRONG_KEY = "wrong_key"
    """A webhook with no key, or with one that no gateway has."""
    WRONG_SIGNATURE = "wrong_signature"
    """A webhook without a signature, or with a wrong one, of a gateway that signs."""
    RESTORE_KEY = "restore_key"
    """The same of a gateway that asks which sessions to restore: it restores none."""
    RESTORE_SHARED = "restore_shared"
    """A gateway asks that, and others have its key: nobody can tell which it is."""
    CONTROL_KEY = "control_key"
    """A request to the API, WebSockets included, without its key."""
    SCOPE = "scope"
    """The same with a key that may not do this."""
    WEB_PAGE = "web_page"
    """From a web page of others, or under a name that is not ours, as one that was given to our address."""
    WRONG_PATH = "wrong_path"
    """A webhook, or what to restore, at a path that does not exist."""
    NOT_FOUND = "not_found"
    """Anything else there."""
    WRONG_METHOD = "wrong_method"
    UNKNOWN_ROUTE = "unknown_route"
    """To the address of a gateway that is not configured."""
    MALFORMED = "malformed"
    UNKNOWN_STATUS = "unknown_status"
    TOO_LARGE = "too_large"
    ENCODED = "encoded"
    """A body in an encoding that nobody here reads."""
    UNRECOGNISED = "unrecognised"
    """From a gateway that is asked what it is, and has not answered yet."""
    BUSY = "busy"
    NOT_STORED = "not_stored"
    FAILED = "failed"
    NOT_HTTP = "not_http"
    HEAD_TOO_LARGE = "head_too_large"
    TARGET_TOO_LONG = "target_too_long"
    TOO_SLOW = "too_slow"
    UNREAD = "unread"
    """What was answered, or what a monitor is told, was not read for a while."""
    TOO_MANY = "too_many"
    """More connections than there is room for."""


REFUSED: dict[str, str] = {
    RefusalKind.WRONG_KEY: "wrong key",
    RefusalKind.WRONG_SIGNATURE: "wrong signature",
    RefusalKind.RESTORE_KEY: "wrong key when it asked what to restore",
    RefusalKind.RESTORE_SHARED: "key of several gateways when it asked what to restore",
    RefusalKind.CONTROL_KEY: "wrong control key",
    RefusalKind.SCOPE: "key that may not do this",
    RefusalKind.WEB_PAGE: "from a web page, or under a name that is not ours",
    RefusalKind.WRONG_PATH: "wrong path",
    RefusalKind.NOT_FOUND: "no such path",
    RefusalKind.WRONG_METHOD: "wrong method",
    RefusalKind.UNKNOWN_ROUTE: "to an unknown gateway's address",
    RefusalKind.MALFORMED: "malformed",
    RefusalKind.UNKNOWN_STATUS: "unknown status",
    RefusalKind.TOO_LARGE: "too large",
    RefusalKind.ENCODED: "in an unknown encoding",
    RefusalKind.UNRECOGNISED: "nobody knows yet what its gateway is (503)",
    RefusalKind.BUSY: "too many at once (503)",
    RefusalKind.NOT_STORED: "not stored (503)",
    RefusalKind.FAILED: "failed here",
    RefusalKind.NOT_HTTP: "not HTTP",
    RefusalKind.HEAD_TOO_LARGE: "head too large",
    RefusalKind.TARGET_TOO_LONG: "path too long",
    RefusalKind.TOO_SLOW: "too slow",
    RefusalKind.UNREAD: "its answers were not read",
    RefusalKind.TOO_MANY: "too many connections",
}
"""What each kind is called."""


class RefusedView(msgspec.Struct, frozen=True, kw_only=True):
    """Refused requests of one address for one reason since the daemon started, that no gateway is known by.

    ``peer`` is an IP address, ``socket`` for the daemon's own, or ``others`` for all that there is no room to count
    apart.
    """

    peer: str
    kind: str
    count: int
    last_at: datetime

    @property
    def detail(self) -> str:
        """What happened, as ``214 requests refused from 10.0.0.9: wrong key``."""
        requests = "request" if self.count == 1 else "requests"
        return f"{self.count} {requests} refused from {self.peer}: {REFUSED.get(self.kind, self.kind)}"
