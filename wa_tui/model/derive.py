"""Derives a session's registers from its evidence: one function per register."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from .claims import Claim, newer
from .reasons import REVOKED
from .registers import DOWN, ONLINE, Credentials, Desired, Proof, Reason, Source, Status
from .session import SETTLING, Session, overrules

_STARTED = ONLINE | {Status.QR_PENDING}
"""Statuses in which a session's browser runs."""

_VAGUE = frozenset({Reason.MISSING, Reason.RESTORE_FAILED})
"""Reasons that say that it is not there, and nothing of why."""


_AS_IT_IS: Mapping[str, object] = {}
_UNPROVEN: Mapping[str, object] = {"proven_at": None, "proven_by": None, "proof": None}
_DOWN: Mapping[str, object] = {**_UNPROVEN, "silent": None, "ghost": None}


def derive(session: Session, at: int) -> Session:
    """Return the session with its registers as its evidence now implies; ``at`` is the fact's time."""
    status, since = _status(session, at)
    credentials, credentials_at = _credentials(session)
    if session.desired is Desired.OFFLINE:
        # Nobody waits for its messages.
        session = session.undoubted()
    proof = _proof(session, status, since)
    session = msgspec.structs.replace(
        session,
        status=status,
        status_since=since,
        credentials=credentials,
        credentials_at=credentials_at,
        connected_at=since if status is Status.CONNECTED else session.connected_at,
        qr=session.qr if status is Status.QR_PENDING else None,
        # Its browser runs: what the last start failed of is over.
        failure=None if status in _STARTED else session.failure,
        acknowledged=None if _is_done(session, status, proof) else session.acknowledged,
        **_pairing(session),
        **proof,
    )
    reason, detail = _reason(session)
    if (reason, detail) == (session.reason, session.detail):
        return session
    return msgspec.structs.replace(session, reason=reason, detail=detail)


def _proof(session: Session, status: Status, since: int) -> Mapping[str, object]:
    """What proves that it is connected, and whether it still is silent, or a ghost."""
    if status is not Status.CONNECTED:
        return _DOWN
    vouched = session.vouched
    if vouched is None:
        return _AS_IT_IS
    # An acknowledgement from before it was down, or before the server denied it, proves nothing now.
    server = vouched.server if vouched.server >= since and vouched.server > vouched.denied else 0
    changes: dict[str, object] = {}
    if session.silent is not None and server > session.silent.at:
        changes["silent"] = None
    if session.ghost is not None:
        if not server and vouched.denied >= since:
            return {**changes, **_UNPROVEN}
        changes["ghost"] = None
    proof, known = Proof.DELIVERED if vouched.delivered == server else Proof.SERVER, session.proven_at or 0
    # Of two at one instant the stronger one holds: the order that they come in must not matter.
    if server > known or (server == known > 0 and proof is Proof.DELIVERED):
        changes |= {"proven_at": server, "proven_by": Source.TRAFFIC, "proof": proof}
    return changes


def _is_done(session: Session, status: Status, proof: Mapping[str, object]) -> bool:
    """Whether nobody needs to take care of it any more: it comes back, or works after all, and does not come and go."""
    taken = session.acknowledged
    if taken is None or taken.until_calm or status is not Status.CONNECTED:
        return False
    return session.status is not Status.CONNECTED or "ghost" in proof or "silent" in proof


def _status(session: Session, at: int) -> tuple[Status, int]:
    """Rule 2: the newest webhook holds unless a later check overrules it."""
    claim, check = session.claims.latest, session.check
    if claim is not None and overrules(claim, check):
        status, since = claim.status, min(claim.at, claim.received)
    elif check is not None:
        status, since = check.status, check.at
    else:
        status, since = Status.UNKNOWN, at
    return (status, session.status_since) if status is session.status else (status, since)


def _credentials(session: Session) -> tuple[Credentials, int]:
    """Rule 3: the newest evidence for or against the stored credentials."""
    claims = session.claims
    state, at = Credentials.UNKNOWN, 0
    if claims.online is not None:
        state, at = Credentials.STORED, claims.online.at
    if newer(claims.revoked, claims.online) and claims.revoked is not None:
        state, at = Credentials.NEEDS_SCAN, claims.revoked.at
    elif _qr_of_a_stored(session) and claims.qr is not None:
        state, at = Credentials.NEEDS_SCAN, claims.qr.at
    if session.needs_scan_at is not None and session.needs_scan_at > at:
        state, at = Credentials.NEEDS_SCAN, session.needs_scan_at
    proof = session.online_check_at
    # A client may look connected for some seconds after its logout: a check proves nothing until then (rule 3).
    if proof is not None and proof - SETTLING > at:
        state, at = Credentials.STORED, proof - SETTLING
    return state, at


def _qr_of_a_stored(session: Session) -> bool:
    """A QR code for a session that once was online: its credentials are no longer taken."""
    claims = session.claims
    was_stored = claims.online is not None or session.online_check_at is not None
    return was_stored and newer(claims.qr, claims.online)


def _pairing(session: Session) -> dict[str, object]:
    """Rule 4: a QR code scanned after a person's disconnect makes the session wanted again."""
    qr = session.unasked_qr
    if session.desired is Desired.ONLINE or qr is None:
        return {}
    online, proof = session.claims.online, session.online_check_at
    if newer(online, qr) and online is not None:
        at = online.at
    elif proof is not None and proof > qr.at:
        at = proof
    else:
        return {}
    return {"desired": Desired.ONLINE, "desired_at": at, "desired_by": "pairing", "unasked_qr": None}


def _reason(session: Session) -> tuple[Reason | None, str | None]:
    """The most specific reason since the session was last online, with the gateway's words, or who disconnected it."""
    if session.status is Status.QR_PENDING:
        return _qr_reason(session)
    if session.status not in DOWN:
        return None, None
    cause = _valid(session, session.claims.cause)
    # Who switched it off is the reason that it is down, not what went wrong before.
    if session.desired is Desired.OFFLINE and (cause is None or _outdated(cause, session)):
        return _switched_off(session)
    if (failure := session.failure) is not None and not _explained(session, cause, failure.at):
        return failure.reason, failure.detail
    if cause is not None:
        return attributed(session, cause)
    claim, check = session.claims.latest, session.check
    if check is not None and check.reason is not None and not (claim is not None and overrules(claim, check)):
        return _whose(session, check.reason, check.detail, check.at)
    # Neither a check without a reason nor a repeated claim takes away what was said before it.
    said = _valid(session, session.claims.said)
    if said is not None:
        return said.reason, said.detail
    last = _valid(session, claim)
    if last is not None and last.detail and last.status in DOWN:
        return Reason.OTHER, last.detail
    return _unlinked(session) or (None, None)


def attributed(session: Session, claim: Claim) -> tuple[Reason | None, str | None]:
    """Return what a claim says of why its session is down, or who brought that about from here."""
    return _whose(session, claim.reason, claim.detail, claim.received)


def _whose(
    session: Session, reason: Reason | None, detail: str | None, at: int
) -> tuple[Reason | None, str | None]:
    """A gateway tells a logout from here as one on the phone: what it says after ours began is of ours."""
    unlinking = session.unlinking
    if reason in REVOKED and unlinking is not None and at >= unlinking.at:
        who = session.unlinked_by
        if who is not None:
            return Reason.UNLINKED, who
    return reason, detail


def _unlinked(session: Session) -> tuple[Reason, str] | None:
    """Say who unlinked it from here, where that is done."""
    unlinking = session.unlinking
    if unlinking is None or unlinking.ended is None or session.unlinked_by is None:
        return None
    return Reason.UNLINKED, unlinking.who


def _switched_off(session: Session) -> tuple[Reason, str | None]:
    """Return who wants it offline: that is why it is down."""
    unlinking = session.unlinking
    if unlinking is not None and session.desired_at <= unlinking.at:
        return _unlinked(session) or (Reason.OPERATOR, session.desired_by)
    return Reason.OPERATOR, session.desired_by


def _explained(session: Session, cause: Claim | None, since: int) -> bool:
    """Whether something newer than ``since`` says why it is down."""
    if cause is not None and cause.at > since and cause.reason not in _VAGUE:
        return True
    check = session.check
    return check is not None and check.at > since and check.reason is not None and check.reason not in _VAGUE


def _valid(session: Session, claim: Claim | None) -> Claim | None:
    """Return a webhook's claim about why it is down, unless the session was online after it."""
    if claim is None or not newer(claim, session.claims.online):
        return None
    proof, check = session.online_check_at or 0, session.check
    if claim.at > proof:
        return claim
    # It is dated before that proof, by clocks that may be off, and came in after it: the next check said the same.
    agrees = check is not None and check.status is claim.status and check.began >= claim.received
    return claim if agrees and claim.received > proof else None


def _outdated(cause: Claim, session: Session) -> bool:
    """A person's disconnect explains more than what went wrong before it, a logout excepted."""
    return cause.at < session.desired_at and attributed(session, cause)[0] not in REVOKED


def _qr_reason(session: Session) -> tuple[Reason | None, str | None]:
    if session.qr is not None and session.qr.expired:
        return Reason.QR_EXPIRED, None
    revoked = session.claims.revoked
    if revoked is not None and newer(revoked, session.claims.online):
        return attributed(session, revoked)
    return _unlinked(session) or (None, None)
