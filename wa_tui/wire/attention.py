"""Why a gateway or the daemon itself needs a person: one closed list of codes."""

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
    GATEWAY_RESTARTS = "gateway_restarts"
    """It restarts again and again."""
    WEBHOOKS_REFUSED = "webhooks_refused"
    """A gateway's webhooks come in and are refused, and none was accepted since."""
    JOB_STOPPED = "job_stopped"
    """A periodic job does not run though it is due."""
    JOB_FAILING = "job_failing"
    """A periodic job fails each time."""
    STORE_DAMAGED = "store_damaged"
    """Something stored could not be read, and was left out."""
    STORE_HELD = "store_held"
    """A program reads the daemon's database and does not end: the log beside it grows."""


class Attention(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person must do: what happened, and what to do about it. Either may hold foreign text."""

    code: AttentionCode
    text: str
    action: str = ""

    @property
    def sentence(self) -> str:
        """What happened, then what to do."""
        return f"{self.text}; {self.action}" if self.action else self.text
