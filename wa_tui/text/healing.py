"""What is said of a gateway on which healing starts nothing for a while."""

from __future__ import annotations

from datetime import datetime

from wa_tui.wire import ANSWERING, AttentionCode, GatewayView

from .ages import age

PAUSED = "healing paused"


def stays_paused(gateway: GatewayView) -> bool:
    """Tell whether a person is needed since healing stays paused there."""
    return any(each.code is AttentionCode.HEALING_PAUSED for each in gateway.attention)


def paused_words(gateway: GatewayView | None, now: datetime) -> str:
    """Return that healing is paused on a gateway, and for how long: ``healing paused 3m``; empty where it is not.

    It stays paused while one session is tried, without a time then. One that does not answer has other troubles.
    """
    if gateway is None or gateway.state not in ANSWERING:
        return ""
    until = gateway.healing.paused_until if gateway.healing is not None else None
    if until is not None and until > now:
        return f"{PAUSED} {age((until - now).total_seconds())}"
    return PAUSED if stays_paused(gateway) else ""
