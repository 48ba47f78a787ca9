"""Why a session, a gateway or the daemon itself needs a person: one closed list of codes."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class AttentionCode(StrEnum):
    """What is wrong, in one word that programs may rest on, most urgent first; the sentences beside it may change."""

    STORE_FAILED = "store_failed"
    """The daemon cannot store what comes in."""
    NOT_LISTENING = "not_listening"
    """The daemon waits for the place where webhooks are to come in, and does nothing till then."""
    GATEWAY_DOWN = "gateway_down"
    """It does not answer."""
    KEY_REFUSED = "key_refused"
    """It does not take our key."""
    PROXY_REFUSES = "proxy_refuses"
    """A proxy before it does not let us through, as where that wants a log-in."""
    GATEWAY_RESTARTS = "gateway_restarts"
    """It restarts again and again."""
    WEBHOOKS_REFUSED = "webhooks_refused"
    """A gateway's webhooks come in and are refused, and none was accepted since."""
    GATEWAY_SILENT = "gateway_silent"
    """No message of any of its sessions is heard of, for longer than is usual for any of them."""
    HOOK_FAILED = "hook_failed"
    """The program that is to call a person fails: nobody is called by it."""
    JOB_STOPPED = "job_stopped"
    """A periodic job does not run though it is due."""
    JOB_FAILING = "job_failing"
    """A periodic job fails each time."""
    CANARY_FAILED = "canary_failed"
    """A message between two sessions of ours does not come through, again and again."""
    HEALING_PAUSED = "healing_paused"
    """On a gateway most starts fail: healing starts nothing there for a while, and that goes on."""
    BANNED = "banned"
    """WhatsApp has banned the number."""
    CONFLICT = "conflict"
    """Something else has opened the account."""
    PASSKEY = "passkey"
    """WhatsApp asks for a passkey: its owner gives it, and nothing is to be scanned."""
    GHOST = "ghost"
    """It says connected, and WhatsApp's server denies it: messages are lost meanwhile."""
    PROFILE_IN_USE = "profile_in_use"
    """A browser that nobody drives any more holds its profile."""
    BROWSER_UNABLE = "browser_unable"
    """No browser starts on its gateway's machine."""
    SCAN_QR = "scan_qr"
    """It can come back only by its owner's phone."""
    EXHAUSTED = "exhausted"
    """Healing has used up its attempts of the hour."""
    FLAPPING = "flapping"
    """It drops again and again."""
    SILENT = "silent"
    """No message goes through it, though it says connected, and nothing there can ask WhatsApp's server."""
    DOWN = "down"
    """It is down, and nothing will bring it back."""
    UNWANTED = "unwanted"
    """It is connected against our will."""
    ORPHAN = "orphan"
    """It was deleted, and its gateway still runs its client."""
    STORE_DAMAGED = "store_damaged"
    """Something stored could not be read, and was left out."""
    STORE_HELD = "store_held"
    """A program reads the daemon's database and does not end: the log beside it grows."""
    CONTRADICTION = "contradiction"
    """Two sources say different things of a session. It calls nobody, and is good to know."""
    NOTICE = "notice"
    """Something the daemon has to say. It calls nobody, and is good to know."""
    OTHER = "other"
    """A newer daemon says something that this version has no code for."""

    @classmethod
    def _missing_(cls, value: object) -> AttentionCode | None:
        """Take the code of a newer daemon: its sentences still say what it is."""
        return cls.OTHER if isinstance(value, str) else None

    @property
    def urgency(self) -> int:
        """Its place among the codes, the most urgent as 0: on a gateway all of its sessions depend."""
        return _URGENCY[self]

    @property
    def has_reason(self) -> bool:
        """Whether its text begins with the reason why a session is down, in the gateway's own words too."""
        return self in _HAVE_REASON


_HAVE_REASON = frozenset(
    {
        AttentionCode.BANNED,
        AttentionCode.CONFLICT,
        AttentionCode.PASSKEY,
        AttentionCode.SCAN_QR,
        AttentionCode.FLAPPING,
        AttentionCode.DOWN,
    }
)

_URGENCY = {code: place for place, code in enumerate(AttentionCode)}


class Attention(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person must do: what happened, and what to do about it. Either may hold foreign text."""

    code: AttentionCode
    text: str
    action: str = ""

    @property
    def sentence(self) -> str:
        """What happened, then what to do."""
        return f"{self.text}; {self.action}" if self.action else self.text
