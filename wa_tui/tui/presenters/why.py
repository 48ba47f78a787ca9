"""WHY: what holds a session in its state, in words a person says, and what to do, or that nothing is to be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from wa_tui import wire
from wa_tui.text.ages import ahead
from wa_tui.text.attention import need_word
from wa_tui.text.cells import cell_len, cut
from wa_tui.text.cleaning import clean
from wa_tui.text.quiet import quiet_words
from wa_tui.tui.keys import KEY_NAMES, KeyNames
from wa_tui.tui.presenters.advice import (
    BY_ITSELF,
    CHECK,
    DISCONNECT,
    NOTHING,
    RECONNECT,
    RENEW_QR,
    SEE_DAEMON,
    SHOW_QR,
    WAIT,
    Step,
    steps_of,
)
from wa_tui.tui.presenters.healing import PAUSED, paused_words, stays_paused
from wa_tui.tui.style.palette import Ink
from wa_tui.wire import (
    AttentionCode,
    Cause,
    Condition,
    GatewayView,
    HealingView,
    Receipt,
    SessionView,
    cause_of,
    gateway_needs,
)
from wa_tui.wire.reasons import REASON_WORDS, in_brief

_SEPARATOR = " · "
_LEAST = 8
"""Cells of the reason that the next step must leave, or it stands alone."""
READABLE = 24
"""Cells of the reason that say enough of it beside more of what to do."""
_WHO = 12

_BRIEF = {
    "logout": "logged out",
    "navigation": "reloaded",
    "qr_expired": "expired",
    "missing": "missing",
    "gateway_unreachable": "unreachable",
    "profile_in_use": "profile used",
    "browser_unable": "no browser",
    "restore_failed": "not restored",
    "operator": "switched off",
    "banned": "banned",
}
"""Reasons in a word or two."""


class Said(Enum):
    """What of a session its WHY tells: who shows all of it need not say that again."""

    REASON = "reason"
    NEED = "need"
    CONTRADICTION = "contradiction"
    SILENCE = "silence"
    OTHER = "other"


class Why(NamedTuple):
    """The reason and what to do: ``steps`` from long to short, ``brief`` the reason in a word or two.

    ``care`` stands where the next step would.
    """

    text: str
    ink: Ink = Ink.TEXT
    steps: Sequence[Step] = ()
    care: Step | None = None
    brief: str = ""
    said: Said = Said.OTHER

    def hints(self, names: KeyNames) -> list[str]:
        """Return what to do, from long to short."""
        steps = (self.care,) if self.care is not None else self.steps
        return [clean(hint) for step in steps for hint in step.hints(names)]

    def pieces(
        self, width: int, names: KeyNames = KEY_NAMES, *, readable: int = READABLE
    ) -> list[tuple[str, Ink]]:
        """Return texts of at most ``width`` cells: the reason is shortened before what to do, and cut before it is.

        ``readable`` are the cells of the reason that more of what to do must leave.
        """
        text, hints = clean(self.text), self.hints(names)
        if not text:
            return [(cut(hints[0], width), Ink.QUIET)] if self.care and hints else []
        if not hints:
            return [(cut(text, width), self.ink)]
        brief = clean(self.brief) or text
        for hint in hints:
            rest = _SEPARATOR + hint
            for each in (text, brief):
                if cell_len(each + rest) <= width:
                    return [(each, self.ink), (rest, Ink.QUIET)]
            if width - cell_len(rest) >= readable:
                return [(cut(text, width - cell_len(rest)), self.ink), (rest, Ink.QUIET)]
        rest = _SEPARATOR + hints[-1]
        if width < cell_len(rest) + _LEAST:
            return [(cut(hints[-1], width), self.ink)]
        return [(cut(text, width - cell_len(rest)), self.ink), (rest, Ink.QUIET)]


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
        return Why("deleted, still on the gateway", Ink.AMBER, [DISCONNECT], brief="deleted", said=Said.NEED)
    if found is Condition.SCAN_QR:
        return _scan(session)
    need = session.attention
    if need is not None and need.code is not AttentionCode.DOWN:
        return _needed(session, paused_words(gateway, now) if now is not None else "")
    if session.contradiction is not None:
        return Why(session.contradiction, Ink.AMBER, [CHECK], said=Said.CONTRADICTION)
    if found is not Condition.OFFLINE and gateway is not None:
        told = _by_gateway(gateway)
        if told is not None:
            return told
    if session.silence is not None:
        return Why(session.silence, Ink.AMBER, [CHECK], said=Said.SILENCE)
    told = _by_condition(session, found, gone)
    down = found in (Condition.DISCONNECTED, Condition.AUTH_FAILED)
    if down and session.healing is not None and now is not None:
        if gateway is not None and cause_of(session, found, gateway) is Cause.HEALING_PAUSED:
            return _paused(told, gateway, now)
        return told._replace(steps=[_next_try(session.healing, now)])
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


def reason_words(reason: str | None, detail: str | None) -> str:
    """Return a reason as a person says it; the gateway's own words where there is no other."""
    return in_brief(reason, detail)


def _needed(session: SessionView, paused: str) -> Why:
    assert session.attention is not None
    need = session.attention
    brief = "" if need.code is AttentionCode.OTHER else need_word(need.code)
    steps = steps_of(need)
    if paused and need.code is AttentionCode.BROWSER_UNABLE:
        steps = [*(Step(f"{step.detail}, {paused}") for step in steps), *steps]
    return Why(need.text, Ink.AMBER, steps, brief=brief, said=Said.NEED)


def _paused(told: Why, gateway: GatewayView, now: datetime) -> Why:
    """What holds a session is that starts fail on its gateway, whatever it went down for."""
    # While one session is tried after a first pause, the others wait for it.
    paused = paused_words(gateway, now) or PAUSED
    cause = gateway.healing.why if gateway.healing is not None else ""
    todo = "see its gateway" if stays_paused(gateway) else "it goes on by itself"
    return told._replace(
        text=f"starts fail: {cause}" if cause else told.text,
        brief="starts fail",
        steps=[Step(f"{paused}, {todo}", short=paused), Step(PAUSED)],
        said=Said.OTHER,
    )


def _by_gateway(gateway: GatewayView) -> Why | None:
    """What holds every session of a gateway that is in trouble itself."""
    match gateway.state:
        case "down" | "unauthorised":
            need = gateway_needs(gateway)[0]
            brief = "gateway down" if gateway.state == "down" else f"gateway: {need_word(need.code)}"
            return Why(f"{brief}: {need.text}", Ink.TEXT, steps_of(need), brief=brief)
        case "restarting":
            return Why("gateway restarting", Ink.TEXT, [BY_ITSELF])
        case "unknown":
            return Why("gateway not seen yet", Ink.TEXT, [WAIT])
    return None


def _brief(reason: str | None, other: str = "") -> str:
    return _BRIEF.get(reason or "", other)


def _under_way(receipt: Receipt | None) -> Why:
    action = "action" if receipt is None else receipt.action.replace("_", " ")
    return Why(f"{action} under way", Ink.AMBER, [WAIT])


def _scan(session: SessionView) -> Why:
    known, step = REASON_WORDS.get(session.reason or ""), RENEW_QR
    if session.qr is not None:
        told, brief, step = known or "waiting for the phone", "no scan yet", SHOW_QR
    elif session.reason == "qr_expired" or session.status == "qr_pending":
        told, brief = "QR code expired", "expired"
    else:
        told, brief = known or session.detail or "credentials are gone", "not linked"
    return Why(told, Ink.TEXT, [step], brief=_brief(session.reason, brief), said=Said.REASON)


def _by_condition(session: SessionView, found: Condition, gone: bool) -> Why:
    told, brief = reason_words(session.reason, session.detail), _brief(session.reason)
    match found:
        case Condition.CONNECTED:
            if session.desired == "offline":
                return Why("should be offline", Ink.AMBER, [DISCONNECT], brief="unwanted")
            return Why("")
        case Condition.STARTING:
            waiting = "loading the chats" if session.status == "authenticated" else "waiting for its page"
            return Why(waiting, Ink.TEXT, [WAIT])
        case Condition.CLAIMED:
            if gone:
                return Why("daemon gone", Ink.TEXT, [SEE_DAEMON])
            return Why("not checked lately" if session.proven_at else "not checked yet", Ink.QUIET, [CHECK])
        case Condition.OFFLINE:
            if session.reason == "operator" and session.detail:
                brief = f"by {session.detail}"
            return Why(told or "switched off", Ink.QUIET, [NOTHING], brief=brief or "off", said=Said.REASON)
        case Condition.UNKNOWN:
            return Why(told or "never seen", Ink.QUIET, [CHECK], brief=brief, said=Said.REASON)
    return Why(told or "no reason given", Ink.TEXT, [RECONNECT], brief=brief, said=Said.REASON)
