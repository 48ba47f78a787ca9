"""Our own clock: what a step of it moves, and the time that the host slept.

A step of the wall clock is no news of any session. Every instant that the fleet holds moves along, so that what came
first still did, nothing is older or younger than it was, and all dates are by the clock as it is now. A gateway's own
clock may have stepped with ours, where both run on one host, or not: its next ``/health`` tells. Until then a new epoch
holds in which its webhooks stand against those before, and are never dated into the past by the wrong guess: dated
ahead, they are taken as of their receipt and checked (`Gateway.dated_ahead`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from .claims import Claim, Claims
from .events import Event, Kind
from .facts import ClockStepped, HostSlept
from .gateway import Gateway
from .registers import Source, length
from .session import Check, Hinted, Qr, Session, Unlinking
from .transition import Moved, Transition, Verdict

_INSTANTS = (
    *("created_at", "phone_at", "unanswered_since", "status_since", "credentials_at", "online_check_at"),
    *("needs_scan_at", "desired_at", "observed_at", "proven_at", "connected_at", "used_at"),
    *("snoozed_until", "deleted_at", "ghost_restarted_at"),
)
"""A session's own; 0 and ``None`` are no instants."""

_CLAIMS = ("latest", "online", "qr", "revoked", "cause", "said")


class Everything(Protocol):
    """What a step of the clock reads: all of the fleet."""

    def everything(self) -> Iterable[Session]:
        """Return all sessions, tombstones included."""
        ...

    def everywhere(self) -> Iterable[Gateway]:
        """Return every gateway ever heard of."""
        ...


def on_clock_stepped(known: Everything, fact: ClockStepped) -> Transition:
    """Take in that our own clock was set: all instants move along, and every gateway begins a new epoch."""
    moved = Moved(
        [moved_session(session, fact.by) for session in known.everything()],
        [moved_gateway(gateway, fact.by).next_epoch(0, fact.at) for gateway in known.everywhere()],
    )
    event = Event(
        at=fact.at,
        recorded=fact.at,
        source=Source.TIMER,
        kind=Kind.DAEMON,
        fact=fact,
        text=step_words(fact.by),
        # What a ribbon is drawn from without a look at the facts (`Transition`).
        after=str(fact.by),
    )
    return Transition(Verdict.APPLIED, event=event, moved=moved)


def on_host_slept(fact: HostSlept) -> Transition:
    """Note that the host slept: nobody observed anything meanwhile."""
    event = Event(
        at=fact.since,
        recorded=fact.at,
        source=Source.TIMER,
        kind=Kind.DAEMON,
        fact=fact,
        text=f"this host slept for {length(fact.at - fact.since)}: everything is checked at once",
    )
    return Transition(Verdict.APPLIED, event=event)


def step_words(by: int) -> str:
    """Say that the clock was set."""
    return f"this host's clock was set {'forward' if by > 0 else 'back'} by {length(abs(by))}: ages stay what they were"


def moved_session(session: Session, by: int) -> Session:
    """Return a session with every instant moved; what a gateway's own clock said stays."""
    changes = {name: at + by for name in _INSTANTS if (at := getattr(session, name))}
    return msgspec.structs.replace(
        session,
        claims=_moved_claims(session.claims, by),
        check=_moved_check(session.check, by),
        hinted=_moved_hint(session.hinted, by),
        unasked_qr=_moved_claim(session.unasked_qr, by),
        unlinking=_moved_unlinking(session.unlinking, by),
        qr=_moved_qr(session.qr, by),
        acknowledged=None if session.acknowledged is None else session.acknowledged.moved(by),
        vouched=None if session.vouched is None else session.vouched.moved(by),
        silent=None if session.silent is None else session.silent.moved(by),
        ghost=None if session.ghost is None else session.ghost.moved(by),
        **changes,
    )


def moved_gateway(gateway: Gateway, by: int) -> Gateway:
    """Return a gateway with every instant moved; its clock is taken for the one of the two that dates later."""
    instants = (
        "since",
        "started_at",
        "seen_at",
        "returned_at",
        "epoch_began",
        "epoch_opened",
        "snoozed_until",
    )
    changes: dict[str, Any] = {name: at + by for name in instants if (at := getattr(gateway, name))}
    if gateway.acknowledged is not None:
        changes["acknowledged"] = gateway.acknowledged.moved(by)
    offset = gateway.clock_offset
    if offset is not None:
        changes |= {"clock_offset": min(offset, offset - by), "clock_uncertainty": None}
    return msgspec.structs.replace(gateway, **changes)


def _moved_claims(claims: Claims, by: int) -> Claims:
    return Claims(**{name: _moved_claim(getattr(claims, name), by) for name in _CLAIMS})


def _moved_claim(claim: Claim | None, by: int) -> Claim | None:
    if claim is None:
        return None
    return msgspec.structs.replace(claim, at=claim.at + by, received=claim.received + by)


def _moved_check(check: Check | None, by: int) -> Check | None:
    if check is None:
        return None
    return msgspec.structs.replace(check, began=check.began + by, at=check.at + by)


def _moved_hint(hinted: Hinted | None, by: int) -> Hinted | None:
    return None if hinted is None else msgspec.structs.replace(hinted, at=hinted.at + by)


def _moved_unlinking(unlinking: Unlinking | None, by: int) -> Unlinking | None:
    if unlinking is None:
        return None
    ended = None if unlinking.ended is None else unlinking.ended + by
    return msgspec.structs.replace(unlinking, at=unlinking.at + by, ended=ended)


def _moved_qr(qr: Qr | None, by: int) -> Qr | None:
    return None if qr is None else msgspec.structs.replace(qr, expires_at=qr.expires_at + by)
