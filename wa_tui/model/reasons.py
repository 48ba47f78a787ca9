"""Classifies a gateway's own words into canonical reasons, in one table."""

from __future__ import annotations

import re

from .facts import Checked, Webhook
from .registers import Reason

_TABLE: tuple[tuple[Reason, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern, re.IGNORECASE))
    for reason, pattern in (
        # First: a browser that did not start says much on its way out, in words that stand for other things below.
        (
            Reason.PROFILE_IN_USE,
            r"browser is already running\b|profile appears to be in use|\bprofile[ _](is )?(already )?in[ _]use\b|"
            r"processsingleton",
        ),
        (
            Reason.BROWSER_UNABLE,
            r"\bbrowser_unable\b|browser cannot start|failed to launch the browser|"
            r"no usable sandbox|without --no-sandbox|"
            r"error while loading shared libraries|missing x server|unable to open x display|"
            r"could not find (chrome|chromium|expected browser|browser)|"
            r"browser was not found|no executable was found|executablepath|"
            r"waiting for the ws endpoint url|\bspawn \S.* e(noent|acces|perm|again|mfile|nfile|nomem)\b|"
            r"\benospc\b|no space left on device|\bdisk (is )?full\b|\benomem\b|cannot allocate memory",
        ),
        (Reason.LOGOUT, r"\blog(ged)?[ _-]?out\b|\bunpaired(_idle)?\b"),
        (Reason.CONFLICT, r"\bconflict\b|opened (elsewhere|on another)|\breplaced\b"),
        (
            Reason.BANNED,
            r"\bbanned\b|\bban\b|tos_block|\bblocked by whatsapp\b|\b(account|number)\b.*\bblocked\b",
        ),
        (Reason.QR_EXPIRED, r"max qrcode retries|qr code (expired|generation timeout)"),
        (
            Reason.BROWSER_DIED,
            r"session closed|protocol error|target closed|detached frame|page crashed|"
            r"browser (has )?(disconnected|died|closed|was killed)|connection closed",
        ),
        (Reason.NAVIGATION, r"\bnavigation\b|execution context was destroyed"),
        (Reason.RESTORE_FAILED, r"failed to restore session|\brestore_failed\b"),
        (Reason.MISSING, r"not_found|client not found"),
        (Reason.GATEWAY_UNREACHABLE, r"econnrefused|connection refused|unreachable"),
    )
)

_IDLE = re.compile(r"health check detected disconnection", re.IGNORECASE)
"""Words that say that it is down, and nothing of why: repeated at every pass (contract §2)."""

REVOKED = frozenset({Reason.LOGOUT})
"""Reasons after which the stored credentials are worth nothing (design §3, rule 3)."""


def reason_of(fact: Webhook | Checked) -> Reason | None:
    """Return why a status holds: what the table of the gateway's kind said, else what its words say."""
    return classify(fact.detail) if fact.reason is None else fact.reason


def classify(detail: str | None) -> Reason | None:
    """Return the canonical reason for a gateway's words: ``None`` for none or idle ones, ``other`` for unknown ones."""
    if not detail or _IDLE.search(detail):
        return None
    for reason, pattern in _TABLE:
        if pattern.search(detail):
            return reason
    return Reason.OTHER
