"""Recognises webhooks that came before: a sender without an answer sends them again."""

from __future__ import annotations

import msgspec

from wa_tui.model.facts import Webhook

REMEMBERED = 50_000
"""Webhooks whose repetition is recognised: no more than these, and at least half as many."""

_encode = msgspec.json.Encoder().encode


class Repeats:
    """What was committed lately, as fingerprints."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._seen_before: set[bytes] = set()

    def __contains__(self, fingerprint: bytes) -> bool:
        return fingerprint in self._seen or fingerprint in self._seen_before

    def remember(self, fresh: set[bytes]) -> None:
        """Take in what was committed."""
        self._seen |= fresh
        if len(self._seen) >= REMEMBERED // 2:
            self._seen_before, self._seen = self._seen, set()


def fingerprint(fact: Webhook) -> bytes:
    """What makes two webhooks the same one: its own id, or all it says; as bytes, which are kept by the thousands."""
    if fact.event_id is not None:
        return _encode((fact.gateway, fact.event_id))
    return _encode(
        (
            fact.gateway,
            fact.session_id,
            fact.status,
            fact.timestamp,
            fact.sequence,
            fact.boot_id,
            fact.detail,
            fact.phone_number,
            fact.qr.digest if fact.qr is not None else None,
        )
    )
