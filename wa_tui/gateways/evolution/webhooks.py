"""What Evolution API posts, to the address of an instance or to one for all of them.

A body holds a live ``apikey``, which is not looked at, and a ``date_time`` that is local time and says that it is UTC:
each report is a hint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wa_tui.identity.recipients import account_number
from wa_tui.identity.sessions import LONGEST_TAKEN_IN
from wa_tui.model.registers import Reason, Status

from ..authentication import any_of, by_header, by_jwt, by_path_secret
from ..reading import plain
from ..reading.loose import Unreadable, loads
from ..reports import Posted, Reading, Report
from .states import status_of, why

EVENTS = ("CONNECTION_UPDATE", "QRCODE_UPDATED", "STATUS_INSTANCE")
"""What a webhook of ours asks for; of others the bodies hold messages."""

KEY_HEADER = "x-api-key"
"""The header that we have it send our key in."""

_is_authentic = any_of(by_header(KEY_HEADER), by_path_secret, by_jwt)
"""A token comes where the headers of an instance's webhook have the key as ``jwt_key``."""

_READ = ("connection.update", "status.instance", "qrcode.updated")
_MESSAGES = ("messages.upsert", "messages.update", "messages.delete", "send.message")
_OTHERS = ("call", "chats.update", "chats.upsert", "contacts.update", "contacts.upsert", "presence.update")


class EvolutionWebhooks:
    """A `WebhookFormat`: an instance's own webhook carries our key in a header, one for all a secret in its path."""

    events = frozenset(_READ + _MESSAGES + _OTHERS)

    def is_authentic(self, key: str, posted: Posted) -> bool | None:
        """Tell whether a webhook carries the key."""
        return _is_authentic(key, posted)

    def read(self, body: bytes) -> Reading:
        """Return what a body says of its instance; raises `Unreadable`."""
        content = loads(body)
        event = plain.name(content.get("event")) if isinstance(content, dict) else None
        if event is None or not isinstance(content, dict):
            raise Unreadable("it names no event")
        # One address for each event spells them as the settings do.
        event = event.lower().replace("_", ".")
        reader = _READERS.get(event)
        if reader is None:
            return Reading(ignored=event)
        name = plain.name(content.get("instance"), LONGEST_TAKEN_IN)
        data = content.get("data")
        if name is None or not isinstance(data, dict):
            raise Unreadable("it names no instance")
        report = reader(name, data)
        return Reading(ignored=event) if report is None else Reading((report,))


def _connection(name: str, data: Mapping[str, Any]) -> Report | None:
    return _report(name, data, data.get("state"), data.get("statusReason"))


def _closed(name: str, data: Mapping[str, Any]) -> Report | None:
    return _report(name, data, data.get("status"), data.get("disconnectionReasonCode"))


def _report(name: str, data: Mapping[str, Any], said: object, reason: object) -> Report | None:
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
        phone_number=account_number(plain.phone(data.get("wuid"))) if status is Status.CONNECTED else None,
    )


def _code(name: str, data: Mapping[str, Any]) -> Report | None:
    shown = data.get("qrcode")
    code = plain.payload(shown.get("code")) if isinstance(shown, dict) else None
    if code is not None:
        return Report(name, Status.QR_PENDING, qr=code)
    if "statusCode" not in data:
        return None
    # Its limit of codes is reached: it shows no more until somebody starts it.
    return Report(
        name, Status.DISCONNECTED, reason=Reason.QR_EXPIRED, detail=plain.sentence(data.get("message"))
    )


_READERS = dict(zip(_READ, (_connection, _closed, _code), strict=True))
