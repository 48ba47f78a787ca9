"""Reasons as a person says them."""

from __future__ import annotations

OPERATOR = "operator"
UNLINKED = "unlinked"
BY_WISH = frozenset({OPERATOR, UNLINKED})
"""Somebody disconnected it on purpose, or unlinked its account: the words beside these reasons are who."""

REASON_WORDS: dict[str, str] = {
    "logout": "logged out on the phone",
    "conflict": "opened elsewhere",
    "banned": "number banned by WhatsApp",
    "passkey": "passkey required",
    "navigation": "page reloaded",
    "qr_expired": "QR code expired",
    "missing": "missing on the gateway",
    "gateway_unreachable": "gateway unreachable",
    "browser_died": "browser died",
    "profile_in_use": "profile in use",
    "browser_unable": "browser cannot start",
    "restore_failed": "not restored by the gateway",
    OPERATOR: "disconnected by an operator",
    UNLINKED: "unlinked by an operator",
}
"""By canonical reason; ``other`` has only the gateway's own words."""


def in_brief(reason: str | None, detail: str | None) -> str:
    """Return a reason as a person says it; the gateway's own words where there is no other, and who it was."""
    if reason in BY_WISH:
        return with_words(reason, detail)
    return REASON_WORDS.get(reason or "") or detail or (reason or "").replace("_", " ")


def with_words(reason: str | None, detail: str | None) -> str:
    """Return a reason as a person says it, with the gateway's own words where they say more; empty for neither."""
    if reason in BY_WISH and detail:
        return REASON_WORDS[reason].replace("an operator", detail)
    plain = REASON_WORDS.get(reason or "", "")
    if not plain or not detail:
        return plain or detail or ""
    if detail.casefold() in plain:
        return plain
    if detail.casefold().startswith(" ".join(plain.split()[:3])):
        # They begin with the same, and go on.
        return detail[0].lower() + detail[1:]
    return f"{plain} ({detail})"
