"""What a person is needed for, and the state of a gateway, in a word or two."""

from __future__ import annotations

from collections.abc import Iterable

from wa_tui.wire import Attention, AttentionCode, GatewayView, gateway_needs

from .events import status_word

_WORDS = {
    AttentionCode.STORE_FAILED: "cannot store",
    AttentionCode.GATEWAY_DOWN: "gateway down",
    AttentionCode.KEY_REFUSED: "wrong key",
    AttentionCode.PROXY_REFUSES: "proxy bars",
    AttentionCode.GATEWAY_RESTARTS: "restarts",
    AttentionCode.WEBHOOKS_REFUSED: "refused",
    AttentionCode.GATEWAY_SILENT: "all silent",
    AttentionCode.HOOK_FAILED: "hook fails",
    AttentionCode.PROFILE_IN_USE: "profile used",
    AttentionCode.BROWSER_UNABLE: "no browser",
    AttentionCode.SCAN_QR: "scan QR",
    AttentionCode.STORE_DAMAGED: "damaged",
    AttentionCode.STORE_HELD: "log grows",
    AttentionCode.NOTICE: "daemon",
}


def need_word(code: AttentionCode) -> str:
    """Return a need in a word or two, at most 14 cells."""
    return _WORDS.get(code) or code.replace("_", " ")


def short_word(code: AttentionCode) -> str:
    """Return a need as the header counts it, where room is short."""
    return "QR" if code is AttentionCode.SCAN_QR else need_word(code)


def sentences(needs: Iterable[Attention]) -> str:
    """Return what happened and what to do, of all."""
    return " · ".join(each.sentence for each in needs)


def gateway_word(gateway: GatewayView) -> str:
    """Return a gateway's state as a person says it: for one that lets us not in, who refuses, it or a proxy."""
    if gateway.state == "unauthorised":
        return need_word(gateway_needs(gateway)[0].code)
    return status_word(gateway.state)
