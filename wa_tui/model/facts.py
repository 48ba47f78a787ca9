"""Facts: what the world tells us. Each is stored as it came, so that events can be replayed."""

from __future__ import annotations

import hashlib

import msgspec

from .registers import Desired, Proof, Reason, SessionKey, Source, Status
from .silence import SilenceCause

UserId = str
"""The text of a user's id (`wa_tui.identity.users`)."""


class QrCode(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A QR code's payload (raw text or a PNG data URL) and its digest; events keep the digest alone."""

    digest: str
    payload: str = ""

    @classmethod
    def of(cls, payload: str) -> QrCode:
        """Return the code for a payload as a gateway sent it."""
        return cls(digest=hashlib.sha256(payload.encode()).hexdigest()[:16], payload=payload)

    def stripped(self) -> QrCode:
        """Return the code without its payload."""
        return QrCode(digest=self.digest)


class Webhook(msgspec.Struct, frozen=True, omit_defaults=True, tag="webhook", gc=False):
    """A gateway's own report of a status (contract §2); ``timestamp`` by its clock, ``received`` by ours."""

    gateway: str
    session_id: str
    status: Status
    timestamp: int
    received: int
    user_id: UserId | None = None
    phone_number: str | None = None
    qr: QrCode | None = None
    detail: str | None = None
    event_id: str | None = None
    sequence: int | None = None
    boot_id: str | None = None
    reason: Reason | None = None
    """Why, by the table of the gateway's kind; ``None``: ``detail`` is classified as the contract's words."""
    hint: bool = False
    """It has no time of its own: it starts a check, and only a QR code and a logout change registers by themselves."""

    @property
    def at(self) -> int:
        """When the daemon received it, in milliseconds since the epoch."""
        return self.received


class Unattributed(msgspec.Struct, frozen=True, omit_defaults=True, tag="unattributed"):
    """A webhook whose gateway could not be told."""

    session_id: str
    status: Status
    at: int
    candidates: list[str] = []


class Checked(msgspec.Struct, frozen=True, omit_defaults=True, tag="checked", gc=False):
    """An answer to a status check (contract §1); ``status`` is ``None`` for a client the gateway lacks."""

    gateway: str
    session_id: str
    began: int
    at: int
    status: Status | None
    ready: bool = True
    phone_number: str | None = None
    qr: QrCode | None = None
    detail: str | None = None
    source: Source = Source.SYNC
    reason: Reason | None = None
    """Why, by the table of the gateway's kind; ``None``: ``detail`` is classified as the contract's words."""
    proof: Proof = Proof.CLIENT
    """What the answer is worth where it says connected."""
    restoring: bool = False
    """Its gateway restarted and still restores its sessions: what it lacks may be yet to come."""


class CheckFailed(msgspec.Struct, frozen=True, omit_defaults=True, tag="check_failed"):
    """A status check without an answer, while the gateway itself answers."""

    gateway: str
    session_id: str
    began: int
    at: int
    detail: str


class Listed(msgspec.Struct, frozen=True, omit_defaults=True, tag="listed"):
    """A gateway's list differs from the fleet; ``status`` is ``None`` when the session is not in it."""

    gateway: str
    session_id: str
    began: int
    at: int
    status: Status | None
    phone_number: str | None = None


class Healthy(msgspec.Struct, frozen=True, omit_defaults=True, tag="healthy"):
    """An answer to a health check; ``uptime`` in milliseconds, ``timestamp`` by the gateway's clock."""

    gateway: str
    began: int
    at: int
    uptime: int | None = None
    timestamp: int | None = None
    restores: bool = True
    """After its own restart it brings its sessions back by itself."""
    first: bool = False
    """Nobody asked it before in this daemon's life."""


class Unhealthy(msgspec.Struct, frozen=True, omit_defaults=True, tag="unhealthy"):
    """A gateway did not answer as it should; ``refused`` when nothing listens there.

    ``advice`` is what to do about it, where that is known for sure.
    """

    gateway: str
    at: int
    detail: str
    refused: bool = False
    advice: str | None = None


class Authorised(msgspec.Struct, frozen=True, omit_defaults=True, tag="authorised"):
    """Whether a gateway takes our API key; ``by_proxy`` where what refuses us is a proxy before it."""

    gateway: str
    at: int
    accepted: bool
    detail: str | None = None
    advice: str | None = None
    by_proxy: bool = False


class Restored(msgspec.Struct, frozen=True, omit_defaults=True, tag="restored"):
    """A restarted gateway's own restoring is over; ``missing`` sessions are left for us to start."""

    gateway: str
    at: int
    missing: int = 0


class GatewayCalmed(msgspec.Struct, frozen=True, omit_defaults=True, tag="gateway_calmed"):
    """A gateway that somebody takes care of has needed nobody for long enough."""

    gateway: str
    at: int


class HealingSaid(msgspec.Struct, frozen=True, omit_defaults=True, tag="healing_said"):
    """Healing has something to say of a session, or of a gateway where ``session_id`` is ``None``."""

    gateway: str
    at: int
    detail: str
    session_id: str | None = None


class Calmed(msgspec.Struct, frozen=True, omit_defaults=True, tag="calmed"):
    """A session that flapped was calm for long enough."""

    gateway: str
    session_id: str
    at: int


class WebhookMissing(msgspec.Struct, frozen=True, omit_defaults=True, tag="webhook_missing"):
    """A check found a status, and the webhook that should have told it never came."""

    gateway: str
    session_id: str
    at: int
    status: Status
    since: int


class ActionAccepted(msgspec.Struct, frozen=True, omit_defaults=True, tag="wanted"):
    """An action was accepted: it may change what we want of a session, and its names."""

    gateway: str
    session_id: str
    at: int
    action: str
    who: str
    action_id: str
    desired: Desired | None = None
    user_id: UserId | None = None
    instance_name: str | None = None
    is_primary: bool | None = None
    snoozed_until: int | None = None
    """0 ends a snooze."""
    acknowledged: bool | None = None
    until_calm: bool = False
    """Of an acknowledgement: it flaps, and holds until that is over."""
    revive: bool = False
    """Take a deleted session back."""
    exclusive: bool = True
    """No other action changes the session meanwhile: it shows this one."""
    detail: str | None = None


class Attempted(msgspec.Struct, frozen=True, omit_defaults=True, tag="attempted"):
    """A try to send a message through a session ended: ``sent not_sent unknown``, and why."""

    gateway: str
    session_id: str
    at: int
    action_id: str
    outcome: str
    detail: str


class StartFailure(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True, gc=False):
    """Why a gateway could not start a client, when it said so; ``detail`` are its own."""

    at: int
    reason: Reason
    detail: str


class ActionEnded(msgspec.Struct, frozen=True, omit_defaults=True, tag="acted"):
    """An action ended, with its outcome in words; ``delete`` leaves a tombstone of its session.

    ``failure``: it was to start a client, and the gateway could not. ``unlinked``: its account needs a scan now.
    """

    gateway: str
    session_id: str
    at: int
    action: str
    who: str
    action_id: str
    outcome: str
    detail: str
    delete: bool = False
    failure: StartFailure | None = None
    unlinked: bool = False


class SendFailed(msgspec.Struct, frozen=True, omit_defaults=True, tag="send_failed"):
    """A send's error says that the session is gone (design §5)."""

    gateway: str
    session_id: str
    began: int
    at: int
    detail: str
    reason: Reason = Reason.OTHER


class MessageAcked(msgspec.Struct, frozen=True, omit_defaults=True, tag="message_acked", gc=False):
    """WhatsApp acknowledged a message that went out through a session; the newest there is of its grade is enough.

    ``happened`` is by the gateway's clock, ``at`` is when we heard of it, by ours.
    """

    gateway: str
    session_id: str
    at: int
    happened: int
    proof: Proof
    """``server``, or ``delivered`` where a recipient's device did."""


class SilenceNoted(msgspec.Struct, frozen=True, omit_defaults=True, tag="silence_noted"):
    """A connected session's messages stopped ``since``; told again where the cause changes, or a person is called."""

    gateway: str
    session_id: str
    at: int
    since: int
    cause: SilenceCause
    usual_ms: int | None = None
    """Its usual gap at this time of the week, in milliseconds."""
    calls: bool = False
    """Nothing there can ask WhatsApp's server, and it lasts too long: a person is called."""


class SilenceEnded(msgspec.Struct, frozen=True, omit_defaults=True, tag="silence_ended"):
    """A session is silent no more: messages ``resumed``, by our clock; ``None``: the silence is usual by now."""

    gateway: str
    session_id: str
    at: int
    resumed: int | None = None


class GhostFound(msgspec.Struct, frozen=True, omit_defaults=True, tag="ghost_found"):
    """A check that ``began`` then found that WhatsApp's server denies a session; ``detail`` tells how."""

    gateway: str
    session_id: str
    began: int
    at: int
    detail: str


class QrExpired(msgspec.Struct, frozen=True, omit_defaults=True, tag="qr_expired"):
    """The minute's timer found a QR code past its life."""

    gateway: str
    session_id: str
    at: int


class Described(msgspec.Struct, frozen=True, omit_defaults=True, tag="described"):
    """Names of a session from outside the wire: an import, a demo's script."""

    gateway: str
    session_id: str
    at: int
    user_id: UserId | None = None
    instance_name: str | None = None
    phone_number: str | None = None
    is_primary: bool | None = None


class Removed(msgspec.Struct, frozen=True, omit_defaults=True, tag="removed"):
    """The daily clean-up forgets a session."""

    gateway: str
    session_id: str
    at: int
    detail: str


class DaemonStarted(msgspec.Struct, frozen=True, omit_defaults=True, tag="daemon_started"):
    """The daemon came up; nobody observed anything since ``alive`` (``None``: first start)."""

    at: int
    alive: int | None = None
    detail: str = ""


class ClockStepped(msgspec.Struct, frozen=True, omit_defaults=True, tag="clock_stepped"):
    """The wall clock was set ``by`` so many milliseconds, back where negative; ``at`` is after that."""

    at: int
    by: int


class HostSlept(msgspec.Struct, frozen=True, omit_defaults=True, tag="host_slept"):
    """The host was suspended: nobody observed anything since ``since``."""

    at: int
    since: int


SessionFact = (
    Webhook
    | Checked
    | CheckFailed
    | Listed
    | WebhookMissing
    | ActionAccepted
    | Attempted
    | ActionEnded
    | SendFailed
    | QrExpired
    | Described
    | Calmed
    | MessageAcked
    | SilenceNoted
    | SilenceEnded
    | GhostFound
    | Removed
)
GatewayFact = Healthy | Unhealthy | Authorised | Restored | GatewayCalmed
OwnFact = DaemonStarted | ClockStepped | HostSlept
"""What the daemon tells of itself and its host."""
Fact = SessionFact | GatewayFact | Unattributed | HealingSaid | OwnFact


def key_of(fact: SessionFact) -> SessionKey:
    """Return the session that a fact is about."""
    return SessionKey(fact.gateway, fact.session_id)


def stripped(fact: Fact) -> Fact:
    """Return the fact as an event keeps it: without a QR code's payload."""
    if isinstance(fact, Webhook | Checked) and fact.qr is not None:
        return msgspec.structs.replace(fact, qr=fact.qr.stripped())
    return fact
