"""What a fact changes, and the event that says so."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from .claims import Claim
from .derive import attributed, derive
from .events import Event, Kind
from .facts import SessionFact, key_of, stripped
from .gateway import Gateway
from .registers import SessionKey, Source
from .session import Basis, Session


class Verdict(StrEnum):
    """What became of a fact; counted per gateway."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    STALE = "stale"
    LATE = "late"
    SUPERSEDED = "superseded"
    TOMBSTONE = "tombstone"
    CONTRADICTION = "contradiction"
    HINT = "hint"
    UNATTRIBUTED = "unattributed"


class Moved(msgspec.Struct, frozen=True):
    """All sessions and gateways after a step of our own clock."""

    sessions: list[Session]
    gateways: list[Gateway]


class Transition(msgspec.Struct, frozen=True, gc=False):
    """The new session or gateway (``None``: as before), the event to append, and whether to check at once."""

    verdict: Verdict
    session: Session | None = None
    gateway: Gateway | None = None
    event: Event | None = None
    check: bool = False
    removed: SessionKey | None = None
    moved: Moved | None = None


NOTHING = Transition(Verdict.UNCHANGED)

_KINDS = {
    Verdict.HINT: Kind.HINT,
    Verdict.STALE: Kind.STALE,
    Verdict.LATE: Kind.LATE,
    Verdict.SUPERSEDED: Kind.SUPERSEDED,
    Verdict.CONTRADICTION: Kind.CONTRADICTION,
}


def transition(
    before: Session | None,
    after: Session,
    fact: SessionFact,
    source: Source,
    *,
    happened: int,
    recorded: int,
    verdict: Verdict = Verdict.APPLIED,
    kind: Kind | None = None,
    text: str = "",
    check: bool = False,
    claim: Claim | None = None,
) -> Transition:
    """Resolve a session's new evidence and write the event it deserves, if any.

    ``verdict`` other than ``applied`` makes an event even where no register changed; ``kind`` names it. An event
    that does not change the status tells the reason of its ``claim``, where it has one.
    """
    after = derive(after, recorded)
    if kind is None:
        kind = _kind(before, after, verdict)
    if kind is None:
        if before is not None and after == before:
            return Transition(Verdict.UNCHANGED, check=check)
        return Transition(Verdict.UNCHANGED, session=msgspec.structs.replace(after, moved=True), check=check)
    key = key_of(fact)
    told = (after.reason, after.detail)
    if claim is not None and kind in _KINDS.values():
        told = attributed(after, claim)
    event = Event(
        at=happened,
        recorded=recorded,
        source=source,
        kind=kind,
        fact=stripped(fact),
        text=text or _describe(before, after, kind),
        gateway=key.gateway,
        session_id=key.session_id,
        before=before.status if before is not None else None,
        after=after.status,
        reason=told[0],
        detail=told[1],
        basis=Basis.of(before) if before is not None and before.moved else None,
    )
    if after.moved:
        after = msgspec.structs.replace(after, moved=False)
    return Transition(verdict, session=after, event=event, check=check)


def note(fact: SessionFact, source: Source, kind: Kind, text: str) -> Event:
    """Return an event about a session that is not in the fleet, or about none."""
    return Event(
        at=fact.at,
        recorded=fact.at,
        source=source,
        kind=kind,
        fact=fact,
        text=text,
        gateway=fact.gateway or None,
        session_id=fact.session_id or None,
    )


def _kind(before: Session | None, after: Session, verdict: Verdict) -> Kind | None:
    if before is None:
        return Kind.ADOPTED
    if before.status is not after.status:
        return Kind.STATUS
    if verdict in _KINDS:
        return _KINDS[verdict]
    if _digest(before) != _digest(after):
        return Kind.QR
    if before.ghost != after.ghost:
        return Kind.GHOST
    if before.silent != after.silent:
        return Kind.SILENT
    return Kind.CHANGED if _registers(before) != _registers(after) else None


def _describe(before: Session | None, after: Session, kind: Kind) -> str:
    """Say what changed besides the status."""
    if before is None or kind is Kind.STATUS:
        return ""
    if kind is Kind.QR:
        return "new QR code" if after.qr is not None else "the QR code is gone"
    if kind in (Kind.GHOST, Kind.SILENT):
        # What begins one says so itself.
        return "WhatsApp answers for it"
    changes = [
        f"{name} {_said(new)}" if old is None else f"{name}: {_said(old)} → {_said(new)}"
        for name, field in _TOLD
        if (old := getattr(before, field)) != (new := getattr(after, field))
    ]
    if before.unanswered is not None and after.unanswered is None:
        changes.append("it answers again")
    return ", ".join(changes)


def _said(value: object) -> str:
    """Return a register's value as a person says it."""
    if value is None:
        return "none"
    return value.replace("_", " ") if isinstance(value, StrEnum) else str(value)


_TOLD = (
    ("credentials", "credentials"),
    ("wanted", "desired"),
    ("reason", "reason"),
    ("name", "instance_name"),
    ("phone", "phone_number"),
    ("user", "user_id"),
)


def _digest(session: Session) -> str | None:
    return session.qr.code.digest if session.qr is not None else None


def _registers(session: Session) -> tuple[object, ...]:
    """What an operator can see change; times of observation are not among it."""
    return (
        session.reason,
        session.detail,
        session.credentials,
        session.desired,
        session.user_id,
        session.instance_name,
        session.phone_number,
        session.is_primary,
        session.unanswered,
        session.orphan,
        session.action,
        session.qr is not None and session.qr.expired,
    )
