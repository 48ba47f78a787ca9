"""Decodes the Node service's list: ten thousand rows, every 15 s (contract §1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from wa_tui.identity.sessions import LONGEST_TAKEN_IN, is_session_id
from wa_tui.model.registers import Status

from ..errors import Call, Garbled
from ..protocol import Listed, Listing
from ..reading import plain
from ..reading.fields import Decoration, object_of, read, sample
from ..reading.loose import Unreadable, loads
from .traffic import Traffic, traffic_of
from .webhooks import status_of

STRETCH = 500
"""Rows of a list that are decoded at a stretch, in a millisecond."""

_USUAL = 16 * 1024
"""Bytes that a row has whose texts are not looked at: none is too long."""

_UNKNOWN = b'"unknown"'
"""A word of ours that no gateway can mean as we do."""

_TRAFFIC = b'"traffic"'
_UNDECODED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _List(msgspec.Struct):
    sessions: list[msgspec.Raw]


class _Row(msgspec.Struct, rename="camel", gc=False):
    """A row with counters."""

    session_id: str
    status: Status | None = None
    phone_number: str | None = None
    traffic: Traffic | None = None


_raws = msgspec.json.Decoder(_List)
_bare = msgspec.json.Decoder(list[Listed])
_counted = msgspec.json.Decoder(list[_Row])


def listing(call: Call, body: bytes, odd: Decoration) -> Iterator[tuple[Listing, int]]:
    """Yield a list's rows that name a session, and how many others there were, some hundreds at a stretch.

    Raises `Garbled`, before the first of them.
    """
    try:
        raws = _raws.decode(body).sessions
    except _UNDECODED:
        told = object_of(call, body).get("sessions")
        if not isinstance(told, list):
            raise Garbled(call, f"told no list of sessions in {sample(body)}") from None
        yield _one_by_one(told, odd)
        return
    for start in range(0, len(raws), STRETCH):
        yield _stretch(raws[start : start + STRETCH], odd)


def _stretch(raws: list[msgspec.Raw], odd: Decoration) -> tuple[Listing, int]:
    joined = b"[%b]" % b",".join(raws)
    try:
        # In one go: ten thousand rows are looked at every 15 s. A service tells of all rows what it tells of one.
        usual = _with_traffic(joined) if _TRAFFIC in bytes(raws[0]) else _bare.decode(joined)
    except _UNDECODED:
        usual = []
    short = len(joined) <= _USUAL * len(usual)
    if short and usual and _are_ids([row.session_id for row in usual]) and _UNKNOWN not in joined:
        return usual, 0
    return _one_by_one([_loaded(raw) for raw in raws], odd)


def _with_traffic(rows: bytes) -> Listing:
    return [
        Listed(
            row.session_id,
            row.status,
            row.phone_number,
            None if row.traffic is None else row.traffic.of(row.session_id),
        )
        for row in _counted.decode(rows)
    ]


def _loaded(raw: msgspec.Raw) -> object:
    try:
        return loads(bytes(raw))
    except Unreadable:
        return None


def _one_by_one(raw: list[Any], odd: Decoration) -> tuple[Listing, int]:
    rows = [row for each in raw if (row := _row(each, odd)) is not None]
    return rows, len(raw) - len(rows)


def _row(raw: object, odd: Decoration) -> Listed | None:
    """Return a row, ``None`` for one that names no session: it must not cost the whole list."""
    session_id = plain.name(raw.get("sessionId"), LONGEST_TAKEN_IN) if isinstance(raw, dict) else None
    if session_id is None or not isinstance(raw, dict) or not is_session_id(session_id):
        return None
    word = raw.get("status")
    return Listed(
        session_id,
        status_of(word) if isinstance(word, str) else None,
        read(raw, "phoneNumber", plain.phone, str, odd),
        traffic_of(raw.get("traffic"), session_id, odd),
    )


def _are_ids(ids: list[str]) -> bool:
    """Tell whether all are session ids: looked through at once, which takes a tenth of the time."""
    return min(map(len, ids)) > 0 and max(map(len, ids)) <= LONGEST_TAKEN_IN
