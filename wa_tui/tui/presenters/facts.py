"""The facts of a session in words, for its details."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from wa_tui import wire
from wa_tui.keys.table import KEY_NAMES, KeyNames
from wa_tui.text.ages import ahead, since
from wa_tui.text.answer import Said
from wa_tui.text.attention import gateway_word
from wa_tui.text.cells import NONE, cell_len
from wa_tui.text.counts import many
from wa_tui.text.phone import phone
from wa_tui.text.quiet import quiet_words
from wa_tui.text.silence import besides, grade_words
from wa_tui.text.why import reason_words, why
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.presenters.rows import INKS, ribbon
from wa_tui.tui.presenters.times import dated, iso
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import LOOKS, Palette
from wa_tui.tui.style.pieces import Piece
from wa_tui.tui.style.ribbon import uptime
from wa_tui.tui.style.tables import Field
from wa_tui.wire import AttentionCode, Condition, GatewayView, HealingView, SessionView
from wa_tui.wire.reasons import with_words

_RIBBON = 24
_SHORT_HINT = 30
"""Cells of a hint that are kept on one line: a longer one would be broken inside a word where a column is narrow."""
_BESIDES = {Said.GHOST: "Ghost", Said.SILENT: "Silent"}
_PROVERS = {"sync": "a check", "action": "an action", "heal": "healing", "traffic": "WhatsApp"}


class Facts(NamedTuple):
    """How it is and why, the account, the evidence."""

    state: list[Field]
    account: list[Field]
    evidence: list[Field]

    @property
    def ribbon(self) -> Field:
        """Its last 24 hours, which is the last of how it is."""
        return self.state[-1]


def facts(
    session: SessionView,
    state: FleetState,
    palette: Palette,
    names: KeyNames = KEY_NAMES,
    *,
    iso_times: bool = False,
) -> Facts:
    """Gather what is known of a session, instants as a clock shows them or in ISO 8601; ``names`` are what to press."""
    return Facts(
        [
            *_state(session, state, names),
            *_care(session, state.gateways.get(session.gateway), state.now, names),
            _history(session, state, palette),
        ],
        _account(session, state),
        _evidence(session, state, iso_times),
    )


def ago(at: datetime | None, now: datetime, iso_times: bool = False) -> str:
    """Return an instant as local time and age."""
    if at is None:
        return NONE
    text = iso(at) if iso_times else dated(at, now)
    return f"{text} · {since(at, now)} ago"


def healing_words(healing: HealingView, now: datetime, *, brief: bool = False) -> str:
    """Return what healing does for a session: its state, attempts so far, the next one and, unless ``brief``, why."""
    attempts = f"{many(healing.attempts, 'attempt')} so far"
    parts = [healing.state, attempts]
    if healing.next_at is not None:
        parts.append(f"next {ahead(healing.next_at, now)}")
    return " · ".join(parts) + (f": {healing.why}" if healing.why and not brief else "")


def _state(session: SessionView, state: FleetState, names: KeyNames) -> list[Field]:
    found = state.condition(session.key, state.now)
    look, now = LOOKS[found], state.now
    gateway = state.gateways.get(session.gateway)
    receipt = state.receipts.get(session.action or "")
    answer = why(session, found, gateway, receipt=receipt, gone=not state.connected, now=now)
    reason, need = _reason(session), wire.session_need(session, gateway)
    hints = answer.hints(names)
    step = (Piece(f" · {_together(hints[0])}", Ink.QUIET),) if hints else ()
    status = f"{look.glyph} {found} for {since(session.condition_since, now)}"
    shown = [Field("Status", status, look.ink, bold=True)]
    if answer.text:
        why_fact = Field(
            "Why", reason if answer.said is Said.REASON and reason else answer.text, INKS[answer.tone]
        )
        shown.append(why_fact._replace(pieces=(*why_fact.content, *step)))
    if receipt is not None and receipt.text:
        shown.append(Field("Under way", f"{receipt.text} · {receipt.who}"))
    if reason and answer.said is not Said.REASON and not _tells_reason(session, answer.said):
        shown.append(Field("Reason", reason))
    for said, label, text in (
        (Said.NEED, "Needs you", need.sentence if need is not None else None),
        (Said.CONTRADICTION, "Contradiction", _contradiction(session)),
        (Said.UNANSWERED, "Unanswered", session.unanswered),
        *((said, _BESIDES[said], text) for said, text in besides(session, now)),
    ):
        if text and said is not answer.said:
            shown.append(Field(label, text, Ink.AMBER))
    return shown


def _together(hint: str) -> str:
    """Join the words of a short hint by no-break spaces."""
    return hint.replace(" ", "\u00a0") if cell_len(hint) <= _SHORT_HINT else hint


def _tells_reason(session: SessionView, said: Said) -> bool:
    """Tell whether what it needs a person for, where that is shown, has the reason in it."""
    return said is Said.NEED and session.attention is not None and session.attention.code.has_reason


def _contradiction(session: SessionView) -> str | None:
    """What two sources say differently, unless that is what it needs a person for."""
    need = session.attention
    return session.contradiction if need is None or need.code is not AttentionCode.UNWANTED else None


def _reason(session: SessionView) -> str:
    """Why it is as it is, with the gateway's own words where they are others."""
    return with_words(session.reason, session.detail) or reason_words(session.reason, None)


def _care(session: SessionView, gateway: GatewayView | None, now: datetime, names: KeyNames) -> list[Field]:
    """What healing does for it, and who takes care of it, or of its gateway where that is the cause."""
    shown = []
    if session.healing is not None:
        loud = session.healing.state in ("flapping", "exhausted")
        healing = healing_words(session.healing, now, brief=loud and session.attention is not None)
        shown.append(Field("Healing", healing, Ink.AMBER if loud else Ink.TEXT))
    if gateway is not None and wire.is_covered(session, gateway, now):
        shown.append(Field("Covered", f"by gateway {gateway.name}: {quiet_words(gateway, now)}"))
    return [*shown, *care_facts(session, now, names, "session")]


def care_facts(view: wire.Quietable, now: datetime, names: KeyNames, context: str) -> list[Field]:
    """Return who takes care of a session or a gateway, and until when it is snoozed; ``context`` has its keys."""
    shown = []
    if view.acknowledged is not None:
        taken = view.acknowledged
        back = _hint(names, f"{context}.acknowledge", "takes that back")
        shown.append(Field("Taken on", f"by {taken.who}, {since(taken.at, now)} ago{back}"))
    if wire.is_snoozed(view, now) and view.snoozed_until is not None:
        until = view.snoozed_until
        end = _hint(names, f"{context}.snooze", "ends that")
        shown.append(Field("Snoozed", f"until {until.astimezone():%d %b %H:%M} · {ahead(until, now)}{end}"))
    return shown


def _hint(names: KeyNames, id: str, effect: str) -> str:
    """Return what a key does, empty while it is refused."""
    return f" · {names[id]} {effect}" if id in names else ""


def _account(session: SessionView, state: FleetState) -> list[Field]:
    number = phone(session.phone_number, 24) if session.phone_number else NONE
    user = session.user_id or NONE
    return [
        Field("Phone", number),
        Field("User", f"{user}{' · primary' if session.is_primary else ''}"),
        Field("Wanted", session.desired),
        Field("Credentials", session.credentials.replace("_", " ")),
        Field("Gateway", _gateway(session, state.gateways.get(session.gateway), state.now)),
    ]


def _gateway(session: SessionView, gateway: GatewayView | None, now: datetime) -> str:
    if gateway is None:
        return session.gateway
    latency = (
        f" · {gateway.latency_ms} ms" if gateway.latency_ms is not None and gateway.state == "up" else ""
    )
    return f"{session.gateway} · {gateway_word(gateway)} for {since(gateway.since, now)}{latency}"


def _evidence(session: SessionView, state: FleetState, iso_times: bool) -> list[Field]:
    now = state.now
    return [
        Field("Connected", ago(session.connected_at, now, iso_times)),
        Field("Observed", ago(session.observed_at, now, iso_times)),
        _proof(session, state, iso_times),
        Field("Last used", ago(session.used_at, now, iso_times)),
    ]


def _proof(session: SessionView, state: FleetState, iso_times: bool) -> Field:
    """When it was last proven and by what, and whether that still counts."""
    best = state.proof(session)
    if best is not None and best.grade not in ("claimed", "client"):
        return Field("Proven", f"{ago(best.at, state.now, iso_times)} · {grade_words(best.grade)}", Ink.GREEN)
    at = session.proven_at
    if at is None:
        return Field("Proven", "never" if session.connected_at is None else NONE)
    by = f" · by {_PROVERS.get(session.proven_by, session.proven_by)}" if session.proven_by else ""
    counts = state.condition(session.key, state.now) is Condition.CONNECTED
    proof = Field("Proven", f"{ago(at, state.now, iso_times)}{by}", Ink.GREEN if counts else Ink.TEXT)
    if counts or session.status != "connected":
        return proof
    return proof._replace(pieces=(*proof.content, Piece(" · counts no more", Ink.AMBER)))


def _history(session: SessionView, state: FleetState, palette: Palette) -> Field:
    gateway = state.gateways.get(session.gateway)
    gaps = gateway.gaps if gateway else ()
    runs = ribbon(session, gateway, state.now, palette, _RIBBON)
    share = uptime(session.history, gaps, state.now)
    up = () if share is None else (Piece(f"  {share:.1f} %"),)
    return Field("24 h", pieces=(*runs, *up))
