"""What gateways can do: the daemon and the monitor ask for each before they rely on it."""

from __future__ import annotations

from enum import StrEnum


class Capability(StrEnum):
    """What a gateway can do; the daemon and the monitor ask for each before they rely on it."""

    LIST_STATUS = "list_status"
    """Its list tells statuses, and what is not in it has no client there."""
    LIST_PRESENCE = "list_presence"
    """Its list names the clients that run, without a status: one that is absent has stopped, or only starts."""
    STOP = "stop"
    """It can end a client and keep its credentials."""
    RESTART = "restart"
    """It can end a client and start it anew in one request."""
    LOGOUT = "logout"
    """It can unlink an account: the next start needs a scan."""
    DELETE = "delete"
    """It can forget a session, its credentials included."""
    UPTIME = "uptime"
    """Its health tells since when it runs: a restart is seen. Without it any outage may have been one."""
    SELF_RESTORE = "self_restore"
    """After its own restart it brings its sessions back by itself."""
    RAW_QR = "raw_qr"
    """It tells a QR code's text, not only a picture of it."""
    PAIRING_CODE = "pairing_code"
    """It can make a code to type on the phone instead of a scan."""
    SEND_MEDIA = "send_media"
    """It sends files by their URL."""
    WEBHOOK_SETUP = "webhook_setup"
    """It can be told by its API where to post its webhooks."""
    SERVER_CHECK = "server_check"
    """It can ask WhatsApp's server whether an account is there, past all that the client remembers."""
    MESSAGE_CHECK = "message_check"
    """It tells by a message's id whether that came in, went out, and was acknowledged."""


DOES = {
    Capability.STOP: "stop a session and keep it linked",
    Capability.RESTART: "restart a session",
    Capability.LOGOUT: "unlink a session",
    Capability.DELETE: "delete a session",
    Capability.PAIRING_CODE: "make pairing codes",
    Capability.SEND_MEDIA: "send files",
    Capability.WEBHOOK_SETUP: "be told where to post its webhooks",
    Capability.SERVER_CHECK: "ask WhatsApp's server about a session",
    Capability.MESSAGE_CHECK: "tell what became of a message",
}
"""What a gateway cannot do without a capability."""
