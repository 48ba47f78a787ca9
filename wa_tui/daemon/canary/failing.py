"""How a canary fails: the cause first, which half is broken and between which sessions, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from wa_tui.text.durations import spoken
from wa_tui.wire import Attention, AttentionCode

from ..results import JobFailed
from .way import Way

CALLING = 2
"""Failures in a row after which a person is called: one message alone may be late, or lost on its way."""


class Half(StrEnum):
    """Which half of a canary's way is broken."""

    SENDING = "the sending half is broken"
    RECEIVING = "the receiving half is broken"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message did not come through, and what a person does about it. ``is_lasting``: no turn can mend it."""

    cause: str
    action: str
    half: Half | None = None
    is_lasting: bool = False

    def text(self, way: Way) -> str:
        """Return it in a sentence; of a line that is cut off, the cause is what is left."""
        return f"{self.cause}: canary {way}{f', {self.half}' if self.half else ''}"


class CanaryFailed(JobFailed):
    """A turn that shows something broken. The need that the canary has says so: none of its job's."""

    def __init__(self, failure: Failure, way: Way) -> None:
        super().__init__(failure.text(way), known=True)
        self.failure = failure


class Failures:
    """What a canary's last turns showed, in a row."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._failure: Failure | None = None
        self._in_a_row = 0

    def add(self, failure: Failure) -> None:
        """Note that a turn failed."""
        self._failure, self._in_a_row = failure, self._in_a_row + 1

    def clear(self) -> None:
        """Note that a turn did not fail, or that what it would fail of is told elsewhere."""
        self._failure, self._in_a_row = None, 0

    def attention(self) -> list[Attention]:
        """Return what a person is needed for."""
        failure = self._failure
        if failure is None or (self._in_a_row < CALLING and not failure.is_lasting):
            return []
        text = failure.text(self._way)
        return [Attention(code=AttentionCode.CANARY_FAILED, text=text, action=failure.action)]


def no_session(key: object) -> Failure:
    """Return that a canary names a session that there is not."""
    return Failure(
        f"there is no session {key}", "name another in [[canary]], or remove that", is_lasting=True
    )


def same_account() -> Failure:
    """Return that both sessions are one account, in which nothing comes in from itself."""
    return Failure(
        "both sessions are of one number", "name sessions of two accounts in [[canary]]", is_lasting=True
    )


def no_number(way: Way) -> Failure:
    """Return that nobody knows where to send it."""
    return Failure(
        f"the number of {way.recipient} is not known, and nothing was sent",
        f"check that session; where its gateway tells no number, name another one in [[canary]] than {way.recipient}",
    )


def nothing_told(way: Way) -> Failure:
    """Return that neither end could be seen."""
    gateways: Iterable[str] = dict.fromkeys((way.sender.gateway, way.recipient.gateway))
    return Failure(
        f"nothing is told of messages by {' and '.join(gateways)}, and nothing was sent",
        "have its webhooks about messages posted: wa-tui gateways setup",
    )


def not_sent(way: Way, why: str, *, is_unknown: bool = False) -> Failure:
    """Return that a send was refused, or that nobody knows what became of it."""
    cause = "nobody knows whether it was sent, and it is not sent again" if is_unknown else "send refused"
    action = f"send a message through {way.sender} yourself, and reconnect it where that fails too"
    return Failure(f"{cause}: {why.rstrip(' .')}", action, Half.SENDING)


def not_acknowledged(way: Way, patience: float) -> Failure:
    """Return that WhatsApp's server did not say that it has the message."""
    return Failure(
        f"not acknowledged by WhatsApp's server within {spoken(patience)}",
        f"reconnect {way.sender}: what it sends does not go out",
        Half.SENDING,
    )


def not_delivered(way: Way, patience: float) -> Failure:
    """Return that no device of the recipient got what the server has."""
    return Failure(
        f"not delivered within {spoken(patience)}, though WhatsApp's server took it",
        f"see whether the phone of {way.recipient} is online, and reconnect that session",
        Half.RECEIVING,
    )


def not_received(way: Way, patience: float) -> Failure:
    """Return that a device of the recipient got it, and its session did not."""
    return Failure(
        f"not received within {spoken(patience)}, though delivered to a device of its account",
        f"reconnect {way.recipient}: what comes in does not reach it, or its gateway's webhooks do not reach us",
        Half.RECEIVING,
    )


def not_seen(patience: float) -> Failure:
    """Return that its session did not get it, and that nobody knows how far it came."""
    return Failure(
        f"not received within {spoken(patience)}, and how far it came is not told for this very message",
        "send one by hand, and see on both phones where it stops",
    )


def not_told(why: str) -> Failure:
    """Return that a gateway could not say what became of the message."""
    return Failure(f"nobody can say whether it arrived: {why}", "see that gateway's log")
