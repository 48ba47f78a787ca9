"""What we find by asking: checks and sends (design §3, rules 2, 3, 6 and 8)."""

from __future__ import annotations

from typing import Any

import msgspec

from wa_tui.identity.recipients import account_number

from .claims import Claim
from .events import Event, Kind
from .facts import Checked, CheckFailed, SendFailed, WebhookMissing, key_of
from .reasons import reason_of
from .registers import DOWN, SECOND, Credentials, Proof, Reason, Source, Status
from .session import ABSENT, QR_LIFE, Check, Hinted, Qr, Session, new_session, overrules
from .silence import NOTHING_SAID
from .transition import NOTHING, Transition, Verdict, transition
from .webhooks import next_qr


def on_checked(session: Session | None, fact: Checked) -> Transition:
    """Take in a check's answer: it proves or disproves, unless a webhook came in after it began."""
    if session is None and fact.status is None:
        return NOTHING
    if session is not None and (session.deleted_at is not None or _outdated(session, fact)):
        return NOTHING
    check = _check(session, fact)
    found = _found(session or new_session(key_of(fact), fact.at), fact, check)
    outcome = _observe(session, fact, check, fact.source, found, fact.proof)
    after = outcome.session
    if check.status is Status.CONNECTED and after is not None and after.credentials is Credentials.NEEDS_SCAN:
        # Too soon after a code or a logout to say that its credentials are stored: another check can.
        return msgspec.structs.replace(outcome, check=True)
    return outcome


def on_send_failed(session: Session | None, fact: SendFailed) -> Transition:
    """Mark one session disconnected because a send found it gone (rule 6, design §5)."""
    if session is None or session.deleted_at is not None or _outdated(session, fact):
        return NOTHING
    check = Check(fact.began, fact.at, Status.DISCONNECTED, fact.reason, fact.detail, Source.ACTION)
    return _observe(session, fact, check, Source.ACTION, {}, Proof.CLIENT)


def on_check_failed(session: Session | None, fact: CheckFailed) -> Transition:
    """Note that a check got no answer; the status stays (rule 6), its proof ages."""
    if session is None or session.deleted_at is not None or session.unanswered is not None:
        return NOTHING
    after = msgspec.structs.replace(session, unanswered=fact.detail, unanswered_since=fact.began)
    return transition(
        session,
        after,
        fact,
        Source.SYNC,
        happened=fact.at,
        recorded=fact.at,
        kind=Kind.UNANSWERED,
        text=f"status check unanswered: {fact.detail}",
        check=True,
    )


def on_webhook_missing(session: Session | None, fact: WebhookMissing) -> Transition:
    """Note a webhook that never came: the daemon asks and listens, so it can tell (design §3)."""
    if session is None or session.deleted_at is not None:
        return NOTHING
    event = Event(
        at=fact.at,
        recorded=fact.at,
        source=Source.SYNC,
        kind=Kind.MISSING,
        fact=fact,
        text=f"webhook missing: a check found {fact.status} {(fact.at - fact.since) // SECOND} s ago",
        gateway=fact.gateway,
        session_id=fact.session_id,
        before=session.status,
        after=session.status,
    )
    return Transition(Verdict.APPLIED, event=event)


def _outdated(session: Session, fact: Checked | SendFailed) -> bool:
    """A check that began later was quicker; one from the future is from before a step of our own clock."""
    return session.check is not None and fact.began < session.check.began <= fact.at


def _check(session: Session | None, fact: Checked) -> Check:
    if fact.status is None:
        # What it will be told to restore, and was not down before, is on its way.
        comes = fact.restoring and session is not None and session.restorable and session.status not in DOWN
        status = Status.INITIALIZING if comes else Status.DISCONNECTED
        return Check(fact.began, fact.at, status, Reason.MISSING, fact.detail, fact.source, fact.proof)
    return Check(fact.began, fact.at, fact.status, reason_of(fact), fact.detail, fact.source, fact.proof)


def _found(session: Session, fact: Checked, check: Check) -> dict[str, Any]:
    """What a check's answer shows besides the status."""
    changes: dict[str, Any] = {"unanswered": None, "unanswered_since": None}
    if check.status is Status.CONNECTED:
        # As of its beginning: the answer may be older than a webhook that came in meanwhile.
        changes["online_check_at"] = check.began
    elif check.status is Status.AUTH_FAILED:
        changes["needs_scan_at"] = check.began
    elif check.status is Status.QR_PENDING:
        # WhatsApp offers a code only to a client whose stored credentials it refuses.
        if session.credentials is Credentials.STORED:
            changes["needs_scan_at"] = check.began
        if fact.qr is not None:
            changes["qr"] = next_qr(session.qr, Qr(fact.qr, check.at + QR_LIFE))
    number = account_number(fact.phone_number)
    if number is not None and check.began > session.phone_at:
        changes |= {"phone_number": number, "phone_at": check.began}
    return changes


def _observe(
    session: Session | None,
    fact: Checked | SendFailed,
    check: Check,
    source: Source,
    found: dict[str, Any],
    proof: Proof,
) -> Transition:
    known = session or new_session(key_of(fact), fact.at)
    latest = known.claims.latest
    superseded = latest is not None and overrules(latest, check)
    disagrees = superseded and latest is not None and latest.status is not check.status
    # One that came in meanwhile may be newer than its corrected time says: clocks are known to half a round trip.
    crossed = latest is not None and latest.received >= check.began and latest.status is not check.status
    hinted = known.hinted if disagrees else _still_hinted(known.hinted, check, proof)
    crossed = crossed or (hinted is not None and hinted.at >= check.began)
    against = not superseded and _is_against(latest, known, check)
    if disagrees:
        # The webhook is newer than the check's beginning: nothing of the answer is believed.
        found = {}
    agrees_online = check.status is Status.CONNECTED and not disagrees
    after = msgspec.structs.replace(
        known,
        check=check,
        observed_at=check.at,
        listed=_still_listed(known, check),
        hinted=hinted,
        **found,
        **(_proven(known, check, proof) if agrees_online else {}),
    )
    return transition(
        session,
        after,
        fact,
        source,
        happened=check.at,
        recorded=check.at,
        verdict=_verdict(disagrees, against),
        text=_TEXTS.get(_verdict(disagrees, against), "").format(status=check.status),
        check=disagrees or crossed or against,
    )


_TEXTS = {
    Verdict.SUPERSEDED: "check ({status}) began before the last webhook, checking again",
    Verdict.CONTRADICTION: "a check denies what the last webhook said, checking again",
}


def _verdict(superseded: bool, against: bool) -> Verdict:
    if superseded:
        return Verdict.SUPERSEDED
    return Verdict.CONTRADICTION if against else Verdict.APPLIED


def _is_against(latest: Claim | None, session: Session, check: Check) -> bool:
    """Whether a check denies the webhook that held until now, and nothing else explains or said so already."""
    if latest is None or not overrules(latest, session.check) or latest.status is check.status:
        return False
    explained = (
        check.source is not Source.SYNC or check.reason is Reason.MISSING or session.listed is not None
    )
    return Status.CONNECTED in (latest.status, check.status) and not explained


def _still_listed(session: Session, check: Check) -> str | None:
    """What the list said, as long as a check contradicts it: said once, not at every list."""
    gone = check.status in DOWN or check.reason is Reason.MISSING
    agrees = session.listed == check.status or (session.listed == ABSENT and gone)
    return None if agrees else session.listed


def _still_hinted(hinted: Hinted | None, check: Check, proof: Proof) -> Hinted | None:
    """What hints said, as long as a check contradicts it; what is only claimed against it, claimed twice is enough."""
    if hinted is None or hinted.status is check.status:
        return None
    if hinted.at >= check.began:
        return hinted
    if hinted.denied is Proof.CLAIMED and proof is Proof.CLAIMED:
        return None
    return msgspec.structs.replace(hinted, denied=proof)


def _proven(session: Session, check: Check, proof: Proof) -> dict[str, Any]:
    """What a check that shows it connected is worth: a claim takes away no proof, which gets old by itself."""
    if proof.proves:
        proven: dict[str, Any] = {"proven_at": check.at, "proven_by": check.source, "proof": proof}
        if proof is not Proof.CLIENT:
            proven["vouched"] = (session.vouched or NOTHING_SAID).merge(server=check.at)
        return proven
    return {"proof": Proof.CLAIMED} if session.proven_at is None else {}
