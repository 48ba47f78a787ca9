"""What holds sessions in trouble, in a word or a few."""

from __future__ import annotations

from wa_tui.wire import Cause
from wa_tui.wire.reasons import REASON_WORDS

_WORDS = {
    Cause.KEY_REFUSED: "key refused",
    Cause.HEALING_PAUSED: "starts fail",
    Cause.BANNED: "banned",
    Cause.BROWSER_UNABLE: "browser does not launch",
    Cause.SCAN_QR: "scan QR",
    Cause.EXHAUSTED: "attempts used up",
    Cause.DOWN: "down for good",
    Cause.UNWANTED: "should be offline",
    Cause.ORPHAN: "deleted, still runs",
    Cause.OTHER: "need somebody",
    Cause.CONTRADICTION: "contradictory",
    Cause.GATEWAY_UNSEEN: "gateway not seen yet",
    Cause.RESTORE_FAILED: "not restored",
    Cause.MISSING: "missing",
}


def cause_words(cause: Cause) -> str:
    """Return what holds sessions in trouble, as it stands after their number."""
    return _WORDS.get(cause) or REASON_WORDS.get(cause) or cause.replace("_", " ")
