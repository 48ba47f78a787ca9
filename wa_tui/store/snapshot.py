"""The whole fleet as one blob: in the database before pruning, in the side file against its loss."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import msgspec

from wa_tui.model.fleet import Fleet
from wa_tui.model.gateway import Gateway
from wa_tui.model.session import Session

from .old_bodies import body_decoder


class Snapshot(msgspec.Struct, frozen=True):
    """Every session (tombstones included, QR payloads not) and gateway, as of an event's id."""

    at: int
    last_event_id: int
    sessions: list[Session]
    gateways: list[Gateway]

    @classmethod
    def of(cls, fleet: Fleet, last_event_id: int, at: int) -> Snapshot:
        """Return the fleet as it is now."""
        return cls(at, last_event_id, [without_payload(s) for s in fleet.everything()], fleet.gateways())

    def fleet(self) -> Fleet:
        """Return the fleet it was taken of."""
        return Fleet(self.sessions, self.gateways)

    def encode(self) -> bytes:
        """Return it as compressed JSON."""
        # The fastest level: it is made each hour, of the whole fleet.
        return zlib.compress(msgspec.json.encode(self), 1)

    @classmethod
    def decode(cls, blob: bytes) -> Snapshot:
        """Return the snapshot of a blob; raises `zlib.error`, or ValueError (`msgspec.MsgspecError` is one)."""
        return _decode(zlib.decompress(blob))

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[int, bytes]]) -> list[Snapshot]:
        """Return the snapshots of rows of the database; raises ValueError."""
        try:
            return [cls.decode(blob) for _, blob in rows]
        except (zlib.error, TypeError) as error:
            raise ValueError(str(error)) from error


_decode = body_decoder(Snapshot)


def without_payload(session: Session) -> Session:
    """Return a session as everything but its row keeps it: without its QR code's payload."""
    if session.qr is None or not session.qr.code.payload:
        return session
    qr = msgspec.structs.replace(session.qr, code=session.qr.code.stripped())
    return msgspec.structs.replace(session, qr=qr)
