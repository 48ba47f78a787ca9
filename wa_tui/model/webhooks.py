"""What a gateway tells us unasked: webhooks (design §3, rules 1-5 and 8)."""

from __future__ import annotations

from typing import Any

import msgspec

from wa_tui.identity.recipients import account_number

from .claims import Claim, newer
from .events import Event, Kind
from .facts import DaemonStarted, Unattributed, Webhook, key_of, stripped
from .gateway import Gateway
from .reasons import classify
from .registers import SECOND, Desired, Source, Status
from .session import QR_LIFE, Qr, Session, new_session, overrules
from .transition import Transition, Verdict, transition


def on_webhook(session: Session | None, gateway: Gateway, fact: Webhook) -> Transition:
    """Take in a webhook: newest first within its epoch, never over a later check.

    A hint that comes here (`wa_tui.model.hints`) is taken as of its receipt.
    """
    epoch = gateway.epoch_of(fact.timestamp, fact.boot_id)
    opened: Gateway | None = None
    # A bootId that nobody knows: the first webhook after a restart comes before any health check can tell.
    if epoch is None:
        gateway = opened = gateway.next_epoch(0, fact.received, fact.boot_id)
        epoch = gateway.epoch
    claim, ahead = claim_of(fact, gateway, epoch)
    if session is not None and session.deleted_at is not None:
        return Transition(Verdict.TOMBSTONE, event=tombstone(session, fact, min(claim.at, claim.received)))
    known = session if session is not None else new_session(key_of(fact), fact.received)
    verdict = _verdict(known, claim)
    if verdict is Verdict.DUPLICATE:
        return Transition(verdict, gateway=opened)
    after = msgspec.structs.replace(known, **_evidence(known, claim, fact))
    outcome = transition(
        session,
        after,
        fact,
        Source.WEBHOOK,
        # Clocks are known to half a round trip, but nothing happens after it was heard of.
        happened=min(claim.at, claim.received),
        recorded=fact.received,
        verdict=verdict,
        text=_TEXTS.get(verdict, ahead).format(status=claim.status),
        check=bool(ahead) or _wants_check(session, after, claim, verdict, hint=fact.hint),
        claim=claim,
    )
    return _with_gateway(outcome, opened)


_TEXTS = {
    Verdict.STALE: "older webhook ({status}), kept, status unchanged",
    Verdict.LATE: "late webhook ({status}): happened before the last check, checking again",
    Verdict.CONTRADICTION: "two webhooks with one timestamp: the worse holds until a check",
}


def _with_gateway(outcome: Transition, gateway: Gateway | None) -> Transition:
    """Return the outcome with the gateway that a new ``bootId`` changed, if it did."""
    if gateway is None:
        return outcome
    return Transition(outcome.verdict, outcome.session, gateway, outcome.event, outcome.check)


def claim_of(fact: Webhook, gateway: Gateway, epoch: int) -> tuple[Claim, str]:
    """Return what a webhook claims; one dated ahead of its time, which is said, must not outdate all that follow."""
    timestamp, detail = fact.timestamp, ""
    if gateway.dated_ahead(timestamp, fact.received):
        early = (gateway.corrected(timestamp) - fact.received) // SECOND
        timestamp, detail = (
            gateway.local(fact.received),
            f"dated {early} s ahead: taken as of its receipt, checking",
        )
    claim = Claim(
        epoch=epoch,
        sequence=-1 if fact.sequence is None else fact.sequence,
        timestamp=timestamp,
        at=gateway.corrected(timestamp),
        received=fact.received,
        status=fact.status,
        reason=fact.reason or classify(fact.detail),
        detail=fact.detail,
    )
    return claim, detail


def _verdict(session: Session, claim: Claim) -> Verdict:
    claims = session.claims
    latest = claims.latest
    # All claims are at most as new as the latest: what is newer by its timestamp needs no closer look.
    if latest is not None and not (claim.timestamp != latest.timestamp and newer(claim, latest)):
        if claims.holds(claim):
            return Verdict.DUPLICATE
        if latest.instant == claim.instant and latest.status is not claim.status:
            return Verdict.CONTRADICTION
        if not newer(claim, latest):
            return Verdict.STALE
    return Verdict.APPLIED if overrules(claim, session.check) else Verdict.LATE


def _evidence(session: Session, claim: Claim, fact: Webhook) -> dict[str, Any]:
    """The fields that a webhook changes before the registers are resolved."""
    changes: dict[str, Any] = {
        "claims": session.claims.merge(claim),
        "observed_at": max(session.observed_at or 0, fact.received),
        **account(session, claim, fact),
    }
    if claim.status is Status.QR_PENDING:
        # Somebody switched it off, and a code is offered all the same: who scans it wants the session again.
        if session.desired is Desired.OFFLINE and claim.at > session.desired_at:
            changes["unasked_qr"] = claim if newer(session.unasked_qr, claim) else session.unasked_qr or claim
        holds = changes["claims"].latest is claim and overrules(claim, session.check)
        # WhatsApp takes the newest code alone: one that comes in late would be scanned in vain.
        if fact.qr is not None and holds:
            born = min(claim.at, claim.received)
            changes["qr"] = next_qr(session.qr, Qr(fact.qr, born + QR_LIFE))
    return changes


def account(session: Session, claim: Claim, fact: Webhook) -> dict[str, Any]:
    """Return what a webhook changes of whose session it is."""
    changes: dict[str, Any] = {}
    if session.user_id is None and fact.user_id is not None:
        changes["user_id"] = fact.user_id
    number = account_number(fact.phone_number)
    # Of two numbers at one instant the greater one holds: the order that they come in must not matter.
    if number is not None and (claim.at, number) > (session.phone_at, session.phone_number or ""):
        changes |= {"phone_number": number, "phone_at": claim.at}
    return changes


def next_qr(current: Qr | None, seen: Qr) -> Qr:
    """Return the code to show: the same code seen again lives no longer (rule 8)."""
    if current is None or current.code.digest != seen.code.digest:
        return seen
    # A gateway that goes on repeating a dead code does not bring it back to life.
    if current.expired:
        return current
    return Qr(seen.code, min(current.expires_at, seen.expires_at))


def _wants_check(
    before: Session | None, after: Session, claim: Claim, verdict: Verdict, *, hint: bool
) -> bool:
    if verdict in (Verdict.STALE, Verdict.LATE, Verdict.CONTRADICTION):
        if before is None:
            return False
        held = before.claims.latest
        # In its place stands what the last check found, which may be older than what it said.
        displaces = verdict is Verdict.LATE and held is not None and overrules(held, before.check)
        return displaces or claim.status is not before.status
    if hint:
        return before is None or before.status is not claim.status
    return verdict is Verdict.APPLIED and claim.status is Status.CONNECTED and after.proven_at is None


def tombstone(session: Session, fact: Webhook, happened: int) -> Event:
    """Return the event of a webhook that came for a deleted session."""
    return Event(
        at=happened,
        recorded=fact.received,
        source=Source.WEBHOOK,
        kind=Kind.TOMBSTONE,
        fact=stripped(fact),
        text=f"webhook ({fact.status}) for a deleted session",
        gateway=fact.gateway,
        session_id=fact.session_id,
        after=session.status,
    )


def on_unattributed(fact: Unattributed) -> Transition:
    """Keep a webhook whose gateway could not be told, without adopting anything."""
    names = ", ".join(fact.candidates) or "none"
    event = Event(
        at=fact.at,
        recorded=fact.at,
        source=Source.WEBHOOK,
        kind=Kind.UNATTRIBUTED,
        fact=fact,
        text=f"webhook ({fact.status}) of {fact.session_id}: gateway unknown (candidates: {names})",
        session_id=fact.session_id,
    )
    return Transition(Verdict.UNATTRIBUTED, event=event)


def on_daemon_started(fact: DaemonStarted) -> Transition:
    """Note that the daemon came up: since its last sign of life nobody observed anything."""
    event = Event(
        at=fact.at if fact.alive is None else fact.alive,
        recorded=fact.at,
        source=Source.TIMER,
        kind=Kind.DAEMON,
        fact=fact,
        text=fact.detail,
    )
    return Transition(Verdict.APPLIED, event=event)
