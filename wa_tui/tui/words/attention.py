"""What gateways and the daemon need a person for, in a word or two."""

from __future__ import annotations

from collections.abc import Iterable

from wa_tui.wire import Attention, AttentionCode

_WORDS = {
    AttentionCode.STORE_FAILED: "cannot store",
    AttentionCode.GATEWAY_DOWN: "down",
    AttentionCode.KEY_REFUSED: "wrong key",
    AttentionCode.GATEWAY_RESTARTS: "restarts",
    AttentionCode.WEBHOOKS_REFUSED: "refused",
    AttentionCode.STORE_DAMAGED: "damaged",
    AttentionCode.STORE_HELD: "log grows",
}


def need_word(code: AttentionCode) -> str:
    """Return a need in a word or two, at most 13 cells."""
    return _WORDS.get(code) or code.replace("_", " ")[:13]


def sentences(needs: Iterable[Attention]) -> str:
    """Return what happened and what to do, of all."""
    return " · ".join(each.sentence for each in needs)
