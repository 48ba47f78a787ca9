"""WPPConnect's webhooks: ``event`` and ``session``, without a time, an id, a key or a signature, each tried once."""

from __future__ import annotations

from typing import Any

from wa_tui.identity.sessions import LONGEST_TAKEN_IN
from wa_tui.model.registers import Reason, Status

from ..authentication import by_path_secret
from ..reading import plain
from ..reading.loose import Unreadable, loads
from ..reports import Posted, Reading, Report
from .states import FOUND

_SAYING_NOTHING = frozenset(
    {
        "incomingcall",
        "location",
        "onack",
        "onlabelupdated",
        "onmessage",
        "onparticipantschanged",
        "onpollresponse",
        "onpresencechanged",
        "onreactionmessage",
        "onrevokedmessage",
        "onselfmessage",
        "onupdatelabel",
    }
)
"""What it posts besides, by its name: of messages and of who is there."""

_CLOSED = {
    "closesession": (Status.DISCONNECTED, Reason.OTHER),
    "logoutsession": (Status.DISCONNECTED, Reason.LOGOUT),
}
_PICTURE = "data:image/png;base64,"


class WppConnectFormat:
    """A `WebhookFormat`; none of its events has a time, so that each but a code and a logout only starts a check."""

    events = frozenset({*_SAYING_NOTHING, *_CLOSED, "qrcode", "status-find"})

    def is_authentic(self, key: str, posted: Posted) -> bool:
        """Tell whether its address ends with the key: it can carry none in any other way."""
        return by_path_secret(key, posted)

    def read(self, body: bytes) -> Reading:
        """Return what an event says of its session, nothing where it names none; raises `Unreadable`."""
        content = loads(body)
        if not isinstance(content, dict):
            raise Unreadable("it is no object")
        event = plain.name(content.get("event"))
        if event is None:
            raise Unreadable("it names no event")
        session_id = plain.name(content.get("session"), LONGEST_TAKEN_IN)
        report = None if session_id is None else _report(event, session_id, content)
        return Reading(ignored=event) if report is None else Reading((report,))


def _report(event: str, session_id: str, content: dict[str, Any]) -> Report | None:
    if event == "qrcode":
        return Report(session_id, Status.QR_PENDING, qr=_code(content))
    if event in _CLOSED:
        status, reason = _CLOSED[event]
        return Report(session_id, status, reason=reason, detail=event)
    word = content.get("status")
    found = FOUND.get(word) if event == "status-find" and isinstance(word, str) else None
    if found is None or not isinstance(word, str):
        return None
    status, why = found
    return Report(session_id, status, reason=why, detail=word if why is not None else None)


def _code(content: dict[str, Any]) -> str | None:
    """Return a code's text, else its picture."""
    text, picture = plain.payload(content.get("urlcode")), plain.payload(content.get("qrcode"))
    if text is not None or picture is None:
        return text
    return picture if picture.startswith("data:") else f"{_PICTURE}{picture}"


FORMAT = WppConnectFormat()
