"""The beginning of a JSON object, made whole: what a body says before the file in it, which nobody wants to read."""

from __future__ import annotations

import re

from .loose import DEEPEST, Unreadable

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{},]', re.DOTALL)
_CUT = b'"'
"""A text that does not end."""

_CLOSING = {b"{": b"}", b"[": b"]"}


def closed(head: bytes) -> bytes:
    """Return the members of an object that are complete in its beginning, as an object; raises `Unreadable`."""
    within: list[bytes] = []
    end, to_close = 0, b""
    for match in _TOKEN.finditer(head):
        token = match.group()
        if token in _CLOSING:
            within.append(_CLOSING[token])
            if len(within) > DEEPEST:
                break
        elif token == b"," and within:
            # What stands before a comma is complete.
            end, to_close = match.start(), b"".join(reversed(within))
        elif token == _CUT or (token in (b"]", b"}") and not (within and within.pop() == token)):
            break
    if not head.lstrip().startswith(b"{") or not end:
        raise Unreadable("nothing at its beginning is complete")
    return head[:end] + to_close
