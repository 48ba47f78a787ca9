"""Takes QR codes past their minute off the screens (``cleanup-expired-qr-codes``)."""

from __future__ import annotations

from wa_tui.model.facts import QrExpired
from wa_tui.model.fleet import Fleet

from ..clock import Clock
from ..recording.recorder import Recorder


async def expire_qr_codes(fleet: Fleet, recorder: Recorder, clock: Clock) -> str:
    """Record every QR code that is over."""
    now = clock.now()
    over = [
        QrExpired(session.gateway, session.session_id, now)
        for session in fleet.with_code()
        if session.qr is not None and session.qr.expires_at <= now
    ]
    if over:
        await recorder.record(*over)
    return f"{len(over)} expired"
