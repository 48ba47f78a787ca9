"""What somebody is needed for, written briefly."""

from __future__ import annotations

from wa_tui.wire import Attention, AttentionCode


def need(code: str, text: str, action: str = "") -> Attention:
    """An attention by its code's value."""
    assert code in {*AttentionCode}
    return Attention(code=AttentionCode(code), text=text, action=action)


BANNED = need("banned", "banned by WhatsApp")
CONFLICT = need("conflict", "opened elsewhere")
DOWN = need("down", "nothing brings it back", "reconnect it")
EXHAUSTED = need("exhausted", "12 starts in the last hour did not help")
FLAPPING = need("flapping", "flapping, 9 drops/h")
ORPHAN = need("orphan", "deleted, but its client still runs")
SCAN_QR = need("scan_qr", "it waits for its phone", "scan its QR code")
UNWANTED = need("unwanted", "connected, but it should be offline")
