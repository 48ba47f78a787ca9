"""What is wanted of the bodies that Evolution API posts; a live ``apikey`` and what messages say are passed over."""

from __future__ import annotations

from typing import Any

import msgspec

from ..reading.shapes import Other, Passed, Scalar, decoder


class Key(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Which message, in which chat, and whose."""

    id: Any = None
    from_me: Any = None
    remote_jid: Any = None


class Update(msgspec.Struct, frozen=True, gc=False):
    """What some versions put what changed into."""

    status: Any = None


class Shown(msgspec.Struct, frozen=True, gc=False):
    """A QR code."""

    code: Any = None


class Data(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What happened to an instance, or to a message."""

    state: Any = None
    status: Any = None
    status_reason: Any = None
    disconnection_reason_code: Any = None
    wuid: Any = None
    qrcode: Shown | Other = None
    status_code: Any = msgspec.UNSET
    message: Passed | Other = None
    key: Key | Other = None
    key_id: Any = None
    id: Any = None
    from_me: Any = None
    remote_jid: Any = None
    update: Update | Other = None
    message_type: Any = None
    message_timestamp: Any = None
    poll_updates: Passed | Other = None


class Body(msgspec.Struct, frozen=True, gc=False):
    """An event of an instance."""

    event: Any = None
    instance: Any = None
    data: Data | list[Data | Other] | Scalar = None


BODY = decoder(Body)
