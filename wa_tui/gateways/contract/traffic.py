"""The bundled service's counters: in each row of its list, and in the webhook that has those that changed."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from wa_tui.identity.sessions import LONGEST_TAKEN_IN, is_session_id
from wa_tui.model.traffic import FLOWS, Counters, FlowCounts

from ..reading import plain
from ..reading.fields import Decoration, read
from ..reading.loose import Unreadable, loads

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_At = Annotated[int, msgspec.Meta(gt=plain.SECONDS_END, le=plain.LATEST_MS)] | None
_Boot = Annotated[str, msgspec.Meta(min_length=1, max_length=plain.NAME)]
_SessionId = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TAKEN_IN)]


class _Counted(msgspec.Struct, rename="camel", gc=False):
    """Counts since the boot, and when each last had one, in milliseconds since the epoch."""

    received: _Count = 0
    sent: _Count = 0
    acked: _Count = 0
    delivered: _Count = 0
    read: _Count = 0
    failed: _Count = 0
    queued: _Count = 0
    received_at: _At = None
    sent_at: _At = None
    acked_at: _At = None
    delivered_at: _At = None
    read_at: _At = None
    failed_at: _At = None

    def counters(self, session_id: str, boot: str) -> Counters:
        """Return them as the model has them; one expression, for there are ten thousand every 15 s."""
        return Counters(
            session_id,
            boot,
            FlowCounts(self.received, self.sent, self.acked, self.delivered, self.read, self.failed),
            (
                self.received_at,
                self.sent_at,
                self.acked_at,
                self.delivered_at,
                self.read_at,
                self.failed_at,
            ),
            self.queued,
        )


class Traffic(_Counted, kw_only=True, rename="camel", gc=False):
    """``traffic`` of a row of the list."""

    boot: _Boot

    def of(self, session_id: str) -> Counters:
        """Return them as those of a session."""
        return self.counters(session_id, self.boot)


class _Session(_Counted, kw_only=True, rename="camel", gc=False):
    session_id: _SessionId


class _Batch(msgspec.Struct):
    boot: _Boot
    sessions: list[_Session]


_batch = msgspec.json.Decoder(_Batch)


def traffic_of(raw: object, session_id: str, odd: Decoration) -> Counters | None:
    """Return a row's counters field by field, ``None`` where it has none; what has another type costs itself alone."""
    if raw is None:
        return None
    boot = plain.name(raw.get("boot")) if isinstance(raw, dict) else None
    if boot is None or not isinstance(raw, dict):
        odd["traffic"] += 1
        return None
    return _loosely(raw, session_id, boot, odd)


def batch_of(body: bytes, odd: Decoration) -> tuple[list[Counters], int]:
    """Return the counters in a webhook, and how many of its rows named no session.

    Raises `Unreadable` where it is no JSON, or tells no boot or no sessions.
    """
    try:
        told = _batch.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _loose_batch(loads(body), odd)
    found = [
        each.counters(each.session_id, told.boot) for each in told.sessions if is_session_id(each.session_id)
    ]
    return found, len(told.sessions) - len(found)


def _loose_batch(raw: object, odd: Decoration) -> tuple[list[Counters], int]:
    if not isinstance(raw, dict):
        raise Unreadable("it is no object")
    boot, rows = plain.name(raw.get("boot")), raw.get("sessions")
    if boot is None:
        raise Unreadable("boot is missing, or no text")
    if not isinstance(rows, list):
        raise Unreadable("sessions is missing, or no list")
    found = []
    for row in rows:
        session_id = plain.name(row.get("sessionId"), LONGEST_TAKEN_IN) if isinstance(row, dict) else None
        if session_id is not None and is_session_id(session_id):
            found.append(_loosely(row, session_id, boot, odd))
    return found, len(rows) - len(found)


def _loosely(raw: dict[str, Any], session_id: str, boot: str, odd: Decoration) -> Counters:
    def count(field: str) -> int:
        return read(raw, field, plain.integer, int, odd) or 0

    return Counters(
        session_id,
        boot,
        FlowCounts(*(count(flow) for flow in FLOWS)),
        tuple(read(raw, f"{flow}At", plain.instant, int, odd) for flow in FLOWS),
        count("queued"),
    )
