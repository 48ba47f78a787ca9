"""The live feed for a command: what it loses and regains is said on standard error."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

from wa_tui.client import Client, Disconnected, Incompatible, Unauthorised
from wa_tui.wire import LiveMessage

from .printing import complain


async def follow(client: Client) -> AsyncGenerator[LiveMessage, None]:
    """Yield live messages for ever, across restarts of the daemon; wrap it in `contextlib.aclosing`.

    Raises `Unauthorised` and `Incompatible`, which no waiting mends.
    """
    async with contextlib.aclosing(client.follow()) as feed:
        gone = False
        async for message in feed:
            if isinstance(message, Disconnected):
                if isinstance(message.error, Unauthorised | Incompatible):
                    raise message.error
                gone = True
                complain(f"wa-tui: {message.reason}; waiting for its return")
                continue
            if gone:
                gone = False
                complain("wa-tui: the daemon is back")
            yield message
