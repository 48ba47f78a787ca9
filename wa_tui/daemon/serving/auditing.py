"""Who did it, for the audit: the name of their key, or the socket's user; what a header says is only added to that.

What is added is in parentheses, which no key's name has, and can only say more about who that is.
"""

from __future__ import annotations

import re

from starlette.requests import HTTPConnection

from wa_tui.model.registers import Source
from wa_tui.wire import READ_ONLY_HEADER, WHO_HEADER

from ..access import Caller

_SAYABLE = re.compile(r"[A-Za-z0-9._+@-]{1,64}")
_RESERVED = frozenset(Source)
"""Who else acts, in the events of a session."""


def caller_of(request: HTTPConnection) -> Caller:
    """Return who asks, as the router found out."""
    caller: Caller = request.scope["state"]["caller"]
    return caller


def is_read_only(request: HTTPConnection) -> bool:
    """Tell whether who asks wants nothing to be changed, whatever their key opens."""
    return request.headers.get(READ_ONLY_HEADER, "") not in ("", "0")


def who_asks(request: HTTPConnection) -> str:
    """Return who asks, as it stands in the audit: ``anna``, or ``ops (says anna@laptop)``."""
    who = caller_of(request).who
    if who in _RESERVED:
        who = f"user {who}"
    said = request.headers.get(WHO_HEADER, "")
    # A user of this machine who says no other name adds nothing by the name of the host.
    if not _SAYABLE.fullmatch(said) or said.partition("@")[0] == who:
        return who
    return f"{who} (says {said})"
