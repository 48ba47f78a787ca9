"""The webhooks of one session as a set of latest claims: merging is commutative, associative and idempotent.

Whatever order webhooks come in, and however often, the same claims remain; everything that a webhook
can decide (status, reason, credentials) is derived from them. That is rule 1 of design §3 by construction.
"""

from __future__ import annotations

import msgspec

from .reasons import REVOKED
from .registers import BADNESS, DOWN, ONLINE, Reason, Status

ClaimKey = tuple[int, int, int, int, str]


class Claim(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """One webhook's claim about a session; times in milliseconds since the epoch.

    ``timestamp`` is the gateway's own clock, ``at`` the same instant by ours, ``received`` when it came in.
    ``sequence`` is -1 where the gateway sends none.
    """

    epoch: int
    sequence: int
    timestamp: int
    at: int
    received: int
    status: Status
    reason: Reason | None = None
    detail: str | None = None

    @property
    def instant(self) -> tuple[int, int, int]:
        """What the gateway says of when it happened."""
        return (self.epoch, self.sequence, self.timestamp)

    @property
    def key(self) -> ClaimKey:
        """Where the claim stands in the order of its session's webhooks."""
        return (self.epoch, self.sequence, self.timestamp, BADNESS[self.status], self.detail or "")


class Claims(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The latest claim of each kind that a session's webhooks have made."""

    latest: Claim | None = None
    online: Claim | None = None
    qr: Claim | None = None
    revoked: Claim | None = None
    cause: Claim | None = None
    said: Claim | None = None
    """The latest that gave any reason at all; ``cause`` is the latest that gave a specific one."""

    def holds(self, claim: Claim) -> bool:
        """Tell whether the same claim is here already."""
        return any(
            other is not None and other.timestamp == claim.timestamp and other.key == claim.key
            for other in (self.latest, self.online, self.qr, self.revoked, self.cause, self.said)
        )

    def merge(self, claim: Claim) -> Claims:
        """Return the claims with one more taken in; the same object when it adds nothing."""
        changes = {}
        if newer(claim, self.latest):
            changes["latest"] = claim
        if claim.status in ONLINE and newer(claim, self.online):
            changes["online"] = claim
        if claim.status is Status.QR_PENDING and newer(claim, self.qr):
            changes["qr"] = claim
        if claim.status in DOWN:
            if revokes(claim) and newer(claim, self.revoked):
                changes["revoked"] = claim
            self._explain(claim, changes)
        return msgspec.structs.replace(self, **changes) if changes else self

    def explained(self, claim: Claim) -> Claims:
        """Return the claims with what one says of why a session is down, and of nothing else."""
        changes: dict[str, Claim] = {}
        if claim.status in DOWN:
            self._explain(claim, changes)
        return msgspec.structs.replace(self, **changes) if changes else self

    def _explain(self, claim: Claim, changes: dict[str, Claim]) -> None:
        """Add what one says of why a session is down."""
        if claim.reason not in (None, Reason.OTHER) and newer(claim, self.cause):
            changes["cause"] = claim
        if claim.reason is not None and newer(claim, self.said):
            changes["said"] = claim


def revokes(claim: Claim) -> bool:
    """Tell whether a claim says that the stored credentials are gone."""
    return claim.status is Status.AUTH_FAILED or (claim.status in DOWN and claim.reason in REVOKED)


def newer(claim: Claim | None, than: Claim | None) -> bool:
    """Tell whether a claim comes after another in their session's order; anything comes after none."""
    if claim is None:
        return False
    if than is None:
        return True
    # What is compared most often is told apart by its timestamp: a whole key costs more.
    if claim.timestamp != than.timestamp and (claim.epoch, claim.sequence) == (than.epoch, than.sequence):
        return claim.timestamp > than.timestamp
    return claim.key > than.key
