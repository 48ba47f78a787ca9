"""Takes QR codes past their minute off the screens (``cleanup-expired-qr-codes``)."""

from __future__ import annotations

from wa_tui.model.facts import QrExpired

from ..core import Core


async def expire_qr_codes(core: Core) -> str:
    """Record every QR code that is over."""
    now = core.clock.now()
    over = [
        QrExpired(session.gateway, session.session_id, now)
        for session in core.fleet.with_code()
        if session.qr is not None and session.qr.expires_at <= now
    ]
    if over:
        await core.recorder.record(*over)
    return f"{len(over)} expired"
