"""Webhooks without a time of their own: they start a check, and change the status in two cases alone.

The order in which they come in is not the order of what they tell (design §3, rule 1).
"""

from __future__ import annotations

from typing import Any

import msgspec

from .claims import Claim
from .facts import Webhook, key_of
from .gateway import Gateway
from .reasons import REVOKED, reason_of
from .registers import DOWN, Proof, Reason, Source, Status
from .session import Hinted, Session, new_session
from .transition import Transition, Verdict, transition
from .webhooks import account, claim_of, on_webhook, tombstone


def on_hint(session: Session | None, gateway: Gateway, fact: Webhook) -> Transition:
    """Take in a hint: as a webhook of its receipt where it decides, else as a reason to check."""
    fact = msgspec.structs.replace(fact, timestamp=_as_of_receipt(session, gateway, fact))
    if session is not None and session.deleted_at is not None:
        return _tombstone(session, fact)
    if _decides(fact):
        return on_webhook(session, gateway, fact)
    known = session if session is not None else new_session(key_of(fact), fact.received)
    claim, _ = claim_of(fact, gateway, gateway.epoch)
    agrees = session is not None and session.status is fact.status
    first = not agrees and (known.hinted is None or known.hinted.status is not fact.status)
    changes = _account(known, claim, fact) | {"hinted": None if agrees else _hinted(known.hinted, fact)}
    if first or _says_more(known, claim):
        changes["claims"] = known.claims.explained(claim)
    return transition(
        session,
        msgspec.structs.replace(known, **changes),
        fact,
        Source.WEBHOOK,
        happened=fact.received,
        recorded=fact.received,
        verdict=Verdict.HINT if first else Verdict.APPLIED,
        text=f"a webhook says {fact.status}, checking" if first else "",
        check=not agrees,
        claim=claim,
    )


def _as_of_receipt(session: Session | None, gateway: Gateway, fact: Webhook) -> int:
    """Return when it came in by the gateway's clock, as those that it dates: after all that came in before it.

    That clock may be better known since then, and those were dated by what was known of it.
    """
    at = gateway.local(fact.received)
    if session is None:
        return at
    # What hints say of a reason alone is not among the latest.
    for claim in (session.claims.latest, session.claims.cause, session.claims.said):
        if claim is not None and claim.epoch == gateway.epoch and claim.received < fact.received:
            at = max(at, claim.timestamp + 1)
    return at


def _decides(fact: Webhook) -> bool:
    """Whether it changes registers by itself: a QR code, or that the stored credentials are gone."""
    if fact.status is Status.QR_PENDING:
        return fact.qr is not None
    return fact.status is Status.AUTH_FAILED or (fact.status in DOWN and reason_of(fact) in REVOKED)


def _hinted(before: Hinted | None, fact: Webhook) -> Hinted:
    """Return what is said against the status now: what is said again stands again, unless it was proven wrong."""
    if before is None or before.status is not fact.status or before.denied is Proof.CLAIMED:
        return Hinted(fact.status, fact.received)
    return before


def _says_more(session: Session, claim: Claim) -> bool:
    """Whether it gives a reason why the session is down, or soon may be, that is not known yet."""
    if claim.status not in DOWN or claim.reason in (None, Reason.OTHER):
        return False
    cause = session.claims.cause
    return cause is None or cause.reason is not claim.reason or cause.at <= (session.online_check_at or 0)


def _account(session: Session, claim: Claim, fact: Webhook) -> dict[str, Any]:
    """Return what it changes of whose session it is; the same number again moves nothing."""
    changes = account(session, claim, fact)
    return (
        {}
        if all(getattr(session, name) == changes[name] for name in changes if name != "phone_at")
        else changes
    )


def _tombstone(session: Session, fact: Webhook) -> Transition:
    """Keep that a deleted session is heard of, once for all that its hints repeat."""
    if session.hinted is not None and session.hinted.status is fact.status:
        return Transition(Verdict.TOMBSTONE)
    hinted = Hinted(fact.status, fact.received)
    return Transition(
        Verdict.TOMBSTONE,
        msgspec.structs.replace(session, hinted=hinted),
        event=tombstone(session, fact, fact.received),
    )
