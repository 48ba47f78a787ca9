"""Snoozes, acknowledgements and paused healing in a few words."""

from __future__ import annotations

from datetime import datetime

from wa_tui.wire import ANSWERING, AttentionCode, GatewayView, Quietable, is_snoozed

from .ages import age, left, since
from .cleaning import clean

PAUSED = "healing paused"


def quiet_words(view: Quietable, now: datetime) -> str:
    """Return it in two or three words; nothing where it calls."""
    return _text(view, now, "snoozed", "taken by")


def cover_words(gateway: GatewayView, now: datetime) -> str:
    """Return it of a quieted gateway for the sessions that it covers."""
    return _text(gateway, now, "covered", "covered by")


def _text(view: Quietable, now: datetime, snoozed: str, taken_by: str) -> str:
    if view.snoozed_until is not None and is_snoozed(view, now):
        return f"{snoozed} {left(view.snoozed_until, now)}"
    if view.acknowledged is not None:
        return f"{taken_by} {clean(view.acknowledged.who)} {since(view.acknowledged.at, now)}"
    return ""


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
