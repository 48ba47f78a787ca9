"""WHY: what holds a session in its state, in words a person says, and the next step where there is one."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from rich.cells import cell_len

from wa_tui import wire
from wa_tui.tui.keys import KEY_NAMES, KeyNames
from wa_tui.tui.look.palette import Ink
from wa_tui.tui.words.ages import ahead
from wa_tui.tui.words.quiet import quiet_words
from wa_tui.tui.words.reasons import WORDS
from wa_tui.tui.words.text import clean, cut
from wa_tui.wire import AttentionCode, Condition, GatewayView, HealingView, Receipt, SessionView
from wa_tui.wire.reasons import in_brief

_SEPARATOR = " · "
_LEAST = 8
"""Cells of the reason that care must leave."""
_WHO = 12


class Step(NamedTuple):
    """The next step: in words after the key that does it, and for a narrow column that key or ``short`` alone.

    ``key`` is its id, and ``leads`` that of the key it is pressed for; where one is refused there is no such step.
    """

    words: str
    key: str = ""
    short: str = ""
    leads: str = ""

    def hints(self, names: KeyNames) -> list[str]:
        """Return it long and short, as keys are called; nothing where it is refused."""
        if not self.key:
            return [self.words, self.short]
        if self.key not in names or (self.leads and self.leads not in names):
            return []
        return [f"{names[self.key]} {self.words}", names[self.key]]


RECONNECT = Step("reconnect", "session.reconnect")
SHOW_QR = Step("shows the QR", "session.qr")
RENEW_QR = Step("new QR", "session.qr", leads="qr.renew")
DISCONNECT = Step("disconnect", "session.disconnect")

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
    care: Step | None = None

    def pieces(self, width: int, names: KeyNames = KEY_NAMES) -> list[tuple[str, Ink]]:
        """Return texts of at most ``width`` cells: the step shrinks to its key before the reason is cut.

        ``care`` stands where the next step would, and stays: the reason is cut for it.
        """
        text = clean(self.text)
        hints = (self.care or self.step or Step("")).hints(names)
        if not text:
            return [(cut(hints[0], width), Ink.QUIET)] if self.care else []
        for hint in filter(None, hints):
            if cell_len(text) + cell_len(_SEPARATOR + hint) <= width:
                return [(text, self.ink), (_SEPARATOR + hint, Ink.QUIET)]
        rest = _SEPARATOR + hints[1] if self.care else ""
        if width < cell_len(rest) + _LEAST:
            rest = ""
        return [(cut(text, width - cell_len(rest)), self.ink), *([(rest, Ink.QUIET)] if rest else [])]


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
    if session.attention is not None and session.attention.code is not AttentionCode.DOWN:
        down = found in (Condition.DISCONNECTED, Condition.AUTH_FAILED)
        step = RECONNECT if down and session.attention.code is not AttentionCode.BANNED else None
        return Why(session.attention.sentence, Ink.AMBER, step)
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


def care(session: SessionView, gateway: GatewayView | None, now: datetime) -> Step | None:
    """Return for how long a session calls nobody, or who takes care of it, or of its gateway where that covers it."""
    if wire.is_snoozed(session, now) and session.snoozed_until is not None:
        return Step(f"snoozed {ahead(session.snoozed_until, now).removeprefix('in ')}", short="snoozed")
    if session.acknowledged is not None:
        who = cut(clean(session.acknowledged.who).partition("@")[0], _WHO)
        return Step(f"taken: {who}", short="taken")
    if gateway is not None and wire.is_covered(session, gateway, now):
        return Step(f"gateway {quiet_words(gateway, now)}", short="covered")
    return None


def _next_try(healing: HealingView, now: datetime) -> Step:
    """What healing does next, where it needs nobody."""
    number = healing.attempts + (healing.state != "starting")
    if healing.state == "starting":
        return Step(f"retry {number} under way", short=f"retry {number}")
    if healing.state == "held":
        return Step(f"held back: {clean(healing.why)}", short="held back")
    when = f" {ahead(healing.next_at, now)}" if healing.next_at is not None else ""
    return Step(f"retry {number}{when}", short=f"retry {number}")


def reason_words(reason: str | None, words: str | None) -> str:
    """Return a reason as a person says it; the gateway's own words where there is no other."""
    return in_brief(reason, words)


def _under_way(receipt: Receipt | None) -> Why:
    if receipt is None:
        return Why("action under way", Ink.AMBER)
    return Why(f"{receipt.action.replace('_', ' ')} under way", Ink.AMBER)


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
