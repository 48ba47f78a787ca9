"""What a pause of healing comes of, and when a person is needed for it. Pure."""

from __future__ import annotations

from wa_tui.gateways import machine
from wa_tui.wire import Attention, AttentionCode

from ..attention.obstacles import obstacle
from .breaker import Breaker

STAYS = 2
"""Pauses in a row from which on a person is needed.

A first one may come of a machine that was busy for a minute. At the second the one session that was tried in between
has not started either, and each further pause is twice as long.
"""


def cause(breaker: Breaker, url: str) -> str:
    """Return why the last start failed: what is known of it, else its own words, in one line.

    ``url`` is the gateway's, to name its machine.
    """
    known = obstacle(breaker.reason, breaker.detail, url, "")
    if known is not None:
        return known.text
    return next(iter(breaker.detail.strip().splitlines()), "")


def attention(breaker: Breaker, url: str) -> list[Attention]:
    """Return whether a gateway needs a person since healing stays paused there.

    It does through the trial after a pause too: only a start that works ends that.
    """
    if breaker.pauses < STAYS:
        return []
    known = obstacle(breaker.reason, breaker.detail, url, "")
    todo = known.action if known is not None else f"see the service's log on {machine(url)}"
    return [
        Attention(
            code=AttentionCode.HEALING_PAUSED,
            text=f"{cause(breaker, url) or 'nobody says why'}: no session starts, healing stays paused",
            action=f"{todo}; a reconnect that works has healing go on",
        )
    ]
