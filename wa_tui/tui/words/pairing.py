"""What the QR screen has to say about a session that is to be scanned."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from wa_tui.qr import TooSmall
from wa_tui.wire import QrView, SessionView


class Stage(Enum):
    """How far a pairing is."""

    GONE = "gone"
    WAITING = "waiting"
    SCAN = "scan"
    EXPIRED = "expired"
    SCANNED = "scanned"
    CONNECTED = "connected"


def stage(session: SessionView | None, code: QrView | None, now: datetime) -> Stage:
    """Tell how far a pairing is, from the session's view and the code at hand."""
    if session is None:
        return Stage.GONE
    if session.status == "connected":
        return Stage.CONNECTED
    if session.status == "authenticated":
        return Stage.SCANNED
    if code is not None and now < code.expires_at:
        return Stage.SCAN
    if code is not None or session.reason == "qr_expired":
        return Stage.EXPIRED
    if session.status == "initializing" or session.action is not None:
        return Stage.WAITING
    return Stage.WAITING if session.qr is not None else Stage.EXPIRED


def seconds_left(code: QrView, now: datetime) -> int:
    """Whole seconds that a code still lives, at least 0."""
    return max(0, int((code.expires_at - now).total_seconds() + 0.999))


def too_small(needs: TooSmall, columns: int, rows: int, text: int, keys: int) -> str:
    """Say what a code needs that the terminal has not, ``text`` columns and ``keys`` rows beside it included."""
    half, dense = needs.half_blocks, needs.cells_2x3
    return (
        f"This code does not fit: the terminal has {columns} columns and {rows} rows. It needs "
        f"{dense.columns + text} x {dense.rows + keys} at least, and {half.columns + text} x {half.rows + keys} "
        "for square modules. Enlarge the window, make the font smaller, or press w to save the picture."
    )
