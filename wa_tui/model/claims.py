"""The webhooks of one session as a set of latest claims: merging is commutative, associative and idempotent.

Whatever order webhooks come in, and however often, the same claims remain; everything that a webhook
can decide (status, reason, credentials) is derived from them. That is rule 1 of design §3 by construction.
"""

from __future__ import annotations

import msgspec

from .reasons import REVOKED
from .registers import BADNESS, DOWN, ONLINE, Reason, Status

ClaimKey = tuple[int, int, int, int, str]


class Claim(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
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
    words: str | None = None

    @property
    def key(self) -> ClaimKey:
        """Where the claim stands in the order of its session's webhooks."""
        return (self.epoch, self.sequence, self.timestamp, BADNESS[self.status], self.words or "")


class Claims(msgspec.Struct, frozen=True, omit_defaults=True):
    """The latest claim of each kind that a session's webhooks have made."""

    latest: Claim | None = None
    online: Claim | None = None
    qr: Claim | None = None
    revoked: Claim | None = None
    cause: Claim | None = None

    def merge(self, claim: Claim) -> Claims:
        """Return the claims with one more taken in; the same object when it adds nothing."""
        specific = claim.reason not in (None, Reason.OTHER)
        changes = {
            name: claim
            for name, current, takes in (
                ("latest", self.latest, True),
                ("online", self.online, claim.status in ONLINE),
                ("qr", self.qr, claim.status is Status.QR_PENDING),
                ("revoked", self.revoked, revokes(claim)),
                ("cause", self.cause, claim.status in DOWN and specific),
            )
            if takes and newer(claim, current)
        }
        return msgspec.structs.replace(self, **changes) if changes else self


def revokes(claim: Claim) -> bool:
    """Tell whether a claim says that the stored credentials are gone."""
    return claim.status is Status.AUTH_FAILED or (claim.status in DOWN and claim.reason in REVOKED)


def newer(claim: Claim | None, than: Claim | None) -> bool:
    """Tell whether a claim comes after another in their session's order; anything comes after none."""
    if claim is None:
        return False
    return than is None or claim.key > than.key
