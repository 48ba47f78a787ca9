"""One of everything the model can hold, and short ways to say the usual."""

from __future__ import annotations

from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from wa_tui.model.events import Event, Kind
from wa_tui.model.facts import Fact, Webhook, stripped
from wa_tui.model.gateway import Gateway
from wa_tui.model.registers import Reason, Source, Status
from wa_tui.model.session import Basis, Session

NOW = 1_795_400_000_000
WORDS = "Ünïcode ✓ 한국어 \N{SMILING FACE WITH SUNGLASSES} \x1b[31m \x00 'quoted' \"twice\"\n"


def filled(kind: Any, default: Any = None) -> Any:
    """A value of a type with nothing left at its default, whatever fields the model comes to have."""
    if get_origin(kind) in (Union, UnionType):
        return filled(next(arm for arm in get_args(kind) if arm is not NoneType), default)
    if get_origin(kind) in (tuple, list):
        return get_origin(kind)([filled(get_args(kind)[0])])
    if issubclass(kind, msgspec.Struct):
        return kind(**{f.name: filled(f.type, f.default) for f in msgspec.structs.fields(kind)})
    if issubclass(kind, Enum):
        return next(member for member in reversed(kind) if member is not default)
    if kind is bool:
        return default is not True
    return {int: 1_234_567_890_123, str: WORDS}[kind]


FACTS: list[Fact] = [stripped(filled(kind)) for kind in get_args(Fact)]


def full_session(name: str = "a") -> Session:
    """A session with every field set, a QR payload among them."""
    sample: Session = filled(Session)
    return msgspec.structs.replace(sample, gateway="eu", session_id=name, user_id=str(10**30))


FULL_GATEWAY: Gateway = filled(Gateway)

EVENTS = [
    Event(
        at=NOW + number,
        recorded=NOW + number,
        source=Source.HEAL,
        kind=Kind.CONTRADICTION,
        fact=fact,
        text=WORDS,
        gateway=getattr(fact, "gateway", None),
        session_id=getattr(fact, "session_id", None),
        before=Status.CONNECTED,
        after=Status.AUTH_FAILED,
        reason=Reason.BANNED,
        detail=WORDS,
        basis=Basis.of(full_session()),
        id=number,
    )
    for number, fact in enumerate(FACTS, 1)
]


def event(
    id: int,
    session_id: str = "a",
    *,
    gateway: str = "eu",
    kind: Kind = Kind.STATUS,
    at: int | None = None,
    text: str = "",
) -> Event:
    """An event of a webhook; it happened, and was taken in, at its id unless told."""
    when = id if at is None else at
    fact = Webhook(gateway, session_id, Status.CONNECTED, when, when)
    return Event(
        at=when,
        recorded=when,
        source=Source.WEBHOOK,
        kind=kind,
        fact=fact,
        text=text,
        gateway=gateway,
        session_id=session_id,
        after=Status.CONNECTED,
        id=id,
    )


UNWRITABLE = event(1, text="\ud800")
"""No store can hold its text."""


def session(name: str = "a", gateway: str = "eu", created_at: int = NOW) -> Session:
    return Session(gateway, name, created_at)
