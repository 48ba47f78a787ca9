"""What to do about a gateway's webhooks that are refused, by what they are refused for."""

from __future__ import annotations

from wa_tui.wire import RefusalKind

WEBHOOKS = "/api/v1/sessions/webhook/"
RESTORING = "/api/v1/sessions/active-sessions/"


def advice(kind: RefusalKind, gateway: str, detail: str, *, keeps_contract: bool = True) -> str:
    """Return the next step; ``detail`` is what was wrong with the last one: a path, a method, a decoder's words."""
    if not keeps_contract:
        return _foreign(kind, gateway, detail)
    match kind:
        case RefusalKind.WRONG_KEY | RefusalKind.RESTORE_KEY:
            return (
                f"set the key that its service sends (x-api-key) as webhook_key of {gateway} here, or as its "
                "api_key where one key goes both ways"
            )
        case RefusalKind.WRONG_SIGNATURE:
            return f"set webhook_secret of {gateway} here, and WEBHOOK_SECRET of its service, to one secret"
        case RefusalKind.RESTORE_SHARED:
            return (
                f"give each gateway its own key, or have it ask /api/v1/gateways/{gateway}/active-sessions/"
            )
        case RefusalKind.WRONG_PATH:
            return _path(detail)
        case RefusalKind.WRONG_METHOD:
            return (
                f"a redirect or a proxy makes {detail or 'GET'} of its POST: set its WEBHOOK_URL to the address "
                "that answers without one"
            )
        case RefusalKind.UNKNOWN_ROUTE:
            return f"have its WEBHOOK_URL end in /api/v1/gateways/{gateway}/webhook/"
        case RefusalKind.UNKNOWN_STATUS:
            return f"its service may be newer than wa-tui: {detail}"
        case RefusalKind.TOO_LARGE:
            return f"see what its service, or a proxy before it, puts into its webhooks: {detail}"
        case RefusalKind.ENCODED:
            return f"have its service, or the proxy before wa-tui, post plain JSON: {detail}"
    return f"see what its service sends: {detail}"


def _foreign(kind: RefusalKind, gateway: str, detail: str) -> str:
    setup = f"`wa-tui gateways setup {gateway}` shows how"
    match kind:
        case RefusalKind.WRONG_KEY:
            return f"have it post with its webhook_key: {setup}"
        case RefusalKind.WRONG_PATH | RefusalKind.UNKNOWN_ROUTE | RefusalKind.WRONG_METHOD:
            return f"have it POST to /api/v1/gateways/{gateway}/webhook: {setup}"
    return f"see what it sends: {detail}"


def _path(wrong: str) -> str:
    right = RESTORING if "active-sessions" in wrong else WEBHOOKS
    prefix = wrong.rstrip("/").removesuffix(right.rstrip("/"))
    if prefix != wrong.rstrip("/"):
        return f"a proxy before wa-tui keeps its prefix: have it pass {wrong} on as {right}"
    setting = "it ask" if right is RESTORING else "its WEBHOOK_URL end in"
    return (
        f"have {setting} {right}, not in {wrong}"
        if right is WEBHOOKS
        else f"have {setting} {right}, not {wrong}"
    )
