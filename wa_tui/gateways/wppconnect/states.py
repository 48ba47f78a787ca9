"""WPPConnect's words for how a session is, as its answers and its webhooks have them."""

from __future__ import annotations

from wa_tui.model.registers import Reason, Status

CLOSED = "CLOSED"
"""No browser runs; or one does, and the server did not wait for its QR code, which it tells beside that."""

CLAIMS = {
    CLOSED: Status.DISCONNECTED,
    "INITIALIZING": Status.INITIALIZING,
    "QRCODE": Status.QR_PENDING,
    "PHONECODE": Status.QR_PENDING,
    "CONNECTED": Status.CONNECTED,
}
"""What ``status-session`` says, whatever its case."""

FOUND: dict[str, tuple[Status, Reason | None]] = {
    "notLogged": (Status.QR_PENDING, None),
    "qrReadError": (Status.QR_PENDING, None),
    "qrReadFail": (Status.QR_PENDING, None),
    "qrReadSuccess": (Status.AUTHENTICATED, None),
    "isLogged": (Status.AUTHENTICATED, None),
    "inChat": (Status.CONNECTED, None),
    "autocloseCalled": (Status.DISCONNECTED, Reason.QR_EXPIRED),
    "disconnectedMobile": (Status.DISCONNECTED, Reason.LOGOUT),
    "desconnectedMobile": (Status.DISCONNECTED, Reason.LOGOUT),
    # After a logout and a close by a request too: a check tells whether the browser died.
    "browserClose": (Status.DISCONNECTED, None),
    "serverClose": (Status.DISCONNECTED, Reason.OTHER),
    "phoneNotConnected": (Status.DISCONNECTED, Reason.OTHER),
}
"""What ``status-find`` webhooks say, and why."""
