"""A session: what was claimed, checked and wanted, and the registers that follow from it."""

from __future__ import annotations

import msgspec

from wa_tui.identity.users import user_of_session_id

from .acknowledgement import Acknowledged
from .claims import Claim, Claims
from .facts import QrCode, StartFailure, UserId
from .registers import SECOND, Credentials, Desired, Proof, Reason, SessionKey, Source, Status
from .silence import Ghost, Silent, Vouched

QR_LIFE = 60 * SECOND
"""How long a QR code lives, in milliseconds (design §3, rule 8)."""

SETTLING = 10 * SECOND
"""A check proves stored credentials only if it began this long after they were lost (design §3, rule 3)."""

ABSENT = "absent"
"""What a list says of a session that is not in it."""

OBSTACLES = frozenset({Reason.PROFILE_IN_USE, Reason.BROWSER_UNABLE})
"""Reasons that no start mends, only somebody at the gateway's machine; a start then works."""


class Check(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """The last observation that is not a webhook: when it began and ended, and what it showed."""

    began: int
    at: int
    status: Status
    reason: Reason | None = None
    detail: str | None = None
    source: Source = Source.SYNC
    proof: Proof = Proof.CLIENT
    """What it is worth where it says connected."""


class Qr(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """The current QR code and when it expires; ``expired`` once its minute is over (the payload is then gone)."""

    code: QrCode
    expires_at: int
    expired: bool = False


class Hinted(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """What a webhook without a time of its own said against the status, and when it came in."""

    status: Status
    at: int
    denied: Proof | None = None
    """How strong the check is that says otherwise since then; ``None`` while there is none."""

    @property
    def stands(self) -> bool:
        """Whether nothing that proves speaks against it."""
        return self.denied is None or not self.denied.proves


class Unlinking(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """Somebody's logout from here, since when and whose; ``ended`` once it is over, and not known to have failed."""

    at: int
    who: str
    action_id: str
    ended: int | None = None


class Session(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One WhatsApp account on one gateway; times in milliseconds since the epoch, by our clock.

    ``claims`` and ``check`` are evidence; ``status``, ``reason``, ``detail`` and ``credentials`` follow from
    them (`wa_tui.model.derive`) and are kept so that reading costs nothing.
    """

    gateway: str
    session_id: str
    created_at: int
    user_id: UserId | None = None
    instance_name: str | None = None
    phone_number: str | None = None
    phone_at: int = 0
    is_primary: bool = False

    claims: Claims = Claims()
    check: Check | None = None
    listed: str | None = None
    """What the gateway's list says against the status, while it does: a status or ``absent``."""
    hinted: Hinted | None = None
    """What hints say against the status, while they do."""
    unanswered: str | None = None
    """Why the last check has no answer, while that lasts."""
    unanswered_since: int | None = None
    failure: StartFailure | None = None
    """Why its client could not be started, until one is further than its browser's start."""

    status: Status = Status.UNKNOWN
    status_since: int = 0
    reason: Reason | None = None
    detail: str | None = None
    credentials: Credentials = Credentials.UNKNOWN
    credentials_at: int = 0
    online_check_at: int | None = None
    """When the last check began that showed it connected."""
    needs_scan_at: int | None = None
    """When the last check began that showed its credentials refused."""

    desired: Desired = Desired.ONLINE
    desired_at: int = 0
    desired_by: str | None = None
    unlinking: Unlinking | None = None
    """The last logout from here, unless it had no effect."""
    unasked_qr: Claim | None = None
    """The first QR code after a person's disconnect: scanned, it is a pairing."""

    qr: Qr | None = None
    observed_at: int | None = None
    proven_at: int | None = None
    proven_by: Source | None = None
    proof: Proof | None = None
    """How strong the evidence is that it is connected: that of ``proven_at``, else what a check claimed."""
    vouched: Vouched | None = None
    """When WhatsApp itself last spoke for it; ``None``: never."""
    silent: Silent | None = None
    """Its messages stopped, while that lasts: a condition beside the status."""
    ghost: Ghost | None = None
    """WhatsApp's server denies it, while that lasts: a condition beside the status, and its proof is withdrawn."""
    ghost_restarted_at: int | None = None
    """When healing last restarted it for being a ghost."""
    connected_at: int | None = None
    used_at: int | None = None
    """When a message was last sent through it."""
    snoozed_until: int = 0
    acknowledged: Acknowledged | None = None
    deleted_at: int | None = None
    orphan: bool = False
    action: str | None = None
    """The action now under way, and who asked for it."""

    moved: bool = False
    """Evidence moved without an event since the last one: the next event carries a `Basis`."""

    @property
    def key(self) -> SessionKey:
        """The session's name: gateway and session id."""
        return SessionKey(self.gateway, self.session_id)

    @property
    def server_at(self) -> int | None:
        """When it was last proven by WhatsApp's server, or by more; ``None``: not since it is connected."""
        return None if self.vouched is None else self._since_connected(self.vouched.server)

    @property
    def delivered_at(self) -> int | None:
        """When it was last proven by a recipient's device; ``None``: not since it is connected."""
        return None if self.vouched is None else self._since_connected(self.vouched.delivered)

    def _since_connected(self, at: int) -> int | None:
        if self.status is not Status.CONNECTED or self.ghost is not None or self.vouched is None:
            return None
        return at if at >= self.status_since and at > self.vouched.denied else None

    def undoubted(self) -> Session:
        """Return it as neither silent nor a ghost: who took care of that need not any longer."""
        if self.silent is None and self.ghost is None:
            return self
        taken = self.acknowledged
        kept = taken if taken is not None and taken.until_calm else None
        return msgspec.structs.replace(self, silent=None, ghost=None, acknowledged=kept)

    @property
    def is_provable(self) -> bool:
        """Whether checks of it prove anything, as far as is known: some gateways only repeat what they believe."""
        return self.check is None or self.check.proof.proves

    @property
    def wanted(self) -> bool:
        """Whether a person wants it online (rule 4), whatever it is."""
        return self.desired is Desired.ONLINE and self.deleted_at is None

    @property
    def restorable(self) -> bool:
        """Whether a restarted gateway is told to restore it (design §3, rule 7)."""
        return self.wanted and self.credentials is Credentials.STORED

    @property
    def is_unlinked(self) -> bool:
        """Whether no phone is linked to it, as far as is known: it waits for its scan, or was logged out."""
        if self.status in (Status.CONNECTED, Status.AUTHENTICATED):
            return False
        return self.status is Status.QR_PENDING or self.credentials is Credentials.NEEDS_SCAN

    @property
    def gone(self) -> bool:
        """Whether its gateway holds no client of it, as the newest evidence has it."""
        if self.check is None or self.check.reason is not Reason.MISSING:
            return False
        latest = self.claims.latest
        return latest is None or not overrules(latest, self.check)

    @property
    def obstacle(self) -> tuple[Reason, str | None] | None:
        """Return what on its gateway's machine keeps its browser from starting, and the gateway's words for it."""
        if self.reason in OBSTACLES:
            return self.reason, self.detail
        if (
            self.status is Status.INITIALIZING
            and self.failure is not None
            and self.failure.reason in OBSTACLES
        ):
            # What a failed start left behind, or another start of which nothing is known yet.
            return self.failure.reason, self.failure.detail
        return None

    @property
    def unlinked_by(self) -> str | None:
        """Return who unlinked its account from here; ``None`` where nobody did, or it was linked anew since."""
        unlinking = self.unlinking
        if unlinking is None:
            return None
        online, proof = self.claims.online, self.online_check_at
        if unlinking.ended is not None:
            linked = proof is not None and proof - SETTLING > unlinking.ended
            if linked or (online is not None and online.at > unlinking.ended):
                return None
        return unlinking.who

    @property
    def contradicts(self) -> bool:
        """Whether it is online against our will (design §3, rule 4)."""
        return self.status is Status.CONNECTED and self.desired is Desired.OFFLINE

    @property
    def label(self) -> str:
        """The name that a person gave it, or the session id."""
        return self.instance_name or self.session_id


class Basis(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """The evidence that moved silently before an event: what a replay needs to decide as we did."""

    claims: Claims
    check: Check | None
    listed: str | None
    online_check_at: int | None
    needs_scan_at: int | None
    proven_at: int | None
    observed_at: int | None
    credentials_at: int
    unanswered: str | None = None
    unanswered_since: int | None = None
    proven_by: Source | None = None
    proof: Proof | None = None
    hinted: Hinted | None = None
    vouched: Vouched | None = None

    @classmethod
    def of(cls, session: Session) -> Basis:
        """Return the session's evidence."""
        return cls(**{name: getattr(session, name) for name in cls.__struct_fields__})

    def restore(self, session: Session) -> Session:
        """Return the session with this evidence."""
        return msgspec.structs.replace(session, **{n: getattr(self, n) for n in self.__struct_fields__})


def new_session(key: SessionKey, at: int) -> Session:
    """Return a session nobody has said anything of; the user is read from ``user_<id>_instance_…`` (rule 5)."""
    return Session(
        gateway=key.gateway,
        session_id=key.session_id,
        created_at=at,
        user_id=user_of_session_id(key.session_id),
    )


def overrules(claim: Claim, check: Check | None) -> bool:
    """Tell whether a webhook stands against a check: it neither happened nor came in before the check began.

    Design §3, rule 2.
    """
    return check is None or (claim.at >= check.began and claim.received >= check.began)
