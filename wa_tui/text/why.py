"""WHY: what holds a session in its state, in words a person says, and what to do, or that nothing is to be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wa_tui import wire
from wa_tui.identity.capabilities import Capability
from wa_tui.wire import (
    Attention,
    AttentionCode,
    Cause,
    Condition,
    GatewayView,
    GhostView,
    HealingView,
    Receipt,
    SessionView,
    cause_of,
    claim_holds,
    gateway_needs,
    waits_for,
)
from wa_tui.wire.reasons import BY_WISH, REASON_WORDS, in_brief

from .advice import (
    BY_ITSELF,
    CHECK,
    DISCONNECT,
    NOTHING,
    RECONNECT,
    RENEW_QR,
    SEE_DAEMON,
    SEE_PHONE,
    SHOW_QR,
    UNLINK,
    WAIT,
    Step,
    first_mend,
    steps_of,
)
from .ages import ahead
from .answer import Said, Tone, Why
from .attention import need_word
from .cells import cut
from .cleaning import clean
from .quiet import PAUSED, paused_words, quiet_words, stays_paused
from .silence import ghost_words, silence

_WHO = 12

_BRIEF = {
    "logout": "logged out",
    "navigation": "reloaded",
    "qr_expired": "expired",
    "missing": "missing",
    "gateway_unreachable": "unreachable",
    "passkey": "passkey",
    "profile_in_use": "profile used",
    "browser_unable": "no browser",
    "restore_failed": "not restored",
    "operator": "switched off",
    "unlinked": "unlinked",
    "banned": "banned",
}
"""Reasons in a word or two."""


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
        deleted = Why(
            "deleted, still on the gateway", Tone.WARN, [DISCONNECT], brief="deleted", said=Said.NEED
        )
        return _once_there(deleted, session, gateway)
    if found is Condition.SCAN_QR:
        return _once_there(_scan(session), session, gateway)
    need = session.attention
    if need is not None and need.code is not AttentionCode.DOWN:
        needed = _needed(session, paused_words(gateway, now) if now is not None else "")
        needed = _once_there(needed, session, gateway)
        if need.code is AttentionCode.SILENT and session.silent is not None and now is not None:
            said = silence(session.silent, now)
            return needed._replace(text=said.text, brief=said.brief)
        only_unlinked = _is_only_unlinked(need, gateway) and not waits_for(need.code, gateway)
        return needed._replace(steps=[UNLINK]) if only_unlinked else needed
    doubt = _doubt(session, found, gateway, now)
    if doubt is not None:
        return doubt
    if not gone and found is Condition.CLAIMED and claim_holds(session, gateway):
        return Why("")
    reason = _by_condition(session, found, gone)
    down = found in (Condition.DISCONNECTED, Condition.AUTH_FAILED)
    if down and session.healing is not None and now is not None:
        if gateway is not None and cause_of(session, found, gateway) is Cause.HEALING_PAUSED:
            return _paused(reason, gateway, now)
        return reason._replace(steps=[_next_try(session.healing, now)])
    return reason


def care(session: SessionView, gateway: GatewayView | None, now: datetime) -> Step | None:
    """Return for how long a session calls nobody, or who takes care of it, or of its gateway where that covers it."""
    if wire.is_snoozed(session, now) and session.snoozed_until is not None:
        return Step(f"snoozed {ahead(session.snoozed_until, now).removeprefix('in ')}", short="snoozed")
    if session.acknowledged is not None:
        who = cut(clean(session.acknowledged.who).partition(" (")[0].partition("@")[0], _WHO)
        return Step(f"taken: {who}", short="taken")
    if gateway is not None and wire.is_covered(session, gateway, now):
        return Step(f"gateway {quiet_words(gateway, now)}", short="covered")
    return None


def _doubt(
    session: SessionView, found: Condition, gateway: GatewayView | None, now: datetime | None
) -> Why | None:
    """Return what speaks against a session's status, or keeps it from being known."""
    if session.contradiction is not None:
        return Why(session.contradiction, Tone.WARN, [CHECK], said=Said.CONTRADICTION)
    if found is not Condition.OFFLINE and gateway is not None:
        reason = _by_gateway(gateway)
        if reason is not None:
            return reason
    if session.unanswered is not None:
        return Why(session.unanswered, Tone.WARN, [CHECK], said=Said.UNANSWERED)
    if session.ghost is not None:
        return _ghost(session.ghost, session.healing, now)
    if session.silent is not None and now is not None and found in (Condition.CONNECTED, Condition.CLAIMED):
        return silence(session.silent, now)
    return None


def _next_try(healing: HealingView, now: datetime) -> Step:
    """Return healing's next step for a session that calls no person."""
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


def _once_there(answer: Why, session: SessionView, gateway: GatewayView | None) -> Why:
    """Return an answer whose next step waits for its gateway, where that is away."""
    need = session.attention
    if need is None or gateway is None or not waits_for(need.code, gateway):
        return answer
    return answer._replace(steps=[first_mend(gateway.name)])


def steps_for(need: Attention, ghost: GhostView | None) -> Sequence[Step]:
    """Return what to do about a session's need, from long to short."""
    steps = steps_of(need)
    if ghost is not None and ghost.restarted_at is not None:
        # Another start would help no more than healing's did.
        return [*steps[:-1], SEE_PHONE]
    return steps


def _needed(session: SessionView, paused: str) -> Why:
    assert session.attention is not None
    need = session.attention
    brief = "" if need.code is AttentionCode.OTHER else need_word(need.code)
    steps = steps_for(need, session.ghost)
    if paused and need.code is AttentionCode.BROWSER_UNABLE:
        steps = [*(Step(f"{step.text}, {paused}") for step in steps), *steps]
    return Why(need.text, Tone.WARN, steps, brief=brief, said=Said.NEED)


def _ghost(ghost: GhostView, healing: HealingView | None, now: datetime | None) -> Why:
    """Return what denies a session that calls no person: healing restarts it, or is to."""
    step = BY_ITSELF if healing is None or now is None else _next_try(healing, now)
    return Why(ghost_words(ghost), Tone.BAD, [step], brief="ghost", said=Said.GHOST)


def _paused(reason: Why, gateway: GatewayView, now: datetime) -> Why:
    """Return that starts fail on the gateway: that holds the session, whatever it went down for."""
    # While one session is tried after a first pause, the others wait for it.
    paused = paused_words(gateway, now) or PAUSED
    cause = gateway.healing.why if gateway.healing is not None else ""
    todo = "see its gateway" if stays_paused(gateway) else "it goes on by itself"
    return reason._replace(
        text=f"starts fail: {cause}" if cause else reason.text,
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
            return Why(f"{brief}: {need.text}", Tone.PLAIN, steps_of(need), brief=brief)
        case "restarting":
            return Why("gateway restarting", Tone.PLAIN, [BY_ITSELF])
        case "returned":
            return Why("gateway back, it may restore", Tone.PLAIN, [BY_ITSELF])
        case "unknown":
            return Why("gateway not seen yet", Tone.PLAIN, [WAIT])
    return None


def _brief(reason: str | None, other: str = "") -> str:
    return _BRIEF.get(reason or "", other)


def _is_only_unlinked(need: Attention, gateway: GatewayView | None) -> bool:
    """Tell whether what should be offline can only be unlinked there."""
    if need.code is not AttentionCode.UNWANTED or gateway is None:
        return False
    return gateway.can(Capability.LOGOUT) and not gateway.can(Capability.STOP)


def _under_way(receipt: Receipt | None) -> Why:
    action = "action" if receipt is None else receipt.action.replace("_", " ")
    return Why(f"{action} under way", Tone.WARN, [WAIT])


def _scan(session: SessionView) -> Why:
    known, step = _known(session), RENEW_QR
    if session.desired == "offline":
        return Why(
            known or "switched off",
            Tone.QUIET,
            [NOTHING],
            brief=_brief(session.reason, "off"),
            said=Said.REASON,
        )
    if session.qr is not None:
        reason, brief, step = known or "waiting for the phone", "no scan yet", SHOW_QR
    elif session.reason == "qr_expired" or session.status == "qr_pending":
        reason, brief = "QR code expired", "expired"
    else:
        reason, brief = known or session.detail or "credentials are gone", "not linked"
    return Why(reason, Tone.PLAIN, [step], brief=_brief(session.reason, brief), said=Said.REASON)


def _known(session: SessionView) -> str:
    """Return why it waits for a scan, where that is known."""
    return in_brief(session.reason, session.detail) if session.reason in REASON_WORDS else ""


def _by_condition(session: SessionView, found: Condition, gone: bool) -> Why:
    reason, brief = reason_words(session.reason, session.detail), _brief(session.reason)
    match found:
        case Condition.CONNECTED:
            if session.desired == "offline":
                return Why("should be offline", Tone.WARN, [DISCONNECT], brief="unwanted")
            return Why("")
        case Condition.STARTING:
            waiting = "loading the chats" if session.status == "authenticated" else "waiting for its page"
            return Why(waiting, Tone.PLAIN, [WAIT])
        case Condition.CLAIMED:
            if gone:
                return Why("daemon gone", Tone.PLAIN, [SEE_DAEMON])
            return Why("not checked lately" if session.proven_at else "not checked yet", Tone.QUIET, [CHECK])
        case Condition.OFFLINE:
            if session.reason in BY_WISH and session.detail:
                brief = f"by {session.detail}"
            return Why(
                reason or "switched off", Tone.QUIET, [NOTHING], brief=brief or "off", said=Said.REASON
            )
        case Condition.UNKNOWN:
            return Why(reason or "never seen", Tone.QUIET, [CHECK], brief=brief, said=Said.REASON)
    return Why(reason or "no reason given", Tone.PLAIN, [RECONNECT], brief=brief, said=Said.REASON)
