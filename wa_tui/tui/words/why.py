"""WHY: what holds a session in its state, in words a person says, and the next step where there is one."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from rich.cells import cell_len

from wa_tui import wire
from wa_tui.tui.look.palette import Ink
from wa_tui.tui.words.ages import ahead
from wa_tui.tui.words.reasons import WORDS
from wa_tui.tui.words.text import clean, cut
from wa_tui.wire import Condition, GatewayView, HealingView, Receipt, SessionView

_SEPARATOR = " · "


class Step(NamedTuple):
    """The next step: in words, and as the bare key for a narrow column."""

    long: str
    short: str


RECONNECT = Step("r reconnect", "r")
SHOW_QR = Step("o shows the QR", "o")
RENEW_QR = Step("o new QR", "o")
DISCONNECT = Step("x disconnect", "x")

_GATEWAY_WORDS = {
    "down": "gateway down",
    "restarting": "gateway restarting",
    "unauthorised": "gateway refuses our key",
    "unknown": "gateway not seen yet",
}


class Why(NamedTuple):
    """The reason, its colour, and the next step."""

    text: str
    ink: Ink = Ink.TEXT
    step: Step | None = None

    def pieces(self, width: int) -> list[tuple[str, Ink]]:
        """Return texts of at most ``width`` cells: the step shrinks to its key before the reason is cut."""
        text = clean(self.text)
        if not text:
            return []
        for hint in (self.step.long, self.step.short) if self.step else ():
            if cell_len(text) + cell_len(_SEPARATOR + hint) <= width:
                return [(text, self.ink), (_SEPARATOR + hint, Ink.QUIET)]
        return [(cut(text, width), self.ink)]


def why(
    session: SessionView,
    found: Condition,
    gateway: GatewayView | None,
    *,
    receipt: Receipt | None = None,
    gone: bool = False,
    now: datetime | None = None,
) -> Why:
    """Return why a session is in its state; ``receipt`` is of the action under way, ``gone`` a lost daemon.

    With ``now`` it tells when healing tries next.
    """
    if session.action is not None:
        return _under_way(receipt)
    if session.orphan:
        return Why("deleted, still on the gateway", Ink.AMBER, DISCONNECT)
    if found is Condition.SCAN_QR:
        return _scan(session)
    if session.attention not in (None, wire.RECONNECT):
        down = found in (Condition.DISCONNECTED, Condition.AUTH_FAILED)
        step = RECONNECT if down and session.reason != "banned" else None
        return Why(session.attention or "", Ink.AMBER, step)
    if session.contradiction is not None:
        return Why(session.contradiction, Ink.AMBER)
    if found is not Condition.OFFLINE and gateway is not None and gateway.state in _GATEWAY_WORDS:
        return Why(_GATEWAY_WORDS[gateway.state], Ink.TEXT)
    if session.silence is not None:
        return Why(session.silence, Ink.AMBER)
    told = _by_condition(session, found, gone)
    down = found in (Condition.DISCONNECTED, Condition.AUTH_FAILED)
    if down and session.healing is not None and now is not None:
        return told._replace(step=_next_try(session.healing, now))
    return told


def _next_try(healing: HealingView, now: datetime) -> Step:
    """What healing does next, where it needs nobody."""
    number = healing.attempts + (healing.state != "starting")
    if healing.state == "starting":
        return Step(f"retry {number} under way", f"retry {number}")
    if healing.state == "held":
        return Step(f"held back: {clean(healing.why)}", "held back")
    when = f" {ahead(healing.next_at, now)}" if healing.next_at is not None else ""
    return Step(f"retry {number}{when}", f"retry {number}")


def reason_words(reason: str | None, words: str | None) -> str:
    """Return a reason as a person says it; the gateway's own words where there is no other."""
    return WORDS.get(reason or "") or words or (reason or "").replace("_", " ")


def _under_way(receipt: Receipt | None) -> Why:
    if receipt is None:
        return Why("action under way …", Ink.AMBER)
    return Why(receipt.action.replace("_", " ") + " …", Ink.AMBER)


def _scan(session: SessionView) -> Why:
    known = WORDS.get(session.reason or "")
    if session.qr is not None:
        return Why(known or "waiting for the phone", Ink.TEXT, SHOW_QR)
    if session.reason == "qr_expired" or session.status == "qr_pending":
        return Why("QR code expired", Ink.TEXT, RENEW_QR)
    return Why(known or session.words or "credentials are gone", Ink.TEXT, RENEW_QR)


def _by_condition(session: SessionView, found: Condition, gone: bool) -> Why:
    told = reason_words(session.reason, session.words)
    match found:
        case Condition.CONNECTED:
            return (
                Why("should be offline", Ink.AMBER, DISCONNECT) if session.desired == "offline" else Why("")
            )
        case Condition.STARTING:
            waiting = "loading the chats" if session.status == "authenticated" else "waiting for page"
            return Why(waiting, Ink.TEXT)
        case Condition.CLAIMED:
            if gone:
                return Why("daemon gone", Ink.TEXT)
            return Why("not checked lately" if session.proven_at else "not checked yet", Ink.QUIET)
        case Condition.OFFLINE:
            return Why(told or "switched off", Ink.QUIET)
        case Condition.UNKNOWN:
            return Why(told or "never seen", Ink.QUIET)
    return Why(told or "no reason given", Ink.TEXT, None if session.reason == "banned" else RECONNECT)
