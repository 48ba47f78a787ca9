"""What a peer may send, and how long it may take; most of it holds before anybody has shown a key."""

from __future__ import annotations

import re
from typing import NamedTuple

from wa_tui.daemon.receiving.envelope import MISTAKE, Answer, error
from wa_tui.wire import RefusalKind

HEAD = 64 * 1024
"""Bytes of a request's head."""

TARGET = 8 * 1024
"""Bytes of a request's target."""

LEFT_OVER = 1024 * 1024
"""Bytes of a body that nobody reads, until the connection is ended."""

UNHEARD = 16 * 1024 * 1024
"""Bytes that are still taken of a client that was refused: some read no answer before they have sent everything."""

HEAD_S = 15.0
"""Seconds that a head may take, and the first one of a connection until it begins."""

BODY_S = 15.0
"""Seconds that a body may take, while it is read."""

LARGE_BODY_S = 120.0
"""The same of a gateway's that posts media with its messages: it would come again with it for hours."""

SILENCE_S = 5.0
"""Seconds without a byte after which half a request is ended."""

IDLE_S = 75.0
"""Seconds that a connection is kept for another request."""

STALLED_S = 10.0
"""Seconds without a byte read after which a peer counts as one that does not read."""

LINGER_S = 2.0
"""Seconds that a peer is left to read why it was refused: what it still sends would else cut the answer off."""


class Refusal(NamedTuple):
    """Why a request is not even read, and what it is answered."""

    kind: RefusalKind
    answer: Answer


NOT_HTTP = Refusal(RefusalKind.NOT_HTTP, error(400, "Not an HTTP request"))
OUR_MISTAKE = Refusal(RefusalKind.FAILED, error(500, MISTAKE))
NO_TUNNEL = Refusal(RefusalKind.NOT_HTTP, error(405, "No tunnels here"))
HEAD_TOO_LARGE = Refusal(RefusalKind.HEAD_TOO_LARGE, error(431, f"Head too large: at most {HEAD} bytes"))
TARGET_TOO_LONG = Refusal(RefusalKind.TARGET_TOO_LONG, error(414, f"Target too long: at most {TARGET} bytes"))
TOO_SLOW = Refusal(RefusalKind.TOO_SLOW, error(408, "The request did not come in time"))
TOO_MUCH = Refusal(RefusalKind.TOO_LARGE, error(413, "Body too large"))
NO_ROOM = Refusal(RefusalKind.TOO_MANY, error(503, "Too many connections: come again", {"retry-after": "1"}))

_BEGINNING = re.compile(rb"[A-Z]{1,20}( |$)")
_LINE = len(b"CONNECT  HTTP/1.1") + TARGET


def refusal_of_head(held: bytearray, end: int) -> Refusal | None:
    """Return why a head that begins what is held is no good; ``end`` is where it ends, negative while unknown."""
    if held and not _BEGINNING.match(held[:21]):
        return NOT_HTTP
    if held.find(b"\r\n", 0, _LINE) < 0 and len(held) > _LINE:
        return TARGET_TOO_LONG
    return HEAD_TOO_LARGE if end < 0 and len(held) > HEAD else None
