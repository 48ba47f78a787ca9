"""For how long a session or a gateway calls nobody, or who takes care of it."""

from __future__ import annotations

from datetime import datetime

from wa_tui.wire import GatewayView, Quietable, is_snoozed

from .ages import left, since
from .cleaning import clean


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
