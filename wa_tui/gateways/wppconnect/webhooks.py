"""WPPConnect's webhooks: ``event`` and ``session``, without a time, an id, a key or a signature, each tried once."""

from __future__ import annotations

from typing import Any

import msgspec

from wa_tui.identity.sessions import LONGEST_TAKEN_IN
from wa_tui.model.registers import Reason, Status
from wa_tui.model.traffic import Message

from ..authentication import by_path_secret
from ..reading import plain, traffic
from ..reading.loose import Unreadable
from ..reading.shapes import Other, decoder, shaped
from ..reports import Posted, Reading, Report
from .states import FOUND

_SAYING_NOTHING = frozenset(
    {
        "incomingcall",
        "location",
        "onlabelupdated",
        "onparticipantschanged",
        "onpollresponse",
        "onpresencechanged",
        "onreactionmessage",
        "onrevokedmessage",
        "onupdatelabel",
        "unreadmessages",
    }
)
"""What it posts besides, by its name: of chats, of who is there, and what was unread when it started."""

_ACK = "onack"
_COUNTED = frozenset({"onmessage", "onselfmessage", _ACK})

_CLOSED = {
    "closesession": (Status.DISCONNECTED, Reason.OTHER),
    "logoutsession": (Status.DISCONNECTED, Reason.LOGOUT),
}
_PICTURE = "data:image/png;base64,"


class _Body(
    msgspec.Struct,
    frozen=True,
    gc=False,
    rename={"from_me": "fromMe", "sender": "from", "old": "isMdHistoryMsg"},
):
    """An event: what it says, and a message, lie side by side."""

    event: Any = None
    session: Any = None
    status: Any = None
    qrcode: Any = None
    urlcode: Any = None
    id: traffic.Key | Other = None
    from_me: Any = None
    sender: Any = None
    to: Any = None
    type: Any = None
    t: Any = None
    ack: Any = None
    old: Any = None


_BODY = decoder(_Body)


class WppConnectFormat:
    """A `WebhookFormat`; none of its events has a time, so that each but a code and a logout only starts a check."""

    events = frozenset({*_SAYING_NOTHING, *_COUNTED, *_CLOSED, "qrcode", "status-find"})

    def is_authentic(self, key: str, posted: Posted) -> bool:
        """Tell whether its address ends with the key: it can carry none in any other way."""
        return by_path_secret(key, posted)

    def read(self, body: bytes) -> Reading:
        """Return what an event says of its session, nothing where it names none; raises `Unreadable`."""
        content = shaped(body, _BODY)
        event = plain.name(content.event)
        if event is None:
            raise Unreadable("it names no event")
        session_id = plain.name(content.session, LONGEST_TAKEN_IN)
        if session_id is None:
            return Reading(ignored=event)
        if event in _COUNTED:
            return Reading(ignored=event, messages=_messages(event, session_id, content))
        report = _report(event, session_id, content)
        return Reading(ignored=event) if report is None else Reading((report,))


def _messages(event: str, session_id: str, content: _Body) -> tuple[Message, ...]:
    ours = traffic.is_ours(content.from_me, content.id)
    counted = traffic.is_message(content.id, content.type, content.sender, content.to) and not plain.flag(
        content.old
    )
    if ours is None or not counted:
        return ()
    if event == _ACK:
        return traffic.acked(session_id, content.id, content.ack) if ours else ()
    return traffic.written(session_id, content.id, ours=ours, at=content.t, ack=content.ack)


def _report(event: str, session_id: str, content: _Body) -> Report | None:
    if event == "qrcode":
        return Report(session_id, Status.QR_PENDING, qr=_code(content))
    if event in _CLOSED:
        status, reason = _CLOSED[event]
        return Report(session_id, status, reason=reason, detail=event)
    word = content.status
    found = FOUND.get(word) if event == "status-find" and isinstance(word, str) else None
    if found is None or not isinstance(word, str):
        return None
    status, why = found
    return Report(session_id, status, reason=why, detail=word if why is not None else None)


def _code(content: _Body) -> str | None:
    """Return a code's text, else its picture."""
    text, picture = plain.payload(content.urlcode), plain.payload(content.qrcode)
    if text is not None or picture is None:
        return text
    return picture if picture.startswith("data:") else f"{_PICTURE}{picture}"


FORMAT = WppConnectFormat()
