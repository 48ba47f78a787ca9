"""What Evolution API posts, to the address of an instance or to one for all of them.

A body holds a live ``apikey``, which is not looked at, and a ``date_time`` that is local time and says that it is UTC:
each report is a hint.
"""

from __future__ import annotations

import msgspec

from wa_tui.identity.recipients import account_number
from wa_tui.identity.sessions import LONGEST_TAKEN_IN
from wa_tui.model.registers import Reason, Status

from ..authentication import any_of, by_header, by_jwt, by_path_secret
from ..reading import plain
from ..reading.loose import Unreadable
from ..reading.shapes import shaped
from ..reports import Posted, Reading, Report
from .bodies import BODY, Data, Shown
from .messages import COUNTED, messages
from .states import status_of, why

EVENTS = ("CONNECTION_UPDATE", "QRCODE_UPDATED", "STATUS_INSTANCE")
"""What a webhook of ours asks for: how an instance is."""

MESSAGE_EVENTS = ("MESSAGES_UPSERT", "MESSAGES_UPDATE", "SEND_MESSAGE")
"""What it asks for besides, to have messages counted; what is sent by the API comes as an event of its own."""

KEY_HEADER = "x-api-key"
"""The header that we have it send our key in."""

_is_authentic = any_of(by_header(KEY_HEADER), by_path_secret, by_jwt)
"""A token comes where the headers of an instance's webhook have the key as ``jwt_key``."""

_READ = ("connection.update", "status.instance", "qrcode.updated")
_OTHERS = (
    "call",
    "chats.update",
    "chats.upsert",
    "contacts.update",
    "contacts.upsert",
    "messages.delete",
    "messages.edited",
    "messages.set",
    "presence.update",
    "send.message.update",
)


class EvolutionWebhooks:
    """A `WebhookFormat`: an instance's own webhook carries our key in a header, one for all a secret in its path."""

    events = COUNTED.union(_READ, _OTHERS)

    def is_authentic(self, key: str, posted: Posted) -> bool | None:
        """Tell whether a webhook carries the key."""
        return _is_authentic(key, posted)

    def read(self, body: bytes) -> Reading:
        """Return what a body says of its instance; raises `Unreadable`."""
        content = shaped(body, BODY)
        event = plain.name(content.event)
        if event is None:
            raise Unreadable("it names no event")
        # One address for each event spells them as the settings do.
        event = event.lower().replace("_", ".")
        name = plain.name(content.instance, LONGEST_TAKEN_IN)
        if event in COUNTED and name is not None:
            return Reading(ignored=event, messages=messages(event, name, content))
        reader = _READERS.get(event)
        if reader is None:
            return Reading(ignored=event)
        if name is None or not isinstance(content.data, Data):
            raise Unreadable("it names no instance")
        report = reader(name, content.data)
        return Reading(ignored=event) if report is None else Reading((report,))


def _connection(name: str, data: Data) -> Report | None:
    return _report(name, data, data.state, data.status_reason)


def _closed(name: str, data: Data) -> Report | None:
    return _report(name, data, data.status, data.disconnection_reason_code)


def _report(name: str, data: Data, said: object, reason: object) -> Report | None:
    state, code = plain.name(said) or "", plain.integer(reason)
    status = status_of(state, code)
    if status is None:
        return None
    cause = why(state, code) if status is Status.DISCONNECTED else None
    return Report(
        name,
        status,
        reason=cause.reason if cause else None,
        detail=cause.detail if cause else None,
        phone_number=account_number(plain.phone(data.wuid)) if status is Status.CONNECTED else None,
    )


def _code(name: str, data: Data) -> Report | None:
    code = plain.payload(data.qrcode.code) if isinstance(data.qrcode, Shown) else None
    if code is not None:
        return Report(name, Status.QR_PENDING, qr=code)
    if data.status_code is msgspec.UNSET:
        return None
    # Its limit of codes is reached: it shows no more until somebody starts it.
    detail = plain.sentence(data.message)
    return Report(name, Status.DISCONNECTED, reason=Reason.QR_EXPIRED, detail=detail)


_READERS = dict(zip(_READ, (_connection, _closed, _code), strict=True))
