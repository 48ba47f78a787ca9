"""For how long a session or a gateway calls nobody, or who takes care of it."""

from __future__ import annotations

from datetime import datetime

from wa_tui.tui.words.ages import left, since
from wa_tui.tui.words.text import clean
from wa_tui.wire import Quietable, is_snoozed


def quiet_words(view: Quietable, now: datetime) -> str:
    """Return it in two or three words; nothing where it calls."""
    if view.snoozed_until is not None and is_snoozed(view, now):
        return f"snoozed {left(view.snoozed_until, now)}"
    if view.acknowledged is not None:
        return f"taken by {clean(view.acknowledged.who)} {since(view.acknowledged.at, now)}"
    return ""
