"""A gateway's webhooks and its last hour as facts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from wa_tui.tui.style.facts import Field
from wa_tui.tui.style.inks import Ink
from wa_tui.wire import REFUSED, GatewayView

_REFUSED = {str(kind): word for kind, word in REFUSED.items()} | {"unattributed": "of no known gateway"}
"""What webhooks came to that were not taken in, by the word they are counted under."""

_HAPPENED = {
    "adopted": ("session found", "sessions found"),
    "status": ("change of status", "changes of status"),
    "changed": ("other change", "other changes"),
    "qr": ("QR code", "QR codes"),
    "stale": ("outdated webhook", "outdated webhooks"),
    "late": ("late webhook", "late webhooks"),
    "superseded": ("overtaken check", "overtaken checks"),
    "ahead": ("webhook dated ahead", "webhooks dated ahead"),
    "duplicate": ("repeated webhook", "repeated webhooks"),
    "contradiction": ("contradiction", "contradictions"),
    "silence": ("check unanswered", "checks unanswered"),
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


def webhook_facts(gateway: GatewayView) -> list[Field]:
    """Return what came of a gateway's webhooks, and what happened on it in the last hour."""
    besides = {*_REFUSED, "ahead"}
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
        *(
            [Field("Odd fields", f"{_listed(gateway.decoration)}: read, or dropped")]
            if gateway.decoration
            else []
        ),
        Field("Missing", f"{missing or 'none'} in the last hour", Ink.AMBER if missing else Ink.TEXT),
        Field("Last hour", _listed(events, _HAPPENED) or "nothing happened"),
    ]


def _listed(numbers: dict[str, int], detail: Mapping[str, tuple[str, str]] = MappingProxyType({})) -> str:
    """Return numbers by word, most first; ``detail`` has what one and many are called."""
    ranked = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    known = {word: (word.replace("_", " "),) * 2 for word in numbers} | dict(detail)
    return ", ".join(f"{number} {known[word][number != 1]}" for word, number in ranked)
