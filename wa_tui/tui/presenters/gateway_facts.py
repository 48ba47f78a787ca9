"""A gateway as facts: how it answers, what it holds, its webhooks and its last hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from wa_tui.keys.table import KeyNames
from wa_tui.text.ages import ahead, since
from wa_tui.text.attention import gateway_word
from wa_tui.text.cells import NONE
from wa_tui.text.counts import many
from wa_tui.text.gateways import can_words, cannot_words, kind_words
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.presenters.facts import ago, care_facts
from wa_tui.tui.presenters.gateways import (
    clock_words,
    gateway_why,
    is_clock_off,
    is_full,
    named_conditions,
    sessions_there,
)
from wa_tui.tui.style.inks import Ink
from wa_tui.tui.style.palette import gateway_look
from wa_tui.tui.style.pieces import Piece
from wa_tui.tui.style.ribbon import spark
from wa_tui.tui.style.tables import Field
from wa_tui.wire import REFUSED, GatewayView, gateway_needs

_REFUSED = {str(kind): word for kind, word in REFUSED.items()} | {"unattributed": "of no known gateway"}
"""What webhooks came to that were not taken in, by the word they are counted under."""
_HAPPENED = {
    "adopted": ("session found", "sessions found"),
    "status": ("change of status", "changes of status"),
    "changed": ("other change", "other changes"),
    "qr": ("QR code", "QR codes"),
    "stale": ("outdated webhook", "outdated webhooks"),
    "late": ("late webhook", "late webhooks"),
    "hint": ("webhook without a time", "webhooks without a time"),
    "superseded": ("overtaken check", "overtaken checks"),
    "ahead": ("webhook dated ahead", "webhooks dated ahead"),
    "signed_late": ("webhook signed long ago", "webhooks signed long ago"),
    "duplicate": ("repeated webhook", "repeated webhooks"),
    "contradiction": ("contradiction", "contradictions"),
    "unanswered": ("check unanswered", "checks unanswered"),
    "silent": ("note of a silence", "notes of silences"),
    "ghost": ("note of a ghost", "notes of ghosts"),
    "tombstone": ("webhook of a deleted session", "webhooks of deleted sessions"),
    "orphan": ("orphan", "orphans"),
    "removed": ("session gone", "sessions gone"),
    "healing": ("note of healing", "notes of healing"),
    "action": ("action", "actions"),
    "attempt": ("attempt to send", "attempts to send"),
    "outcome": ("action finished", "actions finished"),
    "gateway": ("change of the gateway", "changes of the gateway"),
}
"""What happened in an hour, once and more often, by the kind of event."""


def gateway_facts(
    gateway: GatewayView,
    state: FleetState,
    names: KeyNames,
    *,
    iso_times: bool = False,
    ascii: bool = False,
) -> list[list[Field]]:
    """Return groups of facts: how it answers, what it holds, its webhooks; ``names`` is what to press."""
    return [
        [*_health(gateway, state.now, iso_times), *care_facts(gateway, state.now, names, "gateways")],
        _load(gateway, state, ascii),
        webhook_facts(gateway),
    ]


def _health(gateway: GatewayView, now: datetime, iso_times: bool) -> list[Field]:
    look = gateway_look(gateway.state)
    status = f"{look.glyph} {gateway_word(gateway)} for {since(gateway.since, now)}"
    shown = [Field("State", status, look.ink, bold=True)]
    if why := gateway_why(gateway, now):
        shown.append(Field("Why", pieces=why))
    shown += [Field("To do", need.action, Ink.AMBER) for need in gateway_needs(gateway) if need.action]
    latency = NONE if gateway.latency_ms is None else f"{gateway.latency_ms} ms for its health"
    clock = Ink.AMBER if is_clock_off(gateway) else Ink.TEXT
    return [
        *shown,
        Field("Kind", kind_words(gateway) or "not known yet"),
        Field("URL", gateway.url),
        Field("Latency", latency),
        Field("Started", ago(gateway.started_at, now, iso_times)),
        Field("Restarts", f"{gateway.restarts} seen"),
        Field("Last seen", ago(gateway.seen_at, now, iso_times)),
        Field("Its clock", clock_words(gateway), clock),
        Field("Can do", can_words(gateway) or NONE),
        *([Field("Cannot", cannot)] if (cannot := cannot_words(gateway)) else []),
        Field("Read-only", "yes: only safe actions" if gateway.read_only else "no"),
    ]


def _load(gateway: GatewayView, state: FleetState, ascii: bool) -> list[Field]:
    of = ", and told no limit" if gateway.limit is None else f" of {gateway.limit}"
    differ = many(gateway.drift, "session")
    drift = f"its list says otherwise than the checks of {differ}" if gateway.drift else "none"
    busiest = max(gateway.per_minute, default=0)
    return [
        Field("Sessions", pieces=named_conditions(sessions_there(gateway.name, state))),
        Field("Capacity", f"{gateway.sessions}{of}", Ink.AMBER if is_full(gateway) else Ink.TEXT),
        Field("Drift", drift, Ink.AMBER if gateway.drift else Ink.TEXT),
        *_checks(gateway),
        *_healing(gateway, state.now),
        Field(
            "Events/min",
            pieces=(
                Piece(spark(gateway.per_minute, 30, ascii).strip() or NONE, Ink.GREEN),
                Piece(f" 1 h, at most {busiest}", Ink.QUIET),
            ),
        ),
    ]


def _checks(gateway: GatewayView) -> list[Field]:
    """How often its sessions are checked, where the daemon tells that."""
    every = gateway.status_interval_s
    if every is None:
        return []
    worth = f"a proof counts for {2 * every:.0f} s" if gateway.proves else "they prove nothing"
    return [Field("Checks", f"each session every {every:.0f} s; {worth}")]


def _healing(gateway: GatewayView, now: datetime) -> list[Field]:
    healing = gateway.healing
    if healing is None:
        return []
    if not healing.enabled:
        return [Field("Healing", "off")]
    shown = [
        Field(
            "Starts",
            f"{healing.starting} now, {healing.waiting} waiting, healing {healing.at_once} at once at most",
        )
    ]
    if healing.paused_until is not None and healing.paused_until > now:
        pauses = f"pauses, goes on {ahead(healing.paused_until, now)}: {healing.why}"
        return [*shown, Field("Healing", pauses, Ink.AMBER)]
    if gateway.state in ("down", "unauthorised"):
        until = "takes our key" if gateway.state == "unauthorised" else "answers"
        return [*shown, Field("Healing", f"waits until {gateway.name} {until}")]
    return [*shown, Field("Healing", "works")]


def webhook_facts(gateway: GatewayView) -> list[Field]:
    """Return what came of a gateway's webhooks, and what happened on it in the last hour."""
    besides = {*_REFUSED, "ahead", "signed_late"}
    taken = {word: number for word, number in gateway.webhooks.items() if word not in besides}
    refused = _listed({_REFUSED[w]: n for w, n in gateway.webhooks.items() if w in _REFUSED})
    lately = _listed({_REFUSED[w]: n for w, n in gateway.hour.items() if w in _REFUSED})
    events = {w: n for w, n in gateway.hour.items() if w not in _REFUSED and w != "missing"}
    missing = gateway.hour.get("missing", 0)
    return [
        Field("Webhooks", f"{sum(taken.values())} since the daemon started"),
        Field("By verdict", _listed(taken) or "none came"),
        Field("Refused", refused or "none", Ink.AMBER if refused else Ink.TEXT),
        Field("… last hour", lately or "none", Ink.AMBER if lately else Ink.TEXT),
        *([Field("Ignored", _listed(gateway.ignored))] if gateway.ignored else []),
        *([Field("Said again", _listed(gateway.repeated))] if gateway.repeated else []),
        *(
            [Field("Odd fields", f"{_listed(gateway.decoration)}: read, or dropped")]
            if gateway.decoration
            else []
        ),
        Field("Missing", f"{missing or 'none'} in the last hour", Ink.AMBER if missing else Ink.TEXT),
        Field("Last hour", _listed(events, _HAPPENED) or "nothing happened"),
    ]


def _listed(numbers: dict[str, int], names: Mapping[str, tuple[str, str]] = MappingProxyType({})) -> str:
    """Return numbers by word, most first; ``names`` has what one and many are called."""
    ranked = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    known = {word: (word.replace("_", " "),) * 2 for word in numbers} | dict(names)
    return ", ".join(f"{number} {known[word][number != 1]}" for word, number in ranked)
